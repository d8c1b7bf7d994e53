/* The bell, the counters of the menu and the baskets of the desk count without the page being loaded anew; the bell
   opens the newest notices in place.
   The server is asked every twenty seconds while the page is looked at; such a question does not keep anybody signed
   in. After an error the next one waits longer, once signed out there is none. */
import { element } from "./words.js";

const EVERY = 20_000;
const LONGEST = 600_000;
const SOONEST = 1_000;

export function notices() {
  const opener = document.querySelector("[data-bell-opens]");
  if (!opener) return;
  const said = document.querySelector("[data-bell-said]");
  const title = document.title;
  let newest = Number(opener.dataset.newest) || 0;
  let wait = EVERY;
  let timer = 0;
  let asked = Date.now();
  let asking = false;
  let over = false;

  const show = (shown) => {
    document.querySelectorAll("[data-bell-count]").forEach((badge) => {
      badge.textContent = shown;
      badge.hidden = !shown;
    });
    document.title = shown ? `(${shown}) ${title}` : title;
  };

  const recount = ({ menu = {}, cards = {} }) => {
    document.querySelectorAll("[data-menu-count]").forEach((badge) => {
      const [count, text, late] = menu[badge.dataset.menuCount] ?? [0, "", false];
      badge.textContent = text;
      badge.hidden = !count;
      badge.classList.toggle("late", late);
    });
    document.querySelectorAll("[data-basket]").forEach((card) => {
      const [count, text] = cards[card.dataset.basket] ?? [];
      if (text === undefined) return;
      card.querySelector("strong").textContent = text;
      card.classList.toggle("empty", !count);
      if (card.dataset.tone) card.classList.toggle(card.dataset.tone, count > 0);
    });
  };
  const desk = document.querySelector("[data-basket]") ? "&desk" : "";

  const plan = () => {
    clearTimeout(timer);
    if (!over && document.visibilityState === "visible") timer = setTimeout(ask, wait);
  };

  const ask = async () => {
    if (asking || over) return;
    asking = true;
    asked = Date.now();
    try {
      const answer = await fetch(`${opener.dataset.unread}?after=${newest}${desk}`, { credentials: "same-origin", redirect: "manual", headers: { Accept: "application/json" } });
      if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) over = true;
      else if (!answer.ok) throw new Error(String(answer.status));
      else {
        const found = await answer.json();
        show(found.shown);
        recount(found);
        newest = found.newest;
        if (found.said) said.textContent = found.said;
        wait = EVERY;
      }
    } catch {
      wait = Math.min(wait * 2, LONGEST);
    }
    asking = false;
    plan();
  };

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.visibilityState !== "visible" || over) return;
    if (Date.now() - asked >= SOONEST || wait === EVERY) ask();
    else plan();
  });
  show(document.querySelector("[data-bell-count]").textContent);
  plan();
  panel(opener, ask);
}

/* The panel beside the bell: a link where there is no script or no room for it. */
function panel(opener, ask) {
  const box = document.getElementById(opener.dataset.bellOpens);
  const list = box.querySelector("[data-bell-list]");
  const words = JSON.parse(box.dataset.words);
  opener.setAttribute("role", "button");
  opener.setAttribute("aria-expanded", "false");
  opener.setAttribute("aria-controls", box.id);

  const line = (each) => {
    const text = element("span", { class: "notice-text" });
    if (each.unread) text.append(element("span", { class: "sr-only" }, `${words.unread} `));
    text.append(each.text);
    const made = element("li", { class: each.unread ? "unread" : null }, element("a", { href: each.url }, text));
    if (each.details.length) made.append(element("p", { class: "notice-more" }, each.details.join(" ")));
    made.append(element("time", { datetime: each.at }, each.when));
    return made;
  };

  const close = (back = false) => {
    if (box.hidden) return;
    box.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    if (back) opener.focus();
  };

  const fill = async () => {
    try {
      const answer = await fetch(opener.dataset.latest, { credentials: "same-origin", headers: { Accept: "application/json" } });
      if (answer.redirected) { location.reload(); return; }
      const { lines } = await answer.json();
      list.replaceChildren(...(lines.length ? lines.map(line) : [element("li", { class: "nothing" }, words.none)]));
      const until = box.querySelector("[name=until]");
      if (until && lines.length) until.value = Math.max(...lines.map((each) => each.id), Number(until.value));
    } catch {
      list.replaceChildren(element("li", { class: "nothing" }, words.failed));
    }
  };

  opener.addEventListener("click", async (event) => {
    event.preventDefault();
    if (!box.hidden) { close(); return; }
    await fill();
    box.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    ask();
    if (event.detail === 0) box.querySelector("[data-bell-list] a, footer a").focus(); // opened by a key
  });
  opener.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); opener.click(); } });
  box.querySelector("[data-bell-read]")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    try {
      await fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin", headers: { Accept: "application/json" } });
    } catch { /* what is shown next tells that they are unread still */ }
    await fill();
    ask();
    opener.focus();
  });
  document.addEventListener("click", (event) => { if (!box.contains(event.target) && !opener.contains(event.target)) close(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(true); });
  document.addEventListener("focusin", (event) => { if (!box.contains(event.target) && event.target !== opener) close(); });
}
