/* A list that narrows while somebody types: the same address is asked for its part alone (X-Part: list), the part is
   replaced, the address follows. Without script the same links and forms lead to the same pages.
   Rows open with a press anywhere in them; J and K go from row to row. */
import { dates } from "./dates.js";
import { lookups } from "./lookup.js";

const TYPING = 220;
const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();

export function lists() {
  document.querySelectorAll("[data-list]").forEach((list) => new List(list));
  rows(document);
  narrowers(document);
  pops(document);
  comeBack();
}

class List {
  constructor(root) {
    this.root = root;
    this.part = root.querySelector(".list-part");
    this.form = root.querySelector(".list-find");
    this.box = this.form?.querySelector("input[type=search]");
    this.said = root.querySelector("[data-list-said]");
    if (!this.part || !this.form) return;
    root.querySelectorAll("[data-without-script]").forEach((button) => { button.hidden = true; });
    let waiting = null;
    let last = this.box.value;
    const typed = () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        if (this.box.value.trim() === last.trim()) return;
        last = this.box.value;
        this.load(this.addressOfForm(this.form), "replace");
      }, TYPING);
    };
    this.box.addEventListener("input", (event) => { if (!event.isComposing) typed(); });
    this.box.addEventListener("compositionend", typed);
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" || event.isComposing) return;
      const first = this.part.querySelector("[data-row] a.subj");
      if (first) { event.preventDefault(); first.focus(); }
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(waiting);
      last = this.box.value;
      this.load(this.addressOfForm(this.form), "replace");
    });
    this.part.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-part], .pager a");
      if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.load(link.href, "push", link.dataset.partKey ?? "top");
    });
    this.part.addEventListener("submit", (event) => {
      if (!event.target.matches("[data-part-form]")) return;
      event.preventDefault();
      this.load(this.addressOfForm(event.target), "push", event.target.dataset.partKey);
    });
    this.shown = location.search;
    window.addEventListener("popstate", () => {
      if (location.search === this.shown) return; // a jump within the page
      this.load(location.href, "", "top");
      this.box.value = last = new URL(location.href).searchParams.get("q") ?? "";
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-same-query]");
      if (link) link.search = location.search;
    }, true);
  }

  addressOfForm(form) {
    const address = new URL(form.action, location.href);
    address.search = "";
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && value.trim() && !name.endsWith("_name")) address.searchParams.set(name, value.trim());
    }
    return address.href;
  }

  async load(address, remember, focus = "") {
    this.asked?.abort();
    const asked = this.asked = new AbortController();
    this.part.setAttribute("aria-busy", "true");
    let answer;
    let text;
    try {
      answer = await fetch(address, { signal: asked.signal, headers: { "X-Part": "list" }, credentials: "same-origin" });
      text = await answer.text();
    } catch (fault) {
      if (fault.name !== "AbortError") location.assign(address);
      return;
    }
    const made = new DOMParser().parseFromString(text, "text/html");
    const fresh = made.querySelector(".filters[data-count]");
    if (!answer.ok || answer.redirected || !fresh) { location.assign(address); return; } // signed out, or a fault
    this.part.replaceChildren(...made.body.childNodes);
    this.part.removeAttribute("aria-busy");
    this.said.textContent = fresh.dataset.count;
    if (remember === "replace") history.replaceState(null, "", address);
    if (remember === "push") history.pushState(null, "", address);
    this.shown = location.search;
    dates(this.part);
    lookups(this.part);
    rows(this.part);
    narrowers(this.part);
    pops(this.part);
    this.settle(focus);
  }

  settle(focus) {
    if (!focus) return;
    const wanted = focus === "top" ? null : [...this.part.querySelectorAll("[data-part-key]")].find((each) => each.dataset.partKey === focus);
    if (wanted) { wanted.focus(); return; }
    this.root.scrollIntoView({ block: "start" });
    this.part.querySelector("[data-row] a.subj")?.focus({ preventScroll: true });
  }
}

/* A press anywhere in a row opens it, as its link does; marking text and other links stay what they are. */
function rows(root) {
  root.querySelectorAll("[data-row]").forEach((row) => {
    const link = row.querySelector("a.subj");
    if (!link) return;
    row.classList.add("opens");
    link.addEventListener("click", () => { if (row.closest("[data-list]")) leaveFrom(link); });
    row.addEventListener("click", (event) => {
      if (event.defaultPrevented || event.target.closest("a, button, input, label, summary, select")) return;
      if (String(window.getSelection())) return;
      if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
      else link.click();
    });
  });
}

/* Whoever comes back from a document stands on its row again, with Back or with the link of that page. */
function leaveFrom(link) {
  history.replaceState({ ...history.state, row: link.pathname }, "");
}

function comeBack() {
  const list = document.querySelector("[data-list]");
  if (!list) return;
  const links = [...list.querySelectorAll("[data-row] a.subj")];
  const from = history.state?.row ?? (document.referrer && new URL(document.referrer).pathname);
  const link = from && links.find((each) => from === each.pathname || from.startsWith(`${each.pathname}/`));
  if (!link) return;
  const stand = () => {
    link.focus({ preventScroll: true });
    const { top, bottom } = link.closest("[data-row]").getBoundingClientRect();
    if (top < 0 || bottom > document.documentElement.clientHeight) link.closest("[data-row]").scrollIntoView({ block: "center" });
  };
  if (document.readyState === "complete") stand();
  else window.addEventListener("load", () => setTimeout(stand), { once: true }); // after the browser has put the page where it was
}

/** J, K (and the arrows while a row has the focus): to the next row, the one before. True if there was one. */
export function step(by) {
  const links = [...document.querySelectorAll("[data-row] a.subj")];
  if (!links.length) return false;
  const at = links.findIndex((link) => link.closest("[data-row]").contains(document.activeElement));
  const next = links[at < 0 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1)];
  next.focus({ preventScroll: true });
  next.closest("[data-row]").scrollIntoView({ block: "nearest" });
  return true;
}

/* A menu under a chip: the cursor in its field, the menu within the window, a chosen row taken at once. */
function pops(root) {
  root.querySelectorAll("details.pop").forEach((pop) => {
    const body = pop.querySelector(".pop-body");
    pop.addEventListener("toggle", () => {
      if (!pop.open) return;
      body.classList.remove("end");
      body.classList.toggle("end", body.getBoundingClientRect().right > document.documentElement.clientWidth - 8);
      body.querySelector("input[data-narrow], input[data-lookup]")?.focus();
    });
    pop.addEventListener("lookup:chosen", (event) => event.target.form.requestSubmit());
  });
}

/* A long menu of values has a field that leaves those it matches. */
function narrowers(root) {
  root.querySelectorAll("[data-narrow]").forEach((field) => {
    field.hidden = false;
    const lines = [...field.parentElement.querySelectorAll("li")];
    field.addEventListener("input", () => {
      const words = plain(field.value).split(/\s+/).filter(Boolean);
      lines.forEach((line) => { line.hidden = !words.every((word) => plain(line.textContent).includes(word)); });
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      lines.find((line) => !line.hidden)?.querySelector("a")?.click();
    });
  });
}
