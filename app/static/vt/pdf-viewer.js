/* The document on the screen: pages drawn when they come near, text that can be selected and searched.
   <div data-pdf-viewer data-src data-title data-download data-words="{…}"> holds a plain link until this runs. */
import { element, say } from "./words.js";
import { highlight, matches, pageText } from "./pdf-find.js";

const library = new URL("../vendor/pdfjs/", import.meta.url);
const STEPS = [0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4];
const CSS_UNITS = 96 / 72;
const MAX_PIXELS = 16_777_216;
const MARGIN = 12;
const viewers = new WeakMap();

export async function start(root = document) {
  const places = [...root.querySelectorAll("[data-pdf-viewer]:not([data-started])")];
  if (!places.length) return;
  places.forEach((place) => { place.dataset.started = ""; });
  addStyles();
  let pdfjs;
  try {
    pdfjs = await import(new URL("pdf.min.mjs", library).href);
    pdfjs.GlobalWorkerOptions.workerSrc = new URL("pdf.worker.min.mjs", library).href;
  } catch (fault) {
    places.forEach((place) => new Viewer(place, null).fail(fault));
    return;
  }
  places.filter((place) => place.dataset.stopped === undefined).forEach((place) => {
    const viewer = new Viewer(place, pdfjs);
    viewers.set(place, viewer);
    viewer.open();
  });
}

/** Ask the server for nothing more: the file is about to go, or to go where another address shows it. What is drawn
    stays. For a viewer that is still to start, too. */
export function stop(place) {
  place.dataset.stopped = "";
  viewers.get(place)?.stop();
}

function addStyles() {
  const href = new URL("pdf-viewer.css", import.meta.url).href;
  if (!document.querySelector(`link[href="${href}"]`)) document.head.append(element("link", { rel: "stylesheet", href }));
}

class Viewer {
  constructor(place, pdfjs) {
    this.place = place;
    this.pdfjs = pdfjs;
    this.words = JSON.parse(place.dataset.words);
    this.pages = [];
    this.current = 1;
    this.rotation = 0;
    this.fit = true;
    this.scale = 1;
    this.found = [];
    this.at = -1;
    this.build();
  }

  build() {
    const { words, place } = this;
    const button = (icon, label, act, attributes = {}) => {
      const made = element("button", { type: "button", class: "btn quiet icon small", title: label, "aria-label": label, ...attributes }, element("i", { class: `fa ${icon}`, "aria-hidden": "true" }));
      made.addEventListener("click", act);
      return made;
    };
    this.number = element("input", { type: "text", inputmode: "numeric", class: "pdf-number", "aria-label": words.pages, value: "1", size: "3" });
    this.number.addEventListener("change", () => this.go(Number(this.number.value) || this.current));
    this.total = element("span", { class: "meta num" });
    this.percent = element("span", { class: "meta num pdf-percent", role: "status" });
    this.previousButton = button("fa-chevron-up", words.previous, () => this.go(this.current - 1));
    this.nextButton = button("fa-chevron-down", words.next, () => this.go(this.current + 1));
    this.fitButton = button("fa-arrows-h", words.fit, () => this.zoomTo("fit"), { "aria-pressed": "true" });
    this.findButton = button("fa-search", words.find, () => this.toggleFind(), { "aria-expanded": "false" });
    this.bar = element("div", { class: "pdf-bar", role: "toolbar", "aria-label": place.dataset.title },
      element("span", { class: "pdf-group" }, this.previousButton, this.nextButton, this.number, this.total),
      element("span", { class: "pdf-group" }, button("fa-search-minus", words.zoom_out, () => this.zoom(-1)), this.percent, button("fa-search-plus", words.zoom_in, () => this.zoom(1)), this.fitButton),
      element("span", { class: "pdf-group pdf-end" }, button("fa-rotate-right", words.rotate, () => this.rotate()), this.findButton,
        element("a", { class: "btn quiet icon small", href: place.dataset.download, download: "", title: words.download, "aria-label": words.download }, element("i", { class: "fa fa-download", "aria-hidden": "true" }))));
    this.findInput = element("input", { type: "search", "aria-label": words.find, placeholder: words.find });
    this.findStatus = element("span", { class: "meta num", role: "status" });
    this.findBar = element("div", { class: "pdf-find", hidden: true }, this.findInput, this.findStatus,
      button("fa-chevron-up", words.find_previous, () => this.step(-1)), button("fa-chevron-down", words.find_next, () => this.step(1)), button("fa-times", words.close, () => this.toggleFind(false)));
    this.message = element("div", { class: "pdf-message", role: "status" }, words.loading);
    this.scroll = element("div", { class: "pdf-scroll", tabindex: "0", role: "region", "aria-label": place.dataset.title }, this.message);
    place.replaceChildren(this.bar, this.findBar, this.scroll);
    place.classList.add("pdf-ready");
    this.listen();
  }

