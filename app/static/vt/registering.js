/* The form of a registration: the paper beside it, proposals from the file, what resembles it while one types, and the
   keyboard. Every part leaves a form that works without it. */
import { altKeys, ask } from "./forms.js";
import { start as startViewer, stop as stopViewer } from "./pdf-viewer.js";
import { typeaheads } from "./typeahead.js";
import { element } from "./words.js";

const PAUSE = 260;
const ASKED = ["number_notation", "issuer", "issuer_id", "identifier", "issued_on"];
const LINES = "input:not([type=hidden]):not([type=checkbox]):not([type=file])";

export function registering(stagings) {
  const form = document.querySelector("form[data-registering]");
  if (!form) return;
  typeaheads(form);
  const words = JSON.parse(form.dataset.words);
  const staging = stagings.find((each) => each.form === form);
  const paper = new Paper(form, words);
  const proposals = new Proposals(form, words, paper);
  const similar = form.dataset.similar ? new Similar(form, words, staging) : null;
  const files = () => [...form.querySelectorAll(".held-files > li, .staged-files > li[data-src]")];

  form.addEventListener("staging:added", (event) => {
    if (files()[0] === event.detail.line) { paper.show(event.detail.line); proposals.read(event.detail.line); } else if (!paper.line) paper.show(event.detail.line);
    similar?.soon();
  });
  form.addEventListener("staging:chosen", (event) => paper.show(event.detail.line, true));
  form.addEventListener("staging:removed", (event) => {
    paper.drop(event.detail.line);
    if (paper.line === event.detail.line) paper.show(files()[0] ?? null);
    similar?.soon();
  });
  form.querySelectorAll(".held-files a").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    paper.show(link.closest("li"), true);
  }));
  const [first] = files();
  if (first) {
    const drawn = paper.place.firstElementChild;
    const src = drawn?.dataset.src ?? drawn?.getAttribute("src");
    paper.adopt(files().find((line) => line.dataset.src === src) ?? first);
    proposals.read(first);
  }
  document.addEventListener("submit", (event) => { // its files become a document's: they go on at another address
    if (event.target === form && !event.defaultPrevented) paper.stop();
  });
  similar?.listen();
  keys(form, words);
  seldom(form, words);
  secrecy(form, words, staging);
  leaving(form, words);
  form.querySelectorAll("[data-refuse]").forEach((button) => offer(button, form));
  const faulty = form.querySelector(`.entry [aria-invalid=true]:not([type=file]):not(select.sr-only)`);
  if (faulty) { faulty.closest("details")?.setAttribute("open", ""); faulty.focus(); }
}

function offer(button, form) {
  const refuse = form.querySelector("[data-to-refuse]");
  if (!refuse) { button.closest(".offer")?.remove(); return; }
  button.addEventListener("click", () => {
    form.append(element("input", { type: "hidden", name: "refusal_code", value: "signature" })); // the reason is plain
    form.requestSubmit(refuse);
  });
}

/* ── the paper ───────────────────────────────────────────────────────────────────────────────────────────────── */

class Paper {
  constructor(form, words) {
    this.form = form;
    this.words = words;
    this.place = form.querySelector("[data-paper]");
    this.empty = form.querySelector("[data-paper-empty]");
    this.signature = form.querySelector("[data-signature]");
    this.way = form.querySelector(".to-paper");
    this.template = form.querySelector("template[data-viewer]");
    this.drawn = new Map();
    this.read = new Map();
    this.asked = new Map();
    this.signatures = new Map();
    this.line = null;
  }

  /** What the server reads in a file, asked for once. */
  reading(line) {
    if (!this.read.has(line)) {
      const asked = new AbortController();
      this.asked.set(line, asked);
      this.read.set(line, fetch(line.dataset.reading, { headers: { Accept: "application/json" }, credentials: "same-origin", signal: asked.signal })
        .then((answer) => (answer.ok ? answer.json() : null))
        .catch(() => null)); // nothing is known then
    }
    return this.read.get(line);
  }

  /** Ask for nothing more of a file, or of any. */
  stop(line) {
    const stopped = line ? [line] : [...new Set([...this.asked.keys(), ...this.drawn.keys()])];
    stopped.forEach((each) => {
      this.asked.get(each)?.abort();
      const view = this.drawn.get(each);
      if (view?.matches("[data-pdf-viewer]")) stopViewer(view);
    });
  }

  /** A file that is taken away: asked for no more, and shown no more. */
  drop(line) {
    this.stop(line);
    const view = this.drawn.get(line);
    view?.removeAttribute("src"); // a picture on its way
    view?.remove();
    [this.drawn, this.read, this.asked, this.signatures].forEach((known) => known.delete(line));
  }

