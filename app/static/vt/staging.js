/* Files are sent as soon as they are chosen: each by itself, with its progress and its own result. What was taken in
   stands in the list as a ticked box of the form; without script the plain input sends them with the form. */
import { element, say, words as pageWords } from "./words.js";

const AT_ONCE = 2;

/** Send one file; gives {uploads, faults} as the server answers. `told` hears the percentage. */
export function send(address, file, token, told = () => {}) {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    form.append("csrf_token", token);
    form.append("files", file, file.name);
    const request = new XMLHttpRequest(); // fetch tells nothing while it sends
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) told(Math.floor((100 * event.loaded) / event.total)); });
    request.addEventListener("load", () => {
      try {
        resolve(JSON.parse(request.responseText));
      } catch {
        reject(new Error(String(request.status)));
      }
    });
    request.addEventListener("error", () => reject(new Error("network")));
    request.addEventListener("abort", () => reject(new Error("aborted")));
    request.send(form);
  });
}

/** A queue that works on so many things at a time; `idle` resolves when nothing is left. */
export class Queue {
  constructor(most = AT_ONCE) {
    this.most = most;
    this.running = 0;
    this.waiting = [];
    this.calls = [];
  }

  add(work) {
    this.waiting.push(work);
    this.run();
  }

  run() {
    while (this.running < this.most && this.waiting.length) {
      this.running += 1;
      this.waiting.shift()().finally(() => {
        this.running -= 1;
        this.run();
        if (!this.running && !this.waiting.length) this.calls.splice(0).forEach((call) => call());
      });
    }
  }

  get busy() { return this.running > 0 || this.waiting.length > 0; }

  idle() { return this.busy ? new Promise((resolve) => { this.calls.push(resolve); }) : Promise.resolve(); }
}

/** One place of a form that takes files. Tells the place: staging:added, staging:removed, staging:chosen (a file is to
    be shown), with the list's line as detail. */
export class Staging {
  constructor(place) {
    this.place = place;
    this.words = JSON.parse(place.dataset.words);
    this.list = place.querySelector(".staged-files");
    this.form = place.closest("form");
    this.input = place.querySelector("input[type=file]");
    this.zone = place.querySelector("[data-drop]");
    this.limit = Number(this.zone?.dataset.limit ?? 0);
    this.queue = new Queue();
    this.lines().forEach((line) => this.dress(line));
    this.input.addEventListener("change", () => { this.take([...this.input.files]); this.input.value = ""; });
    this.form.addEventListener("submit", (event) => this.hold(event));
  }

  lines() { return [...this.list.children].filter((line) => line.dataset.upload); }

  get ids() { return this.lines().map((line) => line.dataset.upload); }

  /** Take files, however they came. */
  take(files) {
    files.forEach((file) => {
      const state = element("span", { class: "size", role: "status" }, say(this.words.sending, { percent: 0 }));
      const bar = element("progress", { max: "100", value: "0", "aria-hidden": "true" });
      const line = element("li", { class: "going" }, element("span", { class: "name" }, file.name), bar, state);
      this.list.append(line);
      if (this.limit && file.size > this.limit) {
        this.fail(line, file.name, say(pageWords.too_large, { limit: this.zone.dataset.limitText }));
        return;
      }
      this.queue.add(() => this.send(file, line, bar, state));
    });
  }

  async send(file, line, bar, state) {
    try {
      const answer = await send(this.place.dataset.staging, file, this.form.elements.csrf_token.value, (percent) => {
        bar.value = percent;
        state.textContent = percent < 100 ? say(this.words.sending, { percent }) : this.words.checking;
      });
      const [upload] = answer.uploads ?? [];
      if (upload) this.added(line, upload);
      else this.fail(line, file.name, answer.faults?.map((fault) => fault.message).join(" ") || this.words.failed);
    } catch (fault) {
      this.fail(line, file.name, /^4/.test(fault.message) ? this.words.session : this.words.failed);
    }
  }

  added(line, upload) {
    const pages = upload.pages ? ` · ${say(this.words.pages, { n: upload.pages })}` : "";
    Object.assign(line.dataset, { upload: upload.id, src: upload.src, type: upload.type, reading: upload.reading, title: upload.name });
    line.className = "";
    line.replaceChildren(
      element("label", { class: "tick-line" }, element("input", { type: "checkbox", name: this.place.dataset.name, value: upload.id, checked: true }), element("span", { class: "name" }, upload.name)),
      element("span", { class: "size" }, `${upload.size}${pages}`),
    );
    this.dress(line);
    this.tell("staging:added", line);
  }

