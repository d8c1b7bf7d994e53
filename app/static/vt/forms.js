/* Questions before an act, and one sending per press. */
import { words } from "./words.js";

let asking = false;

/** Ask; true if the person agreed. One question at a time: a press while one is open is no answer to it.
    `label` is what the agreeing button says; with `danger` it is red and the way back has the focus.
    Where <dialog> is unknown the browser's own question serves. */
export function ask(question, { detail = "", label = "", danger = false } = {}) {
  if (asking) return Promise.resolve(false);
  const dialog = document.getElementById("vt-confirm");
  if (!dialog?.showModal) return Promise.resolve(window.confirm([question, detail].filter(Boolean).join("\n")));
  dialog.querySelector("h2").textContent = question;
  const more = dialog.querySelector("[data-confirm-detail]");
  more.textContent = detail;
  more.hidden = !detail;
  const agree = dialog.querySelector("[value=ok]");
  agree.textContent = label || agree.dataset.label;
  agree.classList.toggle("danger", danger);
  dialog.returnValue = "";
  asking = true;
  dialog.showModal();
  dialog.querySelector(danger ? "[value=cancel]" : "[value=ok]").focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      asking = false;
      resolve(dialog.returnValue === "ok");
    }, { once: true });
  });
}

/** <form data-rehearse>: whether the server would do what the form asks for; nothing is done yet, no file is sent. */
async function stands(form) {
  if (form.dataset.rehearse === undefined) return true;
  const body = new FormData(form);
  [...new Set(body.keys())].filter((name) => body.get(name) instanceof File).forEach((name) => body.delete(name));
  body.set("then", "rehearse");
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
    return answer.ok && (await answer.json()).stands;
  } catch {
    return true; // asked as ever; sending it will tell
  }
}

/** data-confirm on a form or on the pressed button: the question comes first (data-confirm-detail, -label and
    -danger beside it). */
export function openDialogs() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    const asks = button?.dataset.confirm ? button : form;
    if (!asks.dataset?.confirm || form.dataset.agreed) return;
    if (asks === form && button?.hasAttribute("formaction")) return; // another act than the one the form asks about
    event.preventDefault();
    event.stopImmediatePropagation();
    if (asking || form.dataset.rehearsing) return;
    form.dataset.rehearsing = "1";
    stands(form).then((sound) => {
      delete form.dataset.rehearsing;
      return sound ? ask(asks.dataset.confirm, {
        detail: asks.dataset.confirmDetail,
        label: asks.dataset.confirmLabel,
        danger: asks.dataset.confirmDanger !== undefined,
      }) : true; // refused in any case: its answer says why
    }).then((agreed) => {
      if (!agreed) return;
      form.dataset.agreed = "1";
      form.requestSubmit(button ?? undefined);
      delete form.dataset.agreed;
    });
  }, true);
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open-dialog]");
    if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
    const closer = event.target.closest("[data-close-dialog]");
    if (closer) closer.closest("dialog")?.close();
  });
}

/** <form data-fresh-token="/address">: the page may be older than the session, so the token is fetched at the press. */
export function freshTokens() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.freshToken || form.dataset.fresh) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const told = document.querySelector("[data-token-refused]");
    fetch(form.dataset.freshToken, { headers: { Accept: "application/json" }, credentials: "same-origin", redirect: "error" })
      .then((answer) => {
        if (answer.status === 401) return null;
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      })
      .then((answer) => {
        if (told) told.hidden = answer !== null;
        if (!answer) return;
        form.elements.csrf_token.value = answer.token;
        send(form, event.submitter);
      })
      .catch(() => send(form, event.submitter)); // as without script: the answer of the server tells what to do
  }, true);
  function send(form, button) {
    form.dataset.fresh = "1";
    form.requestSubmit(button ?? undefined);
    delete form.dataset.fresh;
  }
}

/** A posted form is sent once: its buttons rest until the page is left, and wake when one comes back to it. */
export function submitOnce() {
  const resting = new Set();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if ([form.target, event.submitter?.formTarget].includes("_blank")) return; // the page stays, and may be sent again
    if (form.dataset.sending) { event.preventDefault(); return; }
    form.dataset.sending = "1";
    resting.add(form);
    // After this turn: a button switched off at once would not be among the values sent.
    setTimeout(() => {
      buttons(form).forEach((button) => { button.disabled = true; });
      if (event.submitter) {
        event.submitter.setAttribute("aria-busy", "true");
        event.submitter.title = words.sending ?? "";
      }
    }, 0);
    if (form.dataset.download !== undefined) setTimeout(wake, 4000);
  });
  function buttons(form) {
    return [...form.elements].filter((part) => part.matches("button:not([type=button]), input[type=submit]"));
  }
  function wake() {
    resting.forEach((form) => {
      delete form.dataset.sending;
      buttons(form).forEach((button) => {
        button.disabled = false;
        button.removeAttribute("aria-busy");
        button.removeAttribute("title");
      });
    });
    resting.clear();
  }
  window.addEventListener("pageshow", (event) => { if (event.persisted) wake(); });
}

/** data-hotkey="Alt+S": works from any field too. The key is that of the place on the keyboard, whatever it writes. */
export function altKeys() {
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.isComposing || !/^Key[A-Z]$/.test(event.code)) return;
    if (document.querySelector("dialog[open]")) return;
    const wanted = `Alt+${event.code.slice(3)}`;
    const target = [...document.querySelectorAll("[data-hotkey]")].find((part) => part.dataset.hotkey === wanted && !part.disabled && !part.closest("[hidden]"));
    if (!target) return;
    event.preventDefault();
    target.click();
  });
}
