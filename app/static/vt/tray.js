/* The tray: files dropped anywhere on the page are sent at once, each by itself; then they are papers of the tray, one
   each or all together. The list is drawn anew without leaving the page. */
import { altKeys } from "./forms.js";
import { Queue, droppedAnywhere, send } from "./staging.js";
import { element, say, words as pageWords } from "./words.js";

export function tray() {
  const form = document.querySelector("[data-tray]");
  altKeys();
  ticks();
  if (!form) return;
  const words = JSON.parse(form.dataset.words);
  const list = form.querySelector("[data-tray-sent]");
  const input = form.querySelector("input[type=file]");
  const queue = new Queue();
  form.querySelector("[data-without-script]").hidden = true;
  let staged = [];

  const fail = (line, name, sentence) => {
    line.className = "failed";
    line.replaceChildren(element("i", { class: "fa fa-exclamation-circle", "aria-hidden": "true" }), element("span", { class: "name" }, name, element("span", { class: "error-text" }, sentence)));
    const close = element("button", { type: "button", class: "btn quiet icon small", "aria-label": words.dismiss }, element("i", { class: "fa fa-times", "aria-hidden": "true" }));
    close.addEventListener("click", () => { line.remove(); input.focus(); });
    line.append(close);
  };

  const enter = async (ids, together) => {
    const body = new FormData(form);
    body.delete("files");
    body.delete("together");
    ids.forEach((id) => body.append("files_kept", id));
    if (together) body.append("together", "1");
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
    return answer.json();
  };

  const take = (files) => {
    const together = form.elements.together.checked;
    staged = [];
    files.forEach((file) => {
      const state = element("span", { class: "size", role: "status" }, say(words.sending, { percent: 0 }));
      const bar = element("progress", { max: "100", value: "0", "aria-hidden": "true" });
      const line = element("li", { class: "going" }, element("span", { class: "name" }, file.name), bar, state);
      list.append(line);
      if (file.size > Number(form.dataset.limit)) { fail(line, file.name, say(pageWords.too_large, { limit: form.dataset.limitText })); return; }
      queue.add(async () => {
        try {
          const answer = await send(form.dataset.send, file, form.elements.csrf_token.value, (percent) => {
            bar.value = percent;
            state.textContent = percent < 100 ? say(words.sending, { percent }) : words.checking;
          });
          const [upload] = answer.uploads ?? [];
          if (!upload) { fail(line, file.name, answer.faults?.map((fault) => fault.message).join(" ") || words.failed); return; }
          if (together) { staged.push({ id: upload.id, line, name: file.name }); return; }
          const entered = await enter([upload.id], false);
          if (entered.received) line.remove(); else fail(line, file.name, entered.faults.join(" "));
        } catch (fault) {
          fail(line, file.name, /^4/.test(fault.message) ? words.session : words.failed);
        }
      });
    });
    queue.idle().then(async () => {
      if (together && staged.length) {
        const order = files.map((file) => file.name);
        staged.sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
        const entered = await enter(staged.map((each) => each.id), true);
        staged.forEach((each) => { if (entered.received) each.line.remove(); else fail(each.line, each.name, entered.faults.join(" ")); });
        staged = [];
      }
      await refresh();
    });
  };

  input.addEventListener("change", () => { take([...input.files]); input.value = ""; });
  droppedAnywhere(take, form.querySelector("[data-tray-zone]"));
}

/** Draw list, heading and counter of the menu anew. */
async function refresh() {
  const answer = await fetch(location.href, { credentials: "same-origin" });
  if (!answer.ok) { location.reload(); return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const place of ["#tray", ".page-head", ".side-nav"]) {
    const now = document.querySelector(place);
    const next = page.querySelector(place);
    if (now && next) now.replaceWith(next);
  }
  ticks();
}

/* The bar of ticked papers is there only when something is ticked. */
function ticks() {
  const bar = document.querySelector("[data-tray-bulk]");
  if (!bar) return;
  const boxes = [...document.querySelectorAll("[data-bulk-tick]")];
  const tell = () => {
    const count = boxes.filter((box) => box.checked).length;
    bar.hidden = !count;
    bar.querySelector("[data-bulk-count]").textContent = say(pageWords.selected, { count });
  };
  boxes.forEach((box) => box.addEventListener("change", tell));
  tell();
}
