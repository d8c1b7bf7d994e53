/* Searching the text of a document without regard to case or Vietnamese diacritics, and marking what was found. */

/** Text folded for comparison, with the place of every folded letter in the original. */
export function fold(text) {
  let folded = "";
  const places = [];
  for (let at = 0; at < text.length; at += 1) {
    const letters = text[at].normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d").replace(/Đ/g, "d").toLowerCase();
    for (const letter of letters) {
      const last = folded.at(-1);
      if (/\s/.test(letter)) {
        if (last === " ") continue;
        folded += " ";
      } else folded += letter;
      places.push(at);
    }
  }
  places.push(text.length);
  return { folded, places };
}

/** The text of one page as pdf.js gives it: items in order, each with its place in the whole. */
export async function pageText(page) {
  const content = await page.getTextContent();
  let text = "";
  const starts = [];
  for (const item of content.items) {
    if (item.str === undefined) continue;
    starts.push(text.length);
    text += item.str;
    if (item.hasEOL) text += " ";
  }
  return { starts, ...fold(text) };
}

/** Where a sentence occurs: [[from, to], …] in the page's original text. */
export function matches(page, wanted) {
  const needle = fold(wanted.trim()).folded;
  const found = [];
  if (!needle) return found;
  for (let at = page.folded.indexOf(needle); at >= 0; at = page.folded.indexOf(needle, at + needle.length)) {
    found.push([page.places[at], page.places[at + needle.length - 1] + 1]);
  }
  return found;
}

/** Mark the matches in a page's text layer; `current` is the index of the one looked at, or -1. */
export function highlight(textDivs, strings, starts, found, current) {
  textDivs.forEach((div, n) => { if (div.querySelector("mark")) div.textContent = strings[n]; });
  let first = null;
  found.forEach(([from, to], index) => {
    for (let n = 0; n < textDivs.length; n += 1) {
      const start = starts[n];
      const end = start + strings[n].length;
      if (end <= from || start >= to) continue;
      const mark = wrap(textDivs[n], Math.max(from - start, 0), Math.min(to, end) - start);
      if (!mark) continue;
      if (index === current) {
        mark.className = "current";
        first ??= mark;
      }
    }
  });
  return first;
}

/* A span may already hold marks of earlier matches: the text to wrap lies in its last text node. */
function wrap(div, from, to) {
  let passed = 0;
  for (const node of [...div.childNodes]) {
    const length = node.textContent.length;
    if (node.nodeType === Node.TEXT_NODE && from >= passed && to <= passed + length) {
      const range = document.createRange();
      range.setStart(node, from - passed);
      range.setEnd(node, to - passed);
      const mark = document.createElement("mark");
      range.surroundContents(mark);
      return mark;
    }
    passed += length;
  }
  return null;
}
