/* role=tablist with buttons: one panel at a time, its name in the address; without script all panels stand one under
   another. And the story's own filter: all, acts, looks. */

export function tabs() {
  document.querySelectorAll("[role=tablist]").forEach((list) => {
    const all = [...list.querySelectorAll("[role=tab]")];
    if (!all.length) return;
    list.hidden = false;
    const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
    const choose = (tab) => all.forEach((other) => {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
      const panel = panelOf(other);
      if (panel) panel.hidden = other !== tab;
    });
    const remember = (tab) => { if (list.dataset.remember !== undefined) history.replaceState(history.state, "", `#${tab.getAttribute("aria-controls")}`); };
    all.forEach((tab, at) => {
      tab.addEventListener("click", () => { choose(tab); remember(tab); });
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        const next = event.key === "Home" ? all[0] : event.key === "End" ? all.at(-1) : step ? all[(at + step + all.length) % all.length] : null;
        if (!next) return;
        event.preventDefault();
        choose(next);
        remember(next);
        next.focus();
      });
    });
    const named = () => all.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash);
    window.addEventListener("hashchange", () => { const tab = named(); if (tab) choose(tab); });
    choose(named() ?? all.find((tab) => tab.getAttribute("aria-selected") === "true") ?? all[0]);
  });
}

/* <div data-story-filter="id of the list"> with buttons value="", "act", "look"; lines carry data-trail. */
export function stories() {
  document.querySelectorAll("[data-story-filter]").forEach((group) => {
    const story = document.getElementById(group.dataset.storyFilter);
    if (!story) return;
    group.hidden = false;
    group.addEventListener("click", (event) => {
      const button = event.target.closest("button[value], button:not([value])");
      if (!button || !group.contains(button)) return;
      group.querySelectorAll("button").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      story.querySelectorAll("[data-trail]").forEach((line) => { line.hidden = Boolean(button.value) && line.dataset.trail !== button.value; });
    });
  });
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
}
