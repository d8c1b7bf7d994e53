/* The dialog of an assignment: names found while one types, one who leads, phrases and days at a press. The rows with
   their radios stand in the page; here they are moved and set, so that what is sent is what is seen. */
import { enhance } from "./dates.js";
import { element, say } from "./words.js";

const plain = (text) => text.trim().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();
const MOST = 8;

export function assigning() {
  const form = document.querySelector("[data-assigning]");
  const words = JSON.parse(form.dataset.words);
  const people = new People(form, words);
  finding(form, people, words);
  phrases(form);
  days(form, words);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey) { event.preventDefault(); form.requestSubmit(form.querySelector("[data-main]")); }
    else if (event.target.matches("input[type=text]")) event.preventDefault(); // one is still choosing
  });
}

/* ── who is chosen ───────────────────────────────────────────────────────────────────────────────────────────── */

class People {
  constructor(form, words) {
    this.words = words;
    this.asks = form.dataset.onlyAsks !== undefined;
    this.chosen = form.querySelector("[data-chosen]");
    this.offered = form.querySelector("[data-offered]");
    this.said = form.querySelector("[data-find-said]");
    this.rows = [...form.querySelectorAll("[data-who]")];
    this.order = new Map([...this.offered.children].map((row, at) => [row, at]));
    this.rows.forEach((row) => this.dress(row));
    form.querySelector(".people").classList.add("scripted");
    form.querySelector("[data-everybody]").open = false;
    this.settle();
  }

  dress(row) {
    row.addEventListener("change", (event) => {
      if (!event.target.name?.startsWith("assignees_kind_")) return;
      if (event.target.type === "checkbox" ? !event.target.checked : !event.target.value) this.remove(row);
      else {
        if (!this.has(row)) this.place(row);
        this.settle(row);
      }
    });
    row.querySelector("[data-take-away]").addEventListener("click", () => {
      const near = row.nextElementSibling ?? row.previousElementSibling;
      this.remove(row);
      (near?.querySelector("[data-take-away]") ?? document.getElementById("who-find")).focus();
    });
    row.querySelector(".own-due").addEventListener("toggle", (event) => {
      const input = event.target.querySelector("input");
      if (event.target.open && input.dataset.vnDate === undefined) { input.dataset.vnDate = ""; enhance(input); }
    });
    const input = row.querySelector(".own-due input");
    if (input.value) { input.dataset.vnDate = ""; enhance(input); }
  }

  has(row) { return row.parentElement === this.chosen; }

  name(row) { return row.querySelector("strong").textContent; }

  kind(row) { return row.querySelector("input[name^=assignees_kind_]:checked")?.value ?? ""; }

  set(row, kind) {
    const control = row.querySelector(`input[name^=assignees_kind_][value="${kind}"]`);
    if (control) control.checked = true;
  }

  place(row) { this.chosen.append(row); }

  add(row) {
    if (this.has(row)) return;
    this.set(row, this.asks || this.leader() || !row.querySelector("[value=lead]") ? "coordinate" : "lead");
    this.place(row);
    this.settle(row);
    const away = row.querySelector(".away")?.textContent ?? "";
    this.tell(`${say(this.words.added, { name: this.name(row) })}. ${away}`);
  }

  remove(row) {
    if (this.asks) row.querySelector("[type=checkbox]").checked = false;
    else this.set(row, "");
    const due = row.querySelector(".own-due input");
    due.value = "";
    row.querySelector(".own-due").open = false;
    const at = this.order.get(row) ?? -1;
    const before = [...this.offered.children].find((other) => (this.order.get(other) ?? -1) > at);
    this.offered.insertBefore(row, before ?? null);
    this.settle();
    this.tell(say(this.words.removed, { name: this.name(row) }));
  }

  leader() { return [...this.chosen.children].find((row) => this.kind(row) === "lead"); }

  /** Exactly one leads: whoever was made the lead last, else the first who has a part in it. */
  settle(latest) {
    const rows = [...this.chosen.children];
    if (!this.asks) {
      const leads = rows.filter((row) => this.kind(row) === "lead");
      const one = leads.includes(latest) ? latest : leads[0];
      leads.filter((row) => row !== one).forEach((row) => this.set(row, "coordinate"));
      if (!one) {
        const next = rows.find((row) => row !== latest && this.kind(row) === "coordinate" && row.querySelector("[value=lead]"));
        if (next) this.set(next, "lead");
      }
    }
    this.rows.forEach((row) => {
      const held = this.has(row);
      row.querySelector("[data-take-away]").hidden = !held;
      row.classList.toggle("leads", held && this.kind(row) === "lead");
    });
    this.chosen.hidden = !rows.length;
  }

  tell(text) { this.said.textContent = text; }

  /** Rows that answer what was typed, those whose name begins with it first. */
  found(typed) {
    const asked = plain(typed).split(/\s+/).filter(Boolean);
    if (!asked.length) return [];
    const rank = (row) => {
      const name = plain(this.name(row));
      if (name.startsWith(asked.join(" "))) return 0;
      const parts = name.split(/[^0-9a-z]+/);
      if (asked.every((word) => parts.some((part) => part.startsWith(word)))) return 1;
      const initials = parts.map((part) => part[0] ?? "").join("");
      if (asked.length === 1 && asked[0].length > 1 && initials.startsWith(asked[0])) return 2;
      const all = row.dataset.words.split(/[^0-9a-z]+/);
      return asked.every((word) => all.some((part) => part.startsWith(word))) ? 3 : null;
    };
    return this.rows
      .map((row, at) => ({ row, at, rank: rank(row) }))
      .filter((each) => each.rank !== null)
      .sort((one, other) => one.rank - other.rank || one.at - other.at)
      .slice(0, MOST)
      .map((each) => each.row);
  }
}