  /** What the server has put there already. */
  adopt(line) {
    this.line = line;
    this.mark();
    if (!this.place.firstElementChild) { this.show(line); return; }
    this.drawn.set(line, this.place.firstElementChild);
    this.signatures.set(line, [...this.signature.children]); // the server has drawn them already
  }

  show(line, scroll = false) {
    this.line = line;
    this.mark();
    this.drawn.forEach((view) => { view.hidden = true; });
    this.empty.hidden = Boolean(line);
    if (this.way) this.way.hidden = !line;
    this.sign();
    if (!line) return;
    let view = this.drawn.get(line);
    if (!view) {
      view = this.draw(line);
      this.drawn.set(line, view);
      this.place.append(view);
      if (view.matches("[data-pdf-viewer]")) startViewer(this.place);
    }
    view.hidden = false;
    if (scroll && matchMedia("(max-width: 1080px)").matches) this.place.closest("section").scrollIntoView();
  }

  draw(line) {
    const { src, type, title } = line.dataset;
    if (type === "application/pdf") {
      const view = this.template.content.querySelector("[data-pdf-viewer]").cloneNode(true);
      Object.assign(view.dataset, { src, title, download: src });
      const link = view.querySelector("a");
      link.href = src;
      link.lastChild.textContent = ` ${title}`;
      return view;
    }
    if (type.startsWith("image/")) return element("img", { class: "paper-image", src, alt: title });
    return element("p", { class: "paper-other" }, `${title}: ${this.words.no_page}`);
  }

  mark() {
    this.form.querySelectorAll(".strip .files > li").forEach((other) => {
      if (other === this.line) other.setAttribute("aria-current", "true");
      else other.removeAttribute("aria-current");
    });
  }

  /** What is known of the signatures of the file that is shown, drawn by the server. */
  async sign() {
    const { line } = this;
    if (!line) { this.signature.replaceChildren(); return; }
    if (!this.signatures.has(line)) {
      this.signature.replaceChildren();
      const found = await this.reading(line);
      const parsed = new DOMParser().parseFromString(found?.signature ?? "", "text/html");
      parsed.querySelectorAll("[data-refuse]").forEach((button) => offer(button, this.form));
      this.signatures.set(line, [...parsed.body.children]);
    }
    if (this.line === line) this.signature.replaceChildren(...this.signatures.get(line));
  }
}

/* ── proposals from the file ─────────────────────────────────────────────────────────────────────────────────── */

class Proposals {
  constructor(form, words, paper) {
    Object.assign(this, { form, words, paper });
    this.fresh = form.dataset.fresh !== undefined;
    this.typed = new Set();
    form.addEventListener("input", (event) => this.touched(event));
    form.addEventListener("change", (event) => { if (event.isTrusted) this.touched(event); });
    form.addEventListener("lookup:chosen", (event) => this.touched(event));
    form.addEventListener("focusout", (event) => this.confirm(event.target));
  }

  field(name) { return this.form.elements[name]; }

  shown(field) { return field.matches("select[aria-hidden]") ? field.closest(".choice-typed").querySelector("input") : field; }

  touched(event) {
    const name = (event.target.name || event.target.id).replace(/[-_]typed$/, "");
    if (!name || event.target.closest("[data-pdf-viewer]")) return;
    this.typed.add(name);
    this.unmark(event.target);
  }

  /** A proposal that somebody looked at in its field and left is confirmed. */
  confirm(target) {
    if (target.closest?.(".field")?.querySelector(".proposed") && !target.closest(".paper")) this.unmark(target);
  }

  unmark(target) {
    const field = target.closest(".field");
    field?.querySelector(".proposed")?.remove();
    field?.classList.remove("is-proposed");
  }

  mark(control, sentence) {
    const field = control.closest(".field");
    if (!field) return;
    field.querySelector(".proposed")?.remove();
    field.classList.add("is-proposed");
    field.querySelector("label")?.append(element("span", { class: "proposed" }, sentence));
  }

  async read(line) {
    const found = await this.paper.reading(line);
    if (!found) return;
    this.warn(found.warnings);
    if (this.form.dataset.proposing === undefined) return; // a correction begins with what is on record
    const stood = document.activeElement;
    const filled = Object.entries(found.fields).filter(([name, proposed]) => this.fill(name, proposed)).map(([name]) => name);
    if (!filled.length) return;
    this.form.dispatchEvent(new CustomEvent("registering:filled"));
    if (stood === document.body || (stood?.form === this.form && filled.includes((stood.name || stood.id).replace(/[-_]typed$/, "")))) this.focusFirstEmpty(stood);
  }

