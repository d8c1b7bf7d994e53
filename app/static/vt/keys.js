/* Keys: data-hotkey="n" on a link, button or field (data-hotkey-label says what it does), J and K in lists, and ?
   for the list of what this page knows. Never while somebody types. */
import { element, words } from "./words.js";
import { step } from "./lists.js";

const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog");

export function hotkeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (typing(event.target)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const target = [...document.querySelectorAll("[data-hotkey]")].find((part) => part.dataset.hotkey === key && !part.disabled && part.closest("[hidden]") === null);
    if (target) {
      event.preventDefault();
      if (target.matches("input, textarea, select")) { target.focus(); target.select?.(); } else target.click();
      return;
    }
    if ((key === "j" || key === "k") && step(key === "j" ? 1 : -1)) event.preventDefault();
    if (key === "?") { event.preventDefault(); show(); }
  });
  document.addEventListener("keydown", (event) => { // the box gives the keyboard back to the list
    if (event.key === "Escape" && event.target.matches?.("[data-hotkey='/']") && !event.target.value) event.target.blur();
  });
  document.querySelectorAll("[data-keys-help]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", show);
  });
}

function known() {
  const found = new Map();
  document.querySelectorAll("[data-hotkey]").forEach((part) => {
    const said = part.dataset.hotkeyLabel || part.getAttribute("aria-label") || part.textContent.trim();
    if (said && !found.has(part.dataset.hotkey)) found.set(part.dataset.hotkey, said);
  });
  if (document.querySelector("[data-row] a.subj")) {
    found.set("J", words.key_next_row);
    found.set("K", words.key_previous_row);
    found.set("Enter", words.key_open_row);
  }
  found.set("Esc", words.key_close);
  found.set("?", words.key_help);
  return found;
}

function show() {
  let dialog = document.getElementById("vt-keys");
  if (!dialog) {
    dialog = element("dialog", { id: "vt-keys", "aria-labelledby": "vt-keys-title" });
    document.body.append(dialog);
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  }
  const list = element("dl", { class: "keys" });
  known().forEach((said, key) => list.append(element("dt", {}, element("kbd", {}, key.length === 1 ? key.toUpperCase() : key)), element("dd", {}, said ?? "")));
  const close = element("button", { type: "button", class: "btn main" }, words.close ?? "");
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(
    element("div", { class: "dialog-body" }, element("h2", { id: "vt-keys-title" }, words.keys_title ?? ""), list),
    element("div", { class: "acts" }, close),
  );
  if (!dialog.open) dialog.showModal();
}
