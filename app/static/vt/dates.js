/* <input data-vn-date>: what people write becomes dd/mm/yyyy when they leave the field. */
import { element, words } from "./words.js";

const plain = (text) => text.trim().toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d");
const two = (number) => String(number).padStart(2, "0");

/** Today in Vietnam, as UTC midnight of that day: a clerk's computer may be set to another zone. */
export function today(now = new Date()) {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Ho_Chi_Minh" }).format(now).split("-").map(Number);
  return new Date(Date.UTC(parts[0], parts[1] - 1, parts[2]));
}

/** The day somebody wrote, or null: 3/8, 3-8-26, 03082026, hôm nay, mai, hôm qua, +7, -2, +2 tuần. Without a year it is
    the nearest such day, as on the server: 28/12 written in January is that of last month. */
export function read(text, base = today(), past = false) {
  const said = plain(text);
  const from = (days) => new Date(base.getTime() + days * 86_400_000);
  if (["hom nay", "nay", "today"].includes(said)) return from(0);
  if (["ngay mai", "mai", "tomorrow"].includes(said)) return from(1);
  if (["ngay kia", "mot"].includes(said)) return from(2);
  if (["hom qua", "qua", "yesterday"].includes(said)) return from(-1);
  if (said === "hom kia") return from(-2);
  const shift = /^([+-])\s*(\d{1,3})\s*(ngay|tuan)?$/.exec(said);
  if (shift) return from((shift[1] === "-" ? -1 : 1) * Number(shift[2]) * (shift[3] === "tuan" ? 7 : 1));
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(said);
  if (iso) return made(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const joined = /^(\d{2})(\d{2})(\d{4})$/.exec(said);
  if (joined) return made(Number(joined[3]), Number(joined[2]), Number(joined[1]));
  const parts = /^(?:ngay\s+)?(\d{1,2})\s*[/.\-\s]\s*(\d{1,2})(?:\s*[/.\-\s]\s*(\d{4}|\d{2}))?$/.exec(said);
  const spoken = /^(?:ngay\s+)?(\d{1,2})\s+thang\s+(\d{1,2})(?:\s+nam\s+(\d{4}))?$/.exec(said);
  if (spoken) return spoken[3] ? made(Number(spoken[3]), Number(spoken[2]), Number(spoken[1])) : nearest(Number(spoken[2]), Number(spoken[1]), base, past);
  if (!parts) return null;
  if (!parts[3]) return nearest(Number(parts[2]), Number(parts[1]), base, past);
  return made(Number(parts[3]) + (parts[3].length === 2 ? 2000 : 0), Number(parts[2]), Number(parts[1]));
}

function nearest(month, day, base, past) {
  const years = [-1, 0, 1].map((step) => made(base.getUTCFullYear() + step, month, day)).filter((day_) => day_ && (!past || day_ <= base));
  return years.sort((one, other) => Math.abs(one - base) - Math.abs(other - base))[0] ?? null;
}

function made(year, month, day) {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : null;
}

/** Calls back once no button of the mouse and no finger is down: what moves the page before that takes a press away
    from the button under it. */
function afterPress(done) {
  if (!pressed) { done(); return; }
  const later = () => {
    removeEventListener("pointerup", later, true);
    removeEventListener("pointercancel", later, true);
    setTimeout(done, 0);
  };
  addEventListener("pointerup", later, true);
  addEventListener("pointercancel", later, true);
}
let pressed = false;
globalThis.addEventListener?.("pointerdown", () => { pressed = true; }, true);
["pointerup", "pointercancel"].forEach((name) => globalThis.addEventListener?.(name, () => { pressed = false; }, true));

export const written = (date) => `${two(date.getUTCDate())}/${two(date.getUTCMonth() + 1)}/${date.getUTCFullYear()}`;

/** The text field people write in; where the form wants an ISO day (type=date) a hidden field carries it.
    Gives the field that bears the name. */
export function enhance(input) {
  let bearer = input;
  if (input.type === "date") {
    bearer = element("input", { type: "hidden", name: input.name, value: input.value });
    const day = read(input.value);
    input.removeAttribute("name");
    input.type = "text";
    input.value = day ? written(day) : "";
    input.autocomplete = "off";
    input.after(bearer);
  }
  const said = element("p", { class: "date-said", "aria-live": "polite" });
  input.after(said);
  const settle = () => {
    const day = input.value.trim() ? read(input.value, today(), input.dataset.vnDate === "past") : null;
    const unclear = Boolean(input.value.trim()) && !day;
    input.setCustomValidity(unclear ? words.date_unclear ?? "" : "");
    const telling = unclear ? words.date_unclear ?? "" : day ? words.weekdays?.[day.getUTCDay()] ?? "" : "";
    afterPress(() => { said.textContent = telling; });
    const before = input.value;
    if (day) input.value = written(day);
    if (bearer !== input) bearer.value = day ? day.toISOString().slice(0, 10) : input.value;
    if (before !== input.value) input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  input.addEventListener("blur", settle);
  input.addEventListener("input", () => input.setCustomValidity(""));
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") settle(); });
  if (input.value) settle();
  return bearer;
}

export function dates(root = document) {
  root.querySelectorAll("input[data-vn-date]").forEach((input) => enhance(input));
}
