/* A tick that only changes what is shown, remembered in this browser. */
export function remembered() {
  document.querySelectorAll("[data-remembered]").forEach((box) => {
    const key = `vt-${box.dataset.remembered}`;
    try { box.checked = localStorage.getItem(key) === "1"; } catch { /* not kept then */ }
    box.addEventListener("change", () => { try { localStorage.setItem(key, box.checked ? "1" : "0"); } catch { /* not kept then */ } });
  });
  // a form that opens at the foot of the page is seen whole, and typed into at once
  document.addEventListener("toggle", (event) => {
    const opened = event.target;
    if (!opened.open || !opened.matches?.("details.chase")) return;
    opened.querySelector("textarea").focus();
    opened.querySelector("form").scrollIntoView({ block: "nearest" });
  }, true);
}

/* One tick for all of a group; it shows when some of them are ticked. */
export function tickedTogether() {
  document.querySelectorAll("[data-ticks]").forEach((group) => {
    const all = group.querySelector("[data-tick-all]");
    const each = [...group.querySelectorAll("input[type=checkbox][name]")];
    const tell = () => {
      const count = each.filter((box) => box.checked).length;
      all.checked = count === each.length;
      all.indeterminate = count > 0 && count < each.length;
    };
    all.closest("label").hidden = false;
    group.addEventListener("change", (event) => {
      if (event.target === all) each.forEach((box) => { box.checked = all.checked; });
      tell();
    });
    tell();
  });
}
