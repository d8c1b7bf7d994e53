/* What every page does. Each part is small and leaves a page that works without it. */
import { freshTokens, openDialogs, submitOnce } from "./forms.js";
import { bulk } from "./bulk.js";
import { dates } from "./dates.js";
import { drops } from "./drop.js";
import { hotkeys } from "./keys.js";
import { lists } from "./lists.js";
import { lookups } from "./lookup.js";
import { notices } from "./notices.js";
import { stagings } from "./staging.js";
import { stories, tabs } from "./tabs.js";
import { remembered, tickedTogether } from "./work.js";

function themeChoice() {
  const groups = document.querySelectorAll("[data-theme-choice]");
  const show = (theme) => groups.forEach((group) => group.querySelectorAll("button").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }));
  let now = document.documentElement.dataset.theme ?? "";
  show(now);
  groups.forEach((group) => {
    group.hidden = false;
    group.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      now = button.value;
      if (now) document.documentElement.dataset.theme = now;
      else delete document.documentElement.dataset.theme;
      try {
        if (now) localStorage.setItem("vt-theme", now);
        else localStorage.removeItem("vt-theme");
      } catch { /* not kept then */ }
      show(now);
    });
  });
}

function drawer() {
  const side = document.getElementById("side");
  if (!side) return;
  let opener = null;
  const rest = () => document.querySelectorAll(".column, .phone-bar");
  const close = () => {
    if (!side.classList.contains("open")) return;
    side.classList.remove("open");
    rest().forEach((part) => { part.inert = false; });
    opener?.focus();
  };
  document.querySelectorAll("[data-drawer-open]").forEach((link) => {
    link.setAttribute("role", "button");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      opener = link;
      side.classList.add("open");
      rest().forEach((part) => { part.inert = true; });
      (side.querySelector("[aria-current=page]") ?? side.querySelector("a, button")).focus();
    });
  });
  document.querySelectorAll("[data-drawer-close]").forEach((control) => control.addEventListener("click", (event) => {
    event.preventDefault();
    if (location.hash === "#side") history.replaceState(null, "", "#main");
    close();
  }));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  matchMedia("(min-width: 821px)").addEventListener("change", close);
  side.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest" });
}

/* <details data-menu>: closes with Esc, by a click elsewhere and when another opens; opens upward where there is more
   room above, ends where its button ends where it would leave the window. */
function menus() {
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    const body = menu.open && menu.matches?.("details[data-menu]") ? menu.querySelector(":scope > .more-menu") : null;
    if (!body || getComputedStyle(body).position !== "absolute") return;
    body.classList.remove("up", "ends");
    body.classList.toggle("ends", body.getBoundingClientRect().right > document.documentElement.clientWidth - 8);
    const floor = Math.min(document.documentElement.clientHeight, document.querySelector(".phone-bar")?.getBoundingClientRect().top || Infinity);
    if (body.getBoundingClientRect().bottom <= floor - 8) return;
    const place = menu.getBoundingClientRect();
    body.classList.toggle("up", place.top > floor - place.bottom);
  }, true);
  const open = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("click", (event) => open().forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  }));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    open().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });
}

function alerts() {
  document.querySelectorAll("[data-dismiss-alert]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => button.closest(".alert").remove());
  });
  document.querySelector("[data-focus-me]")?.focus({ preventScroll: false });
}

/* A choice that filters at once; the button beside it remains for those who choose with the keyboard. */
function autoSubmit() {
  document.querySelectorAll("select[data-auto-submit]").forEach((select) => {
    let byKey = false;
    select.addEventListener("keydown", (event) => { byKey = event.key !== "Enter"; });
    select.addEventListener("pointerdown", () => { byKey = false; });
    select.addEventListener("change", () => { if (!byKey) select.form.requestSubmit(); });
  });
}

themeChoice();
drawer();
autoSubmit();
menus();
alerts();
hotkeys();
tabs();
openDialogs();
freshTokens();
submitOnce();
dates();
drops();
lookups();
lists();
bulk();
stories();
notices();
remembered();
tickedTogether();
const places = stagings();
if (document.querySelector("[data-registering]")) {
  import("./registering.js").then((form) => form.registering(places));
}
if (document.querySelector("[data-assigning]")) {
  import("./assigning.js").then((dialog) => dialog.assigning());
}
if (document.querySelector("[data-tray]")) {
  import("./tray.js").then((tray) => tray.tray());
}
if (document.querySelector("[data-pdf-viewer]")) {
  import("./pdf-viewer.js").then((viewer) => viewer.start());
}