  /** A line of a file that is there: its name shows it, a cross takes it away at once. */
  dress(line) {
    const tick = line.querySelector("input[type=checkbox]");
    const { title } = line.dataset;
    const hidden = element("input", { type: "hidden", name: tick.name, value: tick.value });
    const label = { class: "name link", "aria-label": say(this.words.show, { name: title }) };
    const beside = this.form.querySelector("[data-paper]");
    const show = beside ? element("button", { type: "button", ...label }, title) : element("a", { href: line.dataset.src, target: "_blank", rel: "noopener", ...label }, title);
    if (beside) show.addEventListener("click", () => this.tell("staging:chosen", line));
    tick.closest("label").replaceWith(show);
    const remove = this.cross(say(this.words.remove, { name: title }));
    remove.addEventListener("click", () => {
      line.remove();
      this.tell("staging:removed", line); // first: whoever still reads it stops, then it goes
      this.forget([line.dataset.upload]).catch(() => {}); // what is not taken back is cleared away in a day
      (this.list.querySelector("button") ?? this.input).focus();
    });
    line.append(hidden, remove);
  }

  cross(label) {
    return element("button", { type: "button", class: "btn quiet icon small", "aria-label": label, title: label }, element("i", { class: "fa fa-times", "aria-hidden": "true" }));
  }

  fail(line, name, sentence) {
    const close = this.cross(this.words.dismiss);
    close.addEventListener("click", () => { line.remove(); this.input.focus(); });
    line.className = "failed";
    line.setAttribute("role", "alert");
    line.replaceChildren(
      element("i", { class: "fa fa-exclamation-circle", "aria-hidden": "true" }),
      element("span", { class: "name" }, name, element("span", { class: "error-text" }, sentence)),
      close,
    );
  }

  /** Take uploads back from the server at once. Whoever reads them has been told before. */
  async forget(ids) {
    const form = new FormData();
    form.append("csrf_token", this.form.elements.csrf_token.value);
    form.append("ids", ids.join(","));
    const answer = await fetch(this.place.dataset.forget, { method: "POST", body: form, credentials: "same-origin", keepalive: true });
    if (!answer.ok) throw new Error(String(answer.status));
  }

  /** Take all of them away, on the page and on the server. Where the server does not, they are listed again, and the
      caller hears of it. */
  async forgetAll() {
    await this.queue.idle();
    const { ids } = this;
    const lines = this.lines();
    this.list.replaceChildren();
    lines.forEach((line) => this.tell("staging:removed", line));
    if (!ids.length) return;
    try {
      await this.forget(ids);
    } catch (fault) {
      this.list.append(...lines);
      lines.forEach((line) => this.tell("staging:added", line));
      throw fault;
    }
  }

  /** A form sent while files are on their way waits for them. */
  hold(event) {
    if (!this.queue.busy || event.defaultPrevented) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    this.queue.idle().then(() => this.form.requestSubmit(button ?? undefined));
  }

  tell(name, line) { this.place.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: { line, staging: this } })); }
}

/** All places of the page that take files; dropped anywhere on the page they go to the one there is. */
export function stagings(root = document) {
  const made = [...root.querySelectorAll("[data-staging]")].map((place) => new Staging(place));
  if (made.length === 1) droppedAnywhere((files) => made[0].take(files), made[0].zone);
  return made;
}

/** Files dropped anywhere on the page; `zone` shows that they may be. */
export function droppedAnywhere(take, zone) {
  let depth = 0;
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const over = (on) => { zone?.classList.toggle("over", on); document.documentElement.classList.toggle("files-over", on); };
  document.addEventListener("dragenter", (event) => { if (carries(event)) { event.preventDefault(); depth += 1; over(true); } });
  document.addEventListener("dragover", (event) => { if (carries(event)) event.preventDefault(); });
  document.addEventListener("dragleave", (event) => { if (carries(event)) { depth -= 1; if (depth <= 0) { depth = 0; over(false); } } });
  document.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth = 0;
    over(false);
    take([...event.dataTransfer.files]);
  });
}
