/* <select data-typeahead>: chosen by typing its first letters, with or without marks, or its abbreviation
   (data-words on an option). The select stays the truth, and all there is without script. */
import { element, words } from "./words.js";

const plain = (text) => text.trim().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();

export function typeaheads(root = document) {
  root.querySelectorAll("select[data-typeahead]").forEach((select) => typeahead(select));
}

/** How well an option answers what was typed; 0 is best, null not at all. */
export function rank(label, short, typed) {
  const wanted = plain(typed);
  const name = plain(label);
  const abbreviation = plain(short ?? "");
  if (!wanted) return 3;
  if (abbreviation === wanted || name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  const parts = name.split(/[^0-9a-z]+/);
  const asked = wanted.split(/\s+/);
  if (asked.every((word) => parts.some((part) => part.startsWith(word)))) return 2;
  if (abbreviation && abbreviation.startsWith(wanted)) return 2;
  if (wanted.length > 1 && parts.map((part) => part[0]).join("").startsWith(wanted)) return 3; // the first letters of its words
  return null;
}

function typeahead(select) {
  const id = `${select.id}-typed`;
  const listId = `${select.id}-list`;
  const input = element("input", { type: "text", id, class: "form-control", role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-controls": listId, "aria-expanded": "false" });
  for (const name of ["aria-describedby", "aria-invalid", "required"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  const list = element("ul", { class: "lookup-list", id: listId, role: "listbox", hidden: true });
  const box = element("div", { class: "lookup choice-typed" });
  const label = document.querySelector(`label[for="${select.id}"]`);
  const focused = document.activeElement === select || select.autofocus;
  select.replaceWith(box);
  box.append(input, list, select);
  select.classList.add("sr-only");
  select.tabIndex = -1;
  select.setAttribute("aria-hidden", "true");
  if (label) label.htmlFor = id;
  if (focused) input.focus();

  const options = () => [...select.options].filter((option) => option.value);
  let rows = [];
  let at = -1;
  const chosen = () => (select.value ? select.selectedOptions[0].textContent : "");
  const wrong = element("p", { class: "error-text", role: "alert", hidden: true }, element("i", { class: "fa fa-exclamation-circle", "aria-hidden": "true" }), element("span", {}, select.dataset.typeahead));
  box.append(wrong);
  const said = (unknown) => { // words that are no value are sent beside it: whatever happens, they stay
    if (unknown) input.name = `${select.name}_typed`;
    else input.removeAttribute("name");
  };
  const show = () => {
    input.value = chosen();
    wrong.hidden = true;
    said(false);
  };
  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    at = index;
    [...list.children].forEach((line, n) => { if (line.role === "option") line.setAttribute("aria-selected", String(n === at)); });
    const line = rows.length ? list.children[at] : null;
    if (!line) { input.removeAttribute("aria-activedescendant"); return; }
    input.setAttribute("aria-activedescendant", line.id);
    line.scrollIntoView({ block: "nearest" });
  };
  const choose = (option) => {
    const changed = select.value !== option.value;
    select.value = option.value;
    show();
    close();
    if (changed) select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const open = (typed) => {
    rows = options()
      .map((option, n) => ({ option, n, rank: rank(option.textContent, option.dataset.words, typed) }))
      .filter((row) => row.rank !== null)
      .sort((one, other) => one.rank - other.rank || one.n - other.n)
      .map((row) => row.option);
    list.replaceChildren(...rows.map((option, n) => {
      const line = element("li", { role: "option", id: `${listId}-${n}`, "aria-selected": "false" }, element("span", {}, option.textContent));
      if (option.dataset.words) line.append(element("span", { class: "hint" }, option.dataset.words));
      line.addEventListener("mousedown", (event) => { event.preventDefault(); choose(option); });
      return line;
    }));
    if (!rows.length) list.append(element("li", { class: "none", role: "presentation" }, words.no_results ?? ""));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    wrong.hidden = true;
    mark(typed ? 0 : rows.findIndex((option) => option.value === select.value));
  };

  /* The words typed choose a value, or stay as they are and choose none. */
  const settle = () => {
    const words = input.value.trim();
    if (!list.hidden && rows[at] && words && words !== chosen()) { choose(rows[at]); return; }
    if (words === chosen()) { close(); return; }
    if (select.value) {
      select.value = "";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    input.value = words;
    said(Boolean(words));
    wrong.hidden = !words;
    close();
  };

  show();
  if (!select.value && select.dataset.typed) {
    input.value = select.dataset.typed;
    said(true);
  }
  select.addEventListener("change", show);
  select.form?.addEventListener("submit", settle, true);
  select.addEventListener("focus", () => input.focus());
  input.addEventListener("focus", () => input.select());
  input.addEventListener("input", (event) => {
    said(Boolean(input.value.trim()));
    if (!event.isComposing) open(input.value);
  });
  input.addEventListener("compositionend", () => open(input.value));
  input.addEventListener("click", () => { if (list.hidden) open(""); });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) { open(""); return; }
      if (rows.length) mark((at + (event.key === "ArrowDown" ? 1 : -1) + rows.length) % rows.length);
    } else if (event.key === "Enter" && !list.hidden && !event.ctrlKey) {
      event.preventDefault();
      event.stopPropagation();
      if (rows[at]) choose(rows[at]);
    } else if (event.key === "Tab" && !list.hidden && rows[at]) {
      choose(rows[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
      show();
    }
  });
  input.addEventListener("blur", settle);
}
