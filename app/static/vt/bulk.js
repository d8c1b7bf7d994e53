/* Ticked rows of a list: how many, all of the page, all of the filter; the bar of acts shows while something is. Lists
   draw themselves anew, so everything is heard at the document. */
import { element, say, words } from "./words.js";

export function bulk() {
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches?.("[data-bulk-page]")) {
      ticks(box.closest("[data-tickable]")).forEach((each) => { each.checked = box.checked; });
      forget(box.closest("[data-tickable]"));
    } else if (box.matches?.("[data-tickable] [data-bulk-tick]")) {
      if (!box.checked) forget(box.closest("[data-tickable]"));
    } else return;
    tell(box.closest("[data-tickable]"));
  });
  document.addEventListener("click", (event) => {
    const all = event.target.closest("[data-bulk-all]");
    const none = event.target.closest("[data-bulk-none]");
    if (all) tickAll(all.closest("[data-tickable]"));
    if (none) {
      const list = none.closest("[data-tickable]");
      ticks(list).forEach((each) => { each.checked = false; });
      forget(list);
      tell(list);
      ticks(list)[0]?.focus();
    }
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-tickable]").forEach(tell)); // ticks come back with Back
}

const ticks = (list) => [...list.querySelectorAll("[data-bulk-tick]")];
const more = (list) => list.querySelector("[data-bulk-more]");

/* Rows of other pages, ticked by “select all”: no longer meant once a row of this page is taken out. */
function forget(list) {
  more(list).replaceChildren();
}

async function tickAll(list) {
  const answer = await fetch(list.dataset.bulkIds, { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) { location.reload(); return; }
  const { ids } = await answer.json();
  const here = new Map(ticks(list).map((box) => [box.value, box]));
  here.forEach((box, id) => { box.checked = ids.map(String).includes(id); });
  more(list).replaceChildren(...ids.filter((id) => !here.has(String(id))).map((id) => element("input", { type: "hidden", name: "id", value: String(id) })));
  tell(list);
}

function tell(list) {
  const boxes = ticks(list);
  const here = boxes.filter((box) => box.checked).length;
  const elsewhere = more(list).childElementCount;
  const whole = list.querySelector("[data-bulk-page]");
  if (whole) {
    whole.checked = here > 0 && here === boxes.length;
    whole.indeterminate = here > 0 && here < boxes.length;
  }
  boxes.forEach((box) => box.closest("[data-row]")?.classList.toggle("ticked", box.checked));
  const sentence = elsewhere ? words.selected_elsewhere : words.selected;
  list.querySelectorAll("[data-bulk-bar]").forEach((bar) => {
    bar.classList.toggle("on", here + elsewhere > 0);
    bar.querySelector("[data-bulk-count]").textContent = here + elsewhere ? say(sentence, { count: here + elsewhere, other: elsewhere }) : "";
    bar.querySelectorAll("[data-bulk-all], [data-bulk-none]").forEach((button) => { button.hidden = false; });
  });
}