/* ── the box ─────────────────────────────────────────────────────────────────────────────────────────────────── */

function finding(form, people, words) {
  const place = form.querySelector("[data-find]");
  const input = place.querySelector("input");
  const list = place.querySelector("[role=listbox]");
  place.hidden = false;
  let rows = [];
  let at = -1;
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    at = index;
    [...list.children].forEach((line, n) => line.setAttribute("aria-selected", String(n === at)));
    const line = list.children[at];
    if (!line?.id) { input.removeAttribute("aria-activedescendant"); return; }
    input.setAttribute("aria-activedescendant", line.id);
    line.scrollIntoView({ block: "nearest" });
  };
  const take = (row) => {
    people.add(row);
    input.value = "";
    close();
    input.focus();
  };
  const show = () => {
    if (!input.value.trim()) { close(); return; }
    rows = people.found(input.value);
    list.replaceChildren(...rows.map((row, n) => {
      const line = element("li", { role: "option", id: `who-found-${n}`, "aria-selected": "false" },
        element("span", {}, people.name(row)),
        element("span", { class: "hint" }, [people.has(row) ? words.chosen : "", row.querySelector(".who-name .meta")?.textContent, row.querySelector(".away")?.textContent].filter(Boolean).join(" · ")));
      line.addEventListener("mousedown", (event) => event.preventDefault());
      line.addEventListener("click", () => take(row));
      return line;
    }));
    if (!rows.length) list.append(element("li", { class: "none", role: "presentation" }, words.nobody));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(rows.length ? 0 : -1);
  };
  input.addEventListener("input", (event) => { if (!event.isComposing) show(); });
  input.addEventListener("compositionend", show);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      if (!list.hidden && rows[at]) take(rows[at]);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && rows.length && !list.hidden) {
      event.preventDefault();
      mark((at + (event.key === "ArrowDown" ? 1 : -1) + rows.length) % rows.length);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Backspace" && !input.value) {
      const last = people.chosen.lastElementChild;
      if (last) people.remove(last);
    }
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  if (matchMedia("(min-width: 821px)").matches && !document.querySelector("[data-focus-me]")) input.focus();
}

/* ── phrases, days ───────────────────────────────────────────────────────────────────────────────────────────── */

function phrases(form) {
  form.querySelectorAll("[data-phrases]").forEach((group) => {
    const field = form.elements[group.dataset.phrases];
    group.hidden = false;
    group.addEventListener("click", (event) => {
      const phrase = event.target.closest("button")?.value;
      if (!phrase || field.value.includes(phrase)) return;
      field.value = field.value.trim() ? `${field.value.trim()} ${phrase}` : phrase;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });
}

function days(form, words) {
  const group = form.querySelector("[data-quick]");
  const field = form.elements[group.dataset.quick];
  const place = form.querySelector("[data-due-said]");
  let asked = null;
  group.hidden = false;
  const tell = (said) => place.replaceChildren(
    ...(said.words ? [element("p", { class: said.tone }, element("strong", {}, said.words))] : []),
    ...(said.why.length ? [element("ul", {}, ...said.why.map((why) => element("li", {}, why)))] : []),
  );
  const mark = (chip) => group.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button === chip)));
  const set = (text) => {
    field.value = text;
    field.dispatchEvent(new Event("blur"));
  };
  const ask = async (query) => {
    asked?.abort();
    asked = new AbortController();
    const url = new URL(form.dataset.deadline, location.href);
    Object.entries(query).forEach(([name, value]) => url.searchParams.set(name, value));
    try {
      const answer = await fetch(url, { signal: asked.signal, headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (answer.status === 422) { tell({ words: words.no_day, tone: "late", why: [] }); return null; }
      if (!answer.ok) return null;
      const said = await answer.json();
      tell(said);
      return said;
    } catch { return null; } // what the server thinks of the day it says on sending, at the latest
  };
  group.addEventListener("click", async (event) => {
    const chip = event.target.closest("button");
    if (!chip) return;
    mark(chip);
    if (chip.dataset.day) {
      asked?.abort();
      set(chip.dataset.day);
      tell(JSON.parse(chip.dataset.said));
      return;
    }
    const said = await ask({ days: chip.dataset.days });
    if (said?.due) set(said.due);
  });
  field.addEventListener("change", () => {
    mark(null);
    const rule = group.querySelector("[data-day]");
    if (rule && rule.dataset.day === field.value.trim()) { mark(rule); tell(JSON.parse(rule.dataset.said)); return; }
    if (field.value.trim()) ask({ on: field.value.trim() });
    else place.replaceChildren();
  });
  const rule = group.querySelector("[data-day]");
  if (rule && rule.dataset.day === field.value.trim()) mark(rule);
  else if (field.value.trim() && !place.children.length) ask({ on: field.value.trim() });
}
