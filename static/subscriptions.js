// What the subscription screens need beyond htmx: dialogs that open and close, a taken hint, an address that can be reloaded.
"use strict";

(() => {
  // The address by which Back and reload find this form, or this page without its message, again.
  const kept = document.querySelector("[data-address]");
  if (kept) history.replaceState(history.state, "", kept.dataset.address);

  // "Use 15 seats" types the quantity, so that everything that follows the field follows it.
  function take(button) {
    const field = document.getElementById(button.dataset.for);
    field.value = button.dataset.use;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-use], [data-close]");
    if (button?.matches("[data-use]")) take(button);
    if (button?.matches("[data-close]")) button.closest("dialog").close();
  });

  function show(dialog) {
    dialog.removeAttribute("data-show");
    if (!dialog.open) dialog.showModal();
  }

  function showWaiting() {
    document.querySelectorAll("dialog[data-show]").forEach(show);
  }

  // Of many months the present one is what is looked for.
  function showThisMonth() {
    const month = document.querySelector(".months .now");
    if (month) month.parentElement.scrollLeft = month.offsetLeft - month.parentElement.clientWidth / 2;
  }

  const dialog = document.getElementById("command-dialog");
  document.addEventListener("htmx:afterSettle", (event) => {
    if (dialog && event.target === dialog && dialog.childElementCount) show(dialog);
    if (event.target.id === "live") {
      showThisMonth();
      // What had the focus may be gone: the keyboard goes on from the page, not from its very beginning.
      if (document.activeElement === document.body) document.getElementById("main").focus({ preventScroll: true });
    }
    showWaiting();
  });
  // A command was taken: what follows stands on the page.
  document.addEventListener("command-sent", () => dialog?.close());
  // What is wrong with a form comes with its status and stands in the form.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([409, 422].includes(event.detail.xhr.status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  showThisMonth();
  showWaiting();
})();
