/* <input data-vn-date>: what people write becomes dd/mm/yyyy when they leave the field. */
import { element, words } from "./words.js";

const plain = (text) => text.trim().toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d");
const two = (number) => String(number).padStart(2, "0");

/** Today in Vietnam, as UTC midnight of that day: a clerk's computer may be set to another zone. */
export function today(now = new Date()) {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Ho_Chi_Minh" }).format(now).split("-").map(Number);
  return new Date(Date.UTC(parts[0], parts[1] - 1, parts[2]));
}

/** The day somebody wrote, or null: 3/8, 3-8-26, 03082026, hôm nay, mai, hôm qua, +7, -2, +2 tuần. */
export function read(text, base = today()) {
  const said = plain(text);
  const from = (days) => new Date(base.getTime() + days * 86_400_000);
  if (["hom nay", "nay", "today"].includes(said)) return from(0);
  if (["ngay mai", "mai", "tomorrow"].includes(said)) return from(1);
  if (["ngay kia", "mot"].includes(said)) return from(2);
  if (["hom qua", "qua", "yesterday"].includes(said)) return from(-1);
  const shift = /^([+-])\s*(\d{1,3})\s*(ngay|tuan)?$/.exec(said);
  if (shift) return from((shift[1] === "-" ? -1 : 1) * Number(shift[2]) * (shift[3] === "tuan" ? 7 : 1));
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(said);
  if (iso) return made(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const joined = /^(\d{2})(\d{2})(\d{4})$/.exec(said);
  if (joined) return made(Number(joined[3]), Number(joined[2]), Number(joined[1]));
  const parts = /^(?:ngay\s+)?(\d{1,2})\s*[/.\-\s]\s*(\d{1,2})(?:\s*[/.\-\s]\s*(\d{4}|\d{2}))?$/.exec(said);
  if (!parts) return null;
  let year = parts[3] ? Number(parts[3]) : base.getUTCFullYear();
  if (parts[3]?.length === 2) year += 2000;
  return made(year, Number(parts[2]), Number(parts[1]));
}

function made(year, month, day) {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : null;
}

export const written = (date) => `${two(date.getUTCDate())}/${two(date.getUTCMonth() + 1)}/${date.getUTCFullYear()}`;

export function dates(root = document) {
  root.querySelectorAll("input[data-vn-date]").forEach((input) => {
    const said = element("p", { class: "date-said", id: `${input.id}-said`, "aria-live": "polite" });
    input.after(said);
    const settle = () => {
      if (!input.value.trim()) { said.textContent = ""; input.setCustomValidity(""); return; }
      const date = read(input.value);
      input.setCustomValidity(date ? "" : words.date_unclear ?? "");
      if (!date) { said.textContent = words.date_unclear ?? ""; return; }
      const before = input.value;
      input.value = written(date);
      said.textContent = words.weekdays?.[date.getUTCDay()] ?? "";
      if (before !== input.value) input.dispatchEvent(new Event("change", { bubbles: true }));
    };
    input.addEventListener("blur", settle);
    input.addEventListener("input", () => input.setCustomValidity(""));
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") settle(); });
    if (input.value) settle();
  });
}
