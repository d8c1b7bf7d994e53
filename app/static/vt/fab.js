/* Generated pages: pickers in the person's language, filters, and the bar of acts on ticked rows. */
import { enhance } from "./dates.js";
import { element, say, words } from "./words.js";

const $ = window.jQuery;

function pickers() {
  if (!$?.fn?.select2) return;
  const language = {
    noResults: () => words.no_results, searching: () => words.searching, errorLoading: () => words.search_failed,
    inputTooShort: () => words.more_letters, removeAllItems: () => words.remove, removeItem: () => words.remove,
  };
  const options = (part) => ({
    theme: "bootstrap", width: "100%", language, allowClear: !part.required && !part.multiple,
    placeholder: part.dataset.placeholder ?? words.select_value,
  });
  document.querySelectorAll("select.my_select2").forEach((part) => { if (part.closest("template") === null) $(part).select2(options(part)); });
  document.querySelectorAll(".my_select2_ajax").forEach(async (part) => {
    const answer = await fetch(part.getAttribute("endpoint"), { credentials: "same-origin" });
    if (answer.ok) $(part).select2({ ...options(part), data: await answer.json() });
  });
  return options;
}

function calendars(root) {
  if (!$?.fn?.datepicker) return;
  const names = words.weekdays ?? [];
  const months = Array.from({ length: 12 }, (_, n) => `${n + 1}`);
  const long = document.documentElement.lang.startsWith("vi") ? months.map((n) => `Tháng ${n}`) : undefined;
  if (long) {
    $.fn.datepicker.dates.vi = {
      days: names, daysShort: ["CN", "T2", "T3", "T4", "T5", "T6", "T7"], daysMin: ["CN", "T2", "T3", "T4", "T5", "T6", "T7"],
      months: long, monthsShort: months.map((n) => `Th${n}`), today: words.today, clear: words.remove, weekStart: 1,
    };
  }
  $(root).find(".appbuilder_date, .appbuilder_datetime").datepicker({
    format: "yyyy-mm-dd", language: long ? "vi" : "en", weekStart: 1, autoclose: true, todayHighlight: true,
  });
}

/* Flask-AppBuilder repeats the label as placeholder; a label above the field says it once. */
function placeholders() {
  document.querySelectorAll(".field").forEach((field) => {
    const label = field.querySelector("label")?.firstChild?.textContent?.trim();
    field.querySelectorAll("[placeholder]").forEach((control) => {
      if (control.placeholder.trim() === label) control.removeAttribute("placeholder");
    });
  });
}

function filters(options) {
  document.querySelectorAll("form[data-filters]").forEach((form) => {
    const rows = form.querySelector("[data-filter-rows]");
    const adder = form.querySelector("[data-filter-add]");
    const active = JSON.parse(form.dataset.active || "[]");
    let counter = 0;

    const add = (column, operator = 0, value = null, focus = false) => {
      const template = form.querySelector(`template[data-filter="${CSS.escape(column)}"]`);
      if (!template) return;
      counter += 1;
      const row = template.content.firstElementChild.cloneNode(true);
      const how = row.querySelector(".filter-op");
      const place = row.querySelector(".filter-value");
      if (place.querySelector(".appbuilder_date")) place.replaceChildren(element("input", { type: "date", name: column, class: "form-control" }));
      const control = place.querySelector("input, select, textarea");
      let bearer = control;
      row.querySelector("label").htmlFor = `filter-${counter}`;
      control.id = `filter-${counter}`;
      control.removeAttribute("required");
      control.removeAttribute("placeholder");
      how.value = String(operator);
      const name = () => { bearer.name = `_flt_${how.value}_${column}`; };
      how.addEventListener("change", name);
      name();
      if (value !== null) {
        if (control.type === "checkbox") control.checked = !["", "0", "false", "False"].includes(String(value));
        else if (control.multiple) [...control.options].forEach((option) => { option.selected = [value].flat().map(String).includes(option.value); });
        else control.value = value;
      } else if (control.type === "checkbox") control.checked = true;
      if (control.type === "date") bearer = enhance(control);
      row.querySelector("[data-filter-remove]").addEventListener("click", () => {
        row.remove();
        adder.focus();
      });
      rows.append(row);
      if (control.matches("select.my_select2") && options) $(control).select2(options(control));
      calendars(row);
      if (focus) how.focus();
    };

    active.forEach(([column, label, value]) => {
      const names = [...form.querySelector(`template[data-filter="${CSS.escape(column)}"]`)?.content.querySelectorAll(".filter-op option") ?? []];
      const operator = names.findIndex((option) => option.textContent === label);
      (Array.isArray(value) ? value : [value]).forEach((one) => add(column, Math.max(operator, 0), one));
    });
    adder.addEventListener("change", () => {
      if (adder.value) add(adder.value, 0, null, true);
      adder.value = "";
    });
  });
}

function bulk() {
  document.querySelectorAll("[data-bulk]:not([data-bulk=''])").forEach((bar) => {
    const ticks = [...document.querySelectorAll(`input.action_check[form="${CSS.escape(bar.dataset.bulk)}"]`)];
    const all = document.querySelector(`[data-tick-all="${CSS.escape(bar.dataset.bulk)}"]`);
    const settle = () => {
      const n = ticks.filter((tick) => tick.checked).length;
      bar.hidden = n === 0;
      bar.querySelector("[data-bulk-count]").textContent = say(words.selected, { count: n });
      if (all) { all.checked = n > 0 && n === ticks.length; all.indeterminate = n > 0 && n < ticks.length; }
    };
    if (all) {
      all.hidden = false;
      all.addEventListener("change", () => { ticks.forEach((tick) => { tick.checked = all.checked; }); settle(); });
    }
    ticks.forEach((tick) => tick.addEventListener("change", settle));
    settle();
  });
}

/* A list of the technical tables has a menu of filters and acts that the library wires through inline handlers. */
function technicalTables() {
  document.querySelectorAll("[data-admin-action]").forEach((button) => button.addEventListener("click", () => {
    window.modelActions?.execute(button.dataset.adminAction);
  }));
  document.querySelectorAll('a[href^="javascript:"], .field-filters a').forEach((link) => {
    link.setAttribute("href", "#");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const menu = link.closest("details[data-menu]");
      if (menu) menu.open = false;
    });
  });
}

const options = document.body.dataset.library === "admin" ? undefined : pickers();
if (document.body.dataset.library !== "admin") calendars(document);
placeholders();
filters(options);
bulk();
technicalTables();