  /** Fill one field that nobody has filled: empty, or as the form opened (the last value, the usual one). */
  fill(name, proposed) {
    const field = this.field(name);
    if (!field || this.typed.has(name) || field instanceof RadioNodeList) return false;
    const asOpened = this.fresh && (field.tagName === "SELECT" || field.value === field.defaultValue);
    if (field.value && !asOpened) return false;
    if (!field.value && this.shown(field).value) return false; // words that are no value of the list stay
    if (name === "issuer") {
      field.dispatchEvent(new CustomEvent("lookup:set", { detail: { id: proposed.value.id, label: proposed.value.name } }));
    } else {
      if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === proposed.value)) return false;
      field.value = proposed.value;
      field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "blur")); // a date says its weekday
    }
    this.mark(this.shown(field), this.words.proposed);
    return true;
  }

  focusFirstEmpty(stood) {
    const empty = [...this.form.querySelectorAll(".entry [required]")].find((control) => !control.value && control.offsetParent && !control.matches(".sr-only"));
    const target = empty ?? (stood === document.body ? this.form.querySelector(`.entry ${LINES}`) : null);
    target?.focus({ preventScroll: !empty });
  }

  warn(warnings) {
    if (!warnings.includes("secret") || !this.form.elements.secrecy) return;
    const place = this.form.querySelector("[data-secret-warning]");
    place.textContent = this.words.secret_warning;
    place.hidden = false;
    undecided(this.form.elements.secrecy);
  }
}

/* ── what resembles it ───────────────────────────────────────────────────────────────────────────────────────── */

class Similar {
  constructor(form, words, staging) {
    Object.assign(this, { form, words, staging });
    this.panel = form.querySelector("#similar");
    this.place = form.querySelector("[data-similar-place]");
    this.reason = form.querySelector("[data-anyway-field]");
    this.asked = null;
    this.waiting = null;
    this.last = "";
  }

  listen() {
    const heard = (event) => { if (ASKED.includes(event.target.name)) this.soon(); };
    for (const name of ["input", "change", "lookup:chosen"]) this.form.addEventListener(name, heard);
    this.form.addEventListener("registering:filled", () => this.soon());
    this.dress();
    this.last = this.address().search;
  }

  address() {
    const url = new URL(this.form.dataset.similar, location.href);
    ASKED.forEach((name) => { const value = this.form.elements[name]?.value.trim(); if (value) url.searchParams.set(name, value); });
    if (this.form.dataset.but) url.searchParams.set("but", this.form.dataset.but);
    if (this.staging?.ids.length) url.searchParams.set("uploads", this.staging.ids.join(","));
    return url;
  }

  soon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    const url = this.address();
    if (url.search === this.last) return;
    this.last = url.search;
    this.asked?.abort();
    this.asked = new AbortController();
    try {
      const answer = await fetch(url, { signal: this.asked.signal, credentials: "same-origin" });
      if (answer.ok) this.show(await answer.text());
    } catch { /* asked again with the next letter; on saving in any case */ }
  }

  show(markup) {
    const piece = new DOMParser().parseFromString(markup, "text/html").querySelector(".similar-found");
    if (!piece) return;
    this.typeOf(piece.dataset.typeId);
    const found = Number(piece.dataset.count) > 0;
    if (piece.innerHTML !== this.place.firstElementChild?.innerHTML) this.place.replaceChildren(piece);
    this.panel.hidden = !found && (this.reason?.hidden ?? true);
    if (!found && this.reason && !this.reason.querySelector("input").value) { this.reason.hidden = true; this.panel.hidden = true; }
    this.near(found);
    this.dress();
  }

  /** A word beside the field that found it: on a phone the panel stands further down. */
  near(found) {
    const field = this.form.elements.number_notation?.closest(".field");
    field?.querySelector(".similar-near")?.remove();
    if (found) field?.append(element("a", { class: "similar-near", href: "#similar" }, this.words.similar));
  }

  dress() {
    this.place.querySelector("[data-anyway]")?.addEventListener("click", () => {
      this.reason.hidden = false;
      this.reason.querySelector("input").focus();
    });
    this.place.querySelector("[data-give-up]")?.addEventListener("click", () => {
      this.form.dataset.leaving = "";
      location.assign(document.querySelector("[data-back]").href);
    });
  }

  /** The type of which number and notation speak, where nobody has chosen one. */
  typeOf(id) {
    if (!id) return;
    const select = this.form.elements.type_id;
    if (select.value === id || select.dataset.chosen !== undefined) return;
    select.value = id;
    select.dispatchEvent(new Event("change"));
  }
}

/* ── keyboard ────────────────────────────────────────────────────────────────────────────────────────────────── */

