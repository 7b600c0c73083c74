// Lists: a double click opens a row, a page size is sent as it is chosen, empty filters stay out of the address, and a
// file that was asked for comes by itself.
"use strict";

(() => {
  document.addEventListener("dblclick", (event) => {
    const row = event.target.closest("table[data-opens-rows] tr[data-href]");
    if (row && !event.target.closest("a, button, input, select, label")) location.assign(row.dataset.href);
  });

  // A file that became ready while its page was open is what the click was for.
  document.addEventListener("htmx:afterSettle", () => {
    const link = document.querySelector("a[data-downloads-itself]");
    if (!link) return;
    delete link.dataset.downloadsItself;
    location.assign(link.href);
  });

  for (const form of document.querySelectorAll("form[data-sends-itself]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }

  for (const form of document.querySelectorAll("form[data-leaves-out-empty]")) {
    const fields = () => [...form.elements].filter((field) => field.name && field.value === "");
    form.addEventListener("submit", () => {
      for (const field of fields()) field.disabled = true;
    });
    // Back shows the page as it was left: with its fields, not with disabled ones.
    addEventListener("pageshow", () => {
      for (const field of fields()) field.disabled = false;
    });
  }
})();