  listen() {
    let typing = null;
    this.findInput.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => this.search(), 250); });
    this.findInput.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); this.step(event.shiftKey ? -1 : 1); }
      if (event.key === "Escape") { event.preventDefault(); this.toggleFind(false); }
    });
    this.place.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f") { event.preventDefault(); this.toggleFind(true); return; }
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
      const act = {
        ArrowLeft: () => this.go(this.current - 1), ArrowRight: () => this.go(this.current + 1),
        "+": () => this.zoom(1), "=": () => this.zoom(1), "-": () => this.zoom(-1), 0: () => this.zoomTo("fit"), r: () => this.rotate(),
      }[event.key];
      if (act) { event.preventDefault(); event.stopPropagation(); act(); }
    });
    let waiting = null;
    this.scroll.addEventListener("scroll", () => {
      if (waiting) return;
      waiting = requestAnimationFrame(() => { waiting = null; this.notice(); });
    }, { passive: true });
    let width = 0;
    new ResizeObserver(() => {
      if (Math.abs(this.scroll.clientWidth - width) < 2) return;
      width = this.scroll.clientWidth;
      if (this.fit && this.pages.length) this.layout();
    }).observe(this.scroll);
  }

  async open() {
    try {
      this.loading = this.pdfjs.getDocument({
        url: new URL(this.place.dataset.src, location.href).href,
        standardFontDataUrl: new URL("standard_fonts/", library).href,
        wasmUrl: new URL("wasm/", library).href,
        useWasm: false,
        useWorkerFetch: true,
        isEvalSupported: false,
        enableXfa: false,
      });
      this.document = await this.loading.promise;
      const first = await this.document.getPage(1);
      const size = first.getViewport({ scale: 1 });
      this.message.remove();
      this.total.textContent = `/ ${this.document.numPages}`;
      this.near = new IntersectionObserver((entries) => entries.forEach((entry) => {
        const page = this.pages[Number(entry.target.dataset.page) - 1];
        page.near = entry.isIntersecting;
        if (page.near) this.draw(page); else this.forget(page);
      }), { root: this.scroll, rootMargin: "800px 0px" });
      for (let n = 1; n <= this.document.numPages; n += 1) {
        const box = element("div", { class: "pdf-page", "data-page": String(n), role: "group", "aria-label": `${this.words.pages} ${n}` });
        this.pages.push({ n, box, size: [size.width, size.height], scale: 1 });
        this.scroll.append(box);
      }
      this.layout();
      this.pages.forEach((page) => this.near.observe(page.box));
      this.notice();
    } catch (fault) {
      this.fail(fault);
    }
  }

  stop() {
    this.stopped = true;
    this.near?.disconnect();
    this.loading?.destroy();
  }

  fail(fault) {
    if (this.stopped) return;
    const { words } = this;
    const status = fault?.status;
    const reason = status === 404 || status === 410 ? words.missing
      : status === 401 || status === 403 ? words.forbidden
        : fault?.name === "PasswordException" ? words.password
          : fault?.name === "InvalidPDFException" ? words.damaged : "";
    this.bar.hidden = true;
    this.findBar.hidden = true;
    this.scroll.replaceChildren(element("div", { class: "pdf-message failed", role: "alert" },
      element("i", { class: "fa fa-file-pdf-o", "aria-hidden": "true" }),
      element("strong", {}, words.failed), element("p", {}, reason || words.failed_hint),
      ...(status === 404 || status === 403 || status === 401 ? [] : [element("a", { class: "btn", href: this.place.dataset.download, download: "" }, words.download)])));
    this.place.classList.add("pdf-failed");
  }

  /** Sizes of all pages for the present scale (each page its own where it fits the width); what is drawn at another
      scale is drawn anew. */
  layout() {
    const keep = this.position();
    const style = getComputedStyle(this.scroll);
    const room = this.scroll.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    this.pages.forEach((page) => {
      const turned = this.rotation % 180 ? [page.size[1], page.size[0]] : page.size;
      page.scale = this.fit ? Math.max(0.1, room / turned[0]) : this.scale;
      const [width, height] = turned.map((length) => Math.floor(length * page.scale));
      page.box.style.width = `${width}px`;
      page.box.style.height = `${height}px`;
      page.box.style.setProperty("--total-scale-factor", String(page.scale));
    });
    this.fitButton.setAttribute("aria-pressed", String(this.fit));
    this.restore(keep);
    this.notice();
    this.pages.forEach((page) => { if (page.near) this.draw(page); });
  }

  /** How far down the present page the view stands, as a share of its height. */
  position() {
    const page = this.pages[this.current - 1];
    return page?.box.offsetHeight ? (this.scroll.scrollTop + MARGIN - page.box.offsetTop) / page.box.offsetHeight : 0;
  }

  restore(share) {
    const page = this.pages[this.current - 1];
    if (page) this.scroll.scrollTop = page.box.offsetTop - MARGIN + share * page.box.offsetHeight;
  }

  async draw(page) {
    const key = `${page.scale}/${this.rotation}`;
    if (page.drawn === key || this.stopped) return;
    page.drawn = key;
    page.task?.cancel();
    page.layer?.cancel();
    try {
      page.proxy ??= await this.document.getPage(page.n);
      if (page.drawn !== key) return;
      const rotation = (page.proxy.rotate + this.rotation) % 360;
      const plain = page.proxy.getViewport({ scale: 1 });
      if (plain.width !== page.size[0] || plain.height !== page.size[1]) {
        page.size = [plain.width, plain.height];
        page.drawn = null;
        this.layout();
        if (page.drawn) return;
        page.drawn = key;
      }
      const viewport = page.proxy.getViewport({ scale: page.scale, rotation });
      let density = Math.min(window.devicePixelRatio || 1, 3);
      while (viewport.width * viewport.height * density * density > MAX_PIXELS && density > 0.5) density *= 0.8;
      const canvas = element("canvas", { "aria-hidden": "true" });
      const sharp = page.proxy.getViewport({ scale: page.scale * density, rotation });
      canvas.width = Math.floor(sharp.width);
      canvas.height = Math.floor(sharp.height);
      page.task = page.proxy.render({ canvas, viewport: sharp });
      await page.task.promise;
      const text = element("div", { class: "textLayer" });
      page.layer = new this.pdfjs.TextLayer({ textContentSource: page.proxy.streamTextContent(), container: text, viewport });
      page.box.replaceChildren(canvas, text);
      await page.layer.render();
      this.mark(page);
    } catch (fault) {
      if (this.stopped || fault?.name === "RenderingCancelledException" || fault?.name === "AbortException") return;
      page.box.replaceChildren(element("p", { class: "pdf-message" }, this.words.page_failed));
    }
  }

  forget(page) {
    page.task?.cancel();
    page.layer?.cancel();
    page.box.replaceChildren();
    page.drawn = null;
    page.layer = null;
  }

  notice() {
    if (!this.pages.length) return;
    const middle = this.scroll.scrollTop + this.scroll.clientHeight / 3;
    const page = this.pages.findLast((one) => one.box.offsetTop <= middle) ?? this.pages[0];
    this.current = page.n;
    this.percent.textContent = `${Math.round((page.scale / CSS_UNITS) * 100)}%`;
    if (document.activeElement !== this.number) this.number.value = String(page.n);
    this.previousButton.disabled = page.n === 1;
    this.nextButton.disabled = page.n === this.pages.length;
  }

  go(n) {
    if (!this.pages.length) return;
    this.current = Math.min(Math.max(Math.round(n), 1), this.pages.length);
    this.number.value = String(this.current);
    this.scroll.scrollTop = this.pages[this.current - 1].box.offsetTop - MARGIN;
  }

  zoom(direction) {
    const now = (this.pages[this.current - 1]?.scale ?? this.scale) / CSS_UNITS;
    const next = direction > 0 ? STEPS.find((step) => step > now + 0.01) : STEPS.findLast((step) => step < now - 0.01);
    if (next) this.zoomTo(next);
  }

  zoomTo(share) {
    if (!this.pages.length) return;
    this.fit = share === "fit";
    if (!this.fit) this.scale = share * CSS_UNITS;
    this.layout();
  }

  rotate() {
    if (!this.pages.length) return;
    this.rotation = (this.rotation + 90) % 360;
    this.layout();
  }

  toggleFind(open = this.findBar.hidden) {
    this.findBar.hidden = !open;
    this.findButton.setAttribute("aria-expanded", String(open));
    if (open) { this.findInput.focus(); this.findInput.select(); } else {
      this.found = [];
      this.at = -1;
      this.pages.forEach((page) => { page.found = []; this.mark(page); });
      this.findButton.focus();
    }
  }

  async search() {
    const wanted = this.findInput.value;
    this.found = [];
    this.at = -1;
    let letters = 0;
    for (const page of this.pages) {
      page.proxy ??= await this.document.getPage(page.n);
      page.text ??= await pageText(page.proxy);
      if (wanted !== this.findInput.value) return;
      letters += page.text.folded.length;
      page.found = matches(page.text, wanted);
      page.found.forEach((_, index) => this.found.push({ page, index }));
    }
    if (!wanted.trim()) this.findStatus.textContent = "";
    else if (!letters) this.findStatus.textContent = this.words.no_text;
    else if (!this.found.length) this.findStatus.textContent = this.words.no_match;
    this.pages.forEach((page) => this.mark(page));
    if (this.found.length) {
      const from = this.found.findIndex((match) => match.page.n >= this.current);
      this.at = (from < 0 ? 0 : from) - 1;
      this.step(1);
    }
  }

  step(direction) {
    if (!this.found.length) return;
    const before = this.found[this.at]?.page;
    this.at = (this.at + direction + this.found.length) % this.found.length;
    const { page } = this.found[this.at];
    this.findStatus.textContent = say(this.words.match, { n: this.at + 1, total: this.found.length });
    if (before && before !== page) this.mark(before);
    if (!this.mark(page)) this.scroll.scrollTop = page.box.offsetTop - MARGIN;
  }

  /** Marks on one drawn page; true if the present match was there and has been scrolled to. */
  mark(page) {
    if (!page.layer || !page.text) return false;
    const now = this.found[this.at];
    const first = highlight(page.layer.textDivs, page.layer.textContentItemsStr, page.text.starts, page.found ?? [], now?.page === page ? now.index : -1);
    if (!first) return false;
    const box = first.getBoundingClientRect();
    const frame = this.scroll.getBoundingClientRect();
    if (box.top < frame.top + 20 || box.bottom > frame.bottom - 20) this.scroll.scrollTop += box.top - frame.top - frame.height / 3;
    return true;
  }
}
