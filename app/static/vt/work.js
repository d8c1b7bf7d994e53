/* Forms of a list of work: the main button goes on with the next piece; with Shift it stays, as the second one does. */
export function staying() {
  document.querySelectorAll("[data-stay]").forEach((stay) => {
    const { form } = stay;
    form.querySelector("[data-main]")?.addEventListener("click", (event) => {
      if (!event.shiftKey) return;
      event.preventDefault();
      form.requestSubmit(stay);
    });
  });
}
