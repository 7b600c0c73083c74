// What every page needs: the password toggle and a word when a request in the background fails.
"use strict";

(() => {
  for (const button of document.querySelectorAll("[data-shows-password]")) {
    const field = document.getElementById(button.getAttribute("aria-controls"));
    button.hidden = false;
    button.addEventListener("click", () => {
      const isShown = field.type === "password";
      field.type = isShown ? "text" : "password";
      button.setAttribute("aria-pressed", String(isShown));
      button.firstElementChild.textContent = isShown ? button.dataset.hide : button.dataset.show;
    });
    // A password that stands open is not what a browser should remember as text.
    field.form.addEventListener("submit", () => { field.type = "password"; });
  }

  const failures = document.getElementById("failures");
  function say(text) {
    if (!failures) return;
    failures.textContent = text;
    failures.hidden = false;
  }
  document.addEventListener("htmx:responseError", () => say(failures?.dataset.refused));
  document.addEventListener("htmx:sendError", () => say(failures?.dataset.unreached));
  document.addEventListener("htmx:beforeRequest", () => { if (failures) failures.hidden = true; });
})();