function keys(form) {
  altKeys();
  const main = form.querySelector("[data-main]");
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.defaultPrevented || event.altKey) return;
    const { target } = event;
    if (target.closest("[data-pdf-viewer]")) { // the page number there is no part of the form
      if (target.matches("input") && !event.ctrlKey) { event.preventDefault(); target.dispatchEvent(new Event("change")); return; }
      if (!event.ctrlKey && !event.metaKey) return;
    }
    if (target.matches("textarea") && event.shiftKey) return;
    const always = event.ctrlKey || event.metaKey;
    if (!always && !target.matches("textarea, select") && !target.matches(LINES)) return;
    event.preventDefault();
    form.requestSubmit(main);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !form.contains(event.target) && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      form.requestSubmit(main);
    }
    if (event.key === "Escape" && !event.defaultPrevented) form.querySelector("[data-seldom][open]:focus-within")?.removeAttribute("open");
  });
  const select = form.elements.type_id;
  if (form.dataset.fresh === undefined && (select?.value || select?.dataset.typed)) select.dataset.chosen = "";
  select?.addEventListener("change", (event) => { if (event.bubbles) select.dataset.chosen = ""; });
}

/* What is folded away says what is in it. */
function seldom(form, words) {
  const fold = form.querySelector("[data-seldom]");
  if (!fold) return;
  const said = fold.querySelector("[data-seldom-said]");
  const tell = () => {
    const values = [...fold.querySelectorAll("input, select, textarea")].map((control) => {
      const chosen = control.value && control.matches("select") ? control.selectedOptions[0]?.text : control.value;
      const value = (chosen ?? "").trim();
      const name = control.closest(".field")?.querySelector("label")?.firstChild.textContent.trim();
      return value ? `${name}: ${value.length > 24 ? `${value.slice(0, 24)}…` : value}` : "";
    }).filter(Boolean);
    said.textContent = fold.open ? "" : values.join(" · ") || words.nothing;
  };
  fold.addEventListener("toggle", tell);
  form.addEventListener("registering:filled", tell);
  tell();
}

/* ── state secrets ───────────────────────────────────────────────────────────────────────────────────────────── */

/** Take the answer "none" back: it was nobody's answer. */
function undecided(select) {
  if (select.required) return;
  select.value = "";
  select.required = true;
  select.dispatchEvent(new Event("change"));
}

function secrecy(form, words, staging) {
  const select = form.elements.secrecy;
  if (!select) return;
  let before = select.value;
  form.addEventListener("submit", (event) => { // a mark was found: a person answers before anything is registered
    if (select.required && !select.value && !event.submitter?.hasAttribute("formaction")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      select.focus();
      form.querySelector("[data-secret-warning]").scrollIntoView({ block: "nearest" });
    }
  }, true);
  select.addEventListener("change", async () => {
    if (!select.value || select.value === "none") { before = select.value; return; }
    const agreed = await ask(words.secret_title, { detail: words.secret_detail, label: words.secret_yes, danger: true });
    if (!agreed) { select.value = before; select.focus(); return; }
    const place = form.querySelector("[data-secret-warning]");
    try {
      await staging?.forgetAll();
    } catch {
      select.value = before;
      place.textContent = words.secret_failed;
      place.hidden = false;
      place.scrollIntoView({ block: "nearest" });
      return;
    }
    form.dataset.leaving = "";
    const refuse = form.querySelector("[data-to-refuse]");
    if (form.dataset.waiting !== undefined && refuse) { // it lies in the tray: its content is withheld by the refusal
      form.append(element("input", { type: "hidden", name: "refusal_code", value: "secret" }));
      form.requestSubmit(refuse);
      return;
    }
    if (form.dataset.fresh === undefined) { location.assign(location.pathname); return; }
    form.reset();
    select.required = false; // the next paper is another question
    form.querySelectorAll(".proposed").forEach((mark) => mark.remove());
    form.querySelectorAll("select").forEach((each) => each.dispatchEvent(new Event("change")));
    const issuer = form.elements.issuer;
    issuer?.dispatchEvent(new CustomEvent("lookup:set", { detail: { id: "", label: issuer.value } }));
    place.textContent = words.secret_done;
    place.hidden = false;
    place.scrollIntoView({ block: "nearest" });
  });
}

/* ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────── */

function leaving(form, words) {
  let typed = false;
  form.addEventListener("input", (event) => { if (!event.target.closest("[data-pdf-viewer]")) { typed = true; delete form.dataset.leaving; } });
  form.addEventListener("staging:added", () => { typed = true; });
  const free = () => !typed || form.dataset.leaving !== undefined || form.dataset.sending !== undefined;
  document.addEventListener("click", async (event) => { // links of the program ask in its own words
    const link = event.target.closest?.("a[href]");
    if (!link || free() || event.defaultPrevented || link.target === "_blank" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    if (!await ask(words.leave, { label: words.leave_yes, danger: true })) return;
    form.dataset.leaving = "";
    location.assign(link.href);
  });
  window.addEventListener("beforeunload", (event) => { if (!free()) event.preventDefault(); });
}
