/* <input data-lookup="/address" data-lookup-id="name of the hidden field">: suggestions while typing (ARIA combobox).
   The server answers GET address?q=… with [{id, label, hint}]; free text stays allowed, the hidden field is then empty.
   data-lookup-free: the server takes what was typed as it stands, and the list says so when nothing matches.
   With exactly one row left, or one that begins with what was typed, Tab takes it (Esc first: what was typed stays);
   Enter takes the marked or only one. */
import { element, say, words } from "./words.js";

let counter = 0;
const plain = (text) => text.trim().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();

/** The row that is meant without a doubt, or null. */
function sole(rows, typed) {
  if (rows.length === 1) return rows[0];
  const beginning = rows.filter((row) => plain(row.label).startsWith(plain(typed)));
  return beginning.length === 1 ? beginning[0] : null;
}

export function lookups(root = document) {
  root.querySelectorAll("input[data-lookup]").forEach(combobox);
}

function combobox(input) {
  counter += 1;
  const listId = `lookup-${counter}`;
  const hidden = input.dataset.lookupId ? input.form?.elements[input.dataset.lookupId] : null;
  const box = element("div", { class: "lookup" });
  const list = element("ul", { class: "lookup-list", id: listId, role: "listbox", hidden: true });
  const status = element("span", { class: "sr-only", role: "status" });
  input.replaceWith(box);
  box.append(input, list, status);
  if (input.autofocus) input.focus(); // moving a field loses the focus that the page gave it
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": listId, "aria-expanded": "false", autocomplete: "off" })) input.setAttribute(name, value);

  let rows = [];
  let at = -1;
  let waiting = null;
  let asked = null;
  let chosenText = hidden?.value ? input.value : null;
  let answered = ""; // what the rows were asked for
  let dismissed = ""; // what somebody wants to stay as typed
  let takeOne = false; // Tab was pressed before the answer came
  box.classList.toggle("chosen", Boolean(hidden?.value));

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    at = index;
    [...list.children].forEach((line, n) => {
      if (line.getAttribute("role") === "option") line.setAttribute("aria-selected", String(n === at));
    });
    const line = list.children[at];
    if (at >= 0 && line) {
      input.setAttribute("aria-activedescendant", line.id);
      line.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const choose = (row) => {
    input.value = row.label;
    chosenText = row.label;
    if (hidden) hidden.value = row.id;
    box.classList.add("chosen");
    close();
    input.dispatchEvent(new CustomEvent("lookup:chosen", { bubbles: true, detail: row }));
  };
  const show = () => {
    list.replaceChildren(...rows.map((row, n) => {
      const line = element("li", { role: "option", id: `${listId}-${n}`, "aria-selected": "false" }, element("span", {}, row.label));
      if (row.hint) line.append(element("span", { class: "hint" }, row.hint));
      line.addEventListener("mousedown", (event) => { event.preventDefault(); choose(row); });
      return line;
    }));
    const nothing = input.dataset.lookupFree !== undefined ? words.free_text : words.no_results;
    if (!rows.length) list.append(element("li", { class: "none" }, nothing ?? ""));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    status.textContent = rows.length ? say(words.results, { count: rows.length }) : nothing ?? "";
    mark(-1);
  };
  const fetchRows = async () => {
    const q = input.value.trim();
    if (!q) { close(); return; }
    asked?.abort();
    asked = new AbortController();
    try {
      const url = new URL(input.dataset.lookup, location.href);
      url.searchParams.set("q", q);
      const answer = await fetch(url, { signal: asked.signal, headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      rows = await answer.json();
      answered = q;
      if (document.activeElement === input) show();
      else if (takeOne && sole(rows, q) && input.value.trim() === q && q !== dismissed) choose(sole(rows, q));
      takeOne = false;
    } catch (fault) {
      if (fault.name === "AbortError") return;
      rows = [];
      close();
      status.textContent = words.search_failed ?? "";
    }
  };

  input.addEventListener("input", (event) => {
    if (event.isComposing) return;
    if (input.value !== chosenText) {
      if (hidden) hidden.value = "";
      chosenText = null;
      box.classList.remove("chosen");
    }
    clearTimeout(waiting);
    waiting = setTimeout(fetchRows, 180);
  });
  input.addEventListener("compositionend", () => { clearTimeout(waiting); waiting = setTimeout(fetchRows, 180); });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const open = !list.hidden && rows.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) { fetchRows(); return; }
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark((at + step + rows.length + (at < 0 && step < 0 ? 1 : 0)) % rows.length);
    } else if (event.key === "Enter" && open && (at >= 0 || rows.length === 1) && !event.ctrlKey) {
      event.preventDefault();
      event.stopPropagation();
      choose(rows[Math.max(at, 0)]);
    } else if (event.key === "Tab" && !event.shiftKey) {
      const typed = input.value.trim();
      if (!typed || input.value === chosenText || typed === dismissed) return;
      if (open && at >= 0) choose(rows[at]);
      else if (answered === typed) { if (sole(rows, typed)) choose(sole(rows, typed)); }
      else { takeOne = true; clearTimeout(waiting); fetchRows(); }
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      dismissed = input.value.trim();
      close();
    }
  });
  input.addEventListener("blur", () => { if (!takeOne) clearTimeout(waiting); setTimeout(close, 120); });
  input.addEventListener("lookup:set", (event) => { // another part of the page fills the field
    input.value = event.detail.label;
    chosenText = event.detail.id ? event.detail.label : null;
    if (hidden) hidden.value = event.detail.id ?? "";
    box.classList.toggle("chosen", Boolean(event.detail.id));
  });
}
