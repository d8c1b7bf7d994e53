/* Before the first paint: the chosen colours, so that nothing flashes. A classic script on purpose. */
(() => {
  try {
    const theme = localStorage.getItem("vt-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch { /* storage may be closed to us: the device's colours then apply */ }
})();
