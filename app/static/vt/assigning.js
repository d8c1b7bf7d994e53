/* The dialog of an assignment: names found while one types, one who leads, phrases and days at a press. The rows with
   their radios stand in the page; here they are moved and set, so that what is sent is what is seen. */
import { enhance } from "./dates.js";
import { element, say } from "./words.js";

const plain = (text) => text.trim().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();
const exact = (text) => text.trim().normalize("NFC").toLowerCase();
const parted = (text) => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
const MOST = 8;
const OTHER_ACCENTS = 5;
const ROOM = 328; // height of eight names
const ENOUGH = 240;
const FIRST = 3;

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
    this.rows.forEach((row) => this.dress(row));
    form.querySelector(".people").classList.add("scripted");
    form.querySelector("[data-everybody]").open = false;
    this.settle();
  }

  dress(row) {
    row.addEventListener("change", (event) => {
      if (!event.target.name?.startsWith("assignees_kind_")) return;
      if (event.target.value === "inform") row.querySelector(".own-due input").value = ""; // nothing to do until a day
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

  /** Among the chosen; a unit leaves its heading behind, so that its people do not seem to be another's. */
  place(row) {
    if (row.parentElement === this.offered && row.classList.contains("unit")) this.offered.insertBefore(this.heading(row), row);
    this.chosen.append(row);
  }

  heading(row) {
    const name = row.querySelector(".who-name").cloneNode(true);
    name.querySelectorAll(".meta, .away").forEach((each) => each.remove());
    name.querySelector("strong").after(element("span", { class: "meta" }, this.words.chosen));
    const deep = [...row.classList].find((each) => each.startsWith("deep-"));
    return element("li", { class: `who unit heading ${deep}`, "data-heading": row.dataset.who, "data-at": row.dataset.at }, name);
  }

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
    this.offered.querySelector(`[data-heading="${row.dataset.who}"]`)?.remove();
    const before = [...this.offered.children].find((other) => Number(other.dataset.at) > Number(row.dataset.at));
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

  /** Rows that answer what was typed: whole words side by side first, units before people; who assigns comes last.
      Words typed with accents find these accents, or others only where nothing has these. */
  found(typed) {
    const asked = parted(exact(typed));
    if (!asked.length) return [];
    const ranked = this.rows.map((row) => ({ row, rank: this.rank(row, asked) })).filter((each) => each.rank !== null);
    const meant = ranked.filter((each) => each.rank < OTHER_ACCENTS);
    return (meant.length ? meant : ranked)
      .map((each) => [each.row.dataset.own !== undefined ? 1 : 0, each.rank, each.row.classList.contains("unit") ? 0 : 1, Number(each.row.dataset.at), each.row])
      .sort((one, other) => one.slice(0, 4).map((part, n) => part - other[n]).find(Boolean) ?? 0)
      .slice(0, MOST)
      .map((each) => each.at(-1));
  }

  rank(row, asked) {
    const name = this.name(row);
    const accented = asked.some((word) => word !== plain(word));
    const strict = standing(parted(exact(name)), asked, (part, word) => (word === plain(word) ? plain(part) : part));
    if (strict !== null) return strict;
    const flat = asked.map(plain);
    const short = [plain(row.dataset.short ?? ""), parted(plain(name)).map((part) => part[0]).join("")].filter(Boolean);
    if (flat.length === 1 && flat[0].length > 1) {
      if (short.some((each) => each === flat[0] || (row.classList.contains("unit") && each.endsWith(flat[0])))) return 0;
      if (short.some((each) => each.startsWith(flat[0]) || each.slice(1).startsWith(flat[0]))) return 3;
    }
    const all = parted(exact(`${name} ${row.querySelector(".who-name .meta")?.textContent ?? ""}`));
    if (asked.every((word) => all.some((part) => (word === plain(word) ? plain(part) : part).startsWith(word)))) return 4;
    return accented && flat.every((word) => all.some((part) => plain(part).startsWith(word))) ? OTHER_ACCENTS : null;
  }
}

/** How well a name answers: 0 these very words side by side, 1 the last of them only begun, 2 all only begun but side by
    side, 3 begun anywhere; null not at all. */
function standing(parts, asked, as = (part) => part) {
  const begins = (part, word) => part !== undefined && as(part, word).startsWith(word);
  const whole = (part, word) => part !== undefined && as(part, word) === word;
  const last = asked.length - 1;
  let best = null;
  const better = (rank) => { best = best === null ? rank : Math.min(best, rank); };
  parts.forEach((_, at) => {
    if (asked.every((word, n) => whole(parts[at + n], word))) better(0);
    else if (last && asked.every((word, n) => (n < last ? whole : begins)(parts[at + n], word))) better(1);
    else if (asked.every((word, n) => begins(parts[at + n], word))) better(2);
  });
  if (asked.every((word) => parts.some((part) => begins(part, word)))) better(3);
  return best;
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
    give(list, input, form);
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
  if (matchMedia("(min-width: 821px)").matches && !document.querySelector("[data-focus-me], .entry [autofocus]")) input.focus();
}

/** The list gets the side of the box that has room for it: the bar of buttons, or the edge of what scrolls, cuts it. */
function give(list, input, form) {
  const box = input.getBoundingClientRect();
  const scroll = form.querySelector(".assigning-scroll").getBoundingClientRect();
  const below = form.querySelector(".form-acts").getBoundingClientRect().top - box.bottom - 12;
  const above = box.top - Math.max(scroll.top, 0) - 12;
  const upward = below < Math.min(ENOUGH, list.scrollHeight) && above > below;
  list.classList.toggle("upward", upward);
  list.style.maxHeight = `${Math.max(120, Math.min(ROOM, upward ? above : below))}px`;
}

/* ── phrases, days ───────────────────────────────────────────────────────────────────────────────────────────── */

function phrases(form) {
  form.querySelectorAll("[data-phrases]").forEach((group) => {
    const field = form.elements[group.dataset.phrases];
    group.hidden = false;
    const more = fold(group);
    group.addEventListener("click", (event) => {
      const chip = event.target.closest("button");
      if (chip && chip === more) { unfold(group, more); return; }
      const phrase = chip?.value;
      if (!phrase || field.value.includes(phrase)) return;
      field.value = field.value.trim() ? `${field.value.trim()} ${phrase}` : phrase;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });
}

/** Few phrases in one line; gives the button that shows the others, or nothing where there are none. */
function fold(group) {
  const chips = [...group.querySelectorAll("button")].filter((chip) => chip.dataset.morePhrases === undefined);
  const more = group.querySelector("[data-more-phrases]");
  chips.forEach((chip, at) => { chip.title = chip.value; chip.hidden = at >= FIRST; });
  group.classList.add("folded");
  if (more) more.hidden = false;
  return more;
}

function unfold(group, more) {
  const later = [...group.querySelectorAll("button[hidden]")];
  group.classList.remove("folded");
  later.forEach((chip) => { chip.hidden = false; });
  more.hidden = true;
  (later[0] ?? group.querySelector("button")).focus();
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
