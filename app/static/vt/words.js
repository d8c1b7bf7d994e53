/* Translated sentences, put into the page by the server. */
const holder = document.getElementById("vt-words");
export const words = holder ? JSON.parse(holder.dataset.words) : {};

/** A sentence with its {named} places filled. */
export function say(sentence, values = {}) {
  return String(sentence ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** An element with text and attributes; never markup from a string. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** A size as people read it, the same way the server writes it: 1,2 MB. */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} byte`;
  const units = ["KB", "MB", "GB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) { value /= 1024; unit += 1; }
  return `${value.toLocaleString("vi-VN", { maximumFractionDigits: 1 })} ${units[unit]}`;
}
