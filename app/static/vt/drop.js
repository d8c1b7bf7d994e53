/* A file input with a drop zone, the list of what was chosen, and removal of one. The input stays the truth.
   Inside [data-staging] files are sent at once instead: staging.js. */
import { element, say, size, words } from "./words.js";

export function drops(root = document) {
  root.querySelectorAll("[data-drop]").forEach((zone) => {
    const input = zone.querySelector("input[type=file]");
    if (!input || typeof DataTransfer === "undefined") return;
    if (zone.closest("[data-staging]")) {
      zone.prepend(element("span", {}, chooser(input), ` ${words.drop_here ?? ""}`));
      return;
    }
    const limit = Number(zone.dataset.limit ?? 0);
    const list = element("ul", { class: "files", "aria-live": "polite" });
    let chosen = new DataTransfer();
    zone.prepend(element("span", {}, chooser(input), ` ${words.drop_here ?? ""}`));
    zone.append(list);

    const put = (files) => {
      if (!input.multiple) chosen = new DataTransfer();
      for (const file of files) {
        const known = [...chosen.files].some((other) => other.name === file.name && other.size === file.size && other.lastModified === file.lastModified);
        if (!known) chosen.items.add(file);
        if (!input.multiple) break;
      }
      settle();
    };
    const settle = () => {
      input.files = chosen.files;
      const tooLarge = limit && [...chosen.files].some((file) => file.size > limit);
      input.setCustomValidity(tooLarge ? say(words.too_large, { limit: zone.dataset.limitText }) : "");
      list.replaceChildren(...[...chosen.files].map((file, at) => {
        const remove = element("button", { type: "button", class: "btn quiet icon small", "aria-label": `${words.remove ?? ""} ${file.name}` }, element("i", { class: "fa fa-times", "aria-hidden": "true" }));
        remove.addEventListener("click", () => {
          const kept = new DataTransfer();
          [...chosen.files].forEach((other, index) => { if (index !== at) kept.items.add(other); });
          chosen = kept;
          settle();
          (list.querySelector("button") ?? input).focus();
        });
        const name = element("span", { class: "name" }, file.name);
        if (limit && file.size > limit) {
          name.append(element("span", { class: "error-text" }, say(words.too_large, { limit: zone.dataset.limitText })));
        }
        return element("li", {}, element("i", { class: "fa fa-file-o", "aria-hidden": "true" }), name, element("span", { class: "size" }, size(file.size)), remove);
      }));
    };

    input.addEventListener("change", () => put([...input.files]));
    const over = (on) => (event) => { event.preventDefault(); zone.classList.toggle("over", on); };
    zone.addEventListener("dragover", over(true));
    zone.addEventListener("dragenter", over(true));
    zone.addEventListener("dragleave", over(false));
    zone.addEventListener("drop", (event) => {
      over(false)(event);
      put([...event.dataTransfer.files]);
    });
    input.form?.addEventListener("reset", () => { chosen = new DataTransfer(); settle(); });
  });
}

const chooser = (input) => element("label", { class: "btn", for: input.id }, element("i", { class: "fa fa-paperclip", "aria-hidden": "true" }), words.choose_files ?? "…");
