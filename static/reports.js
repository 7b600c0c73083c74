// Figures of a report: a click opens below the line what the figure is made of, another click closes it.
// Without a script the link leads to the same page with the box open.
"use strict";

(() => {
  const rowOf = (figure) => figure.closest("tr").nextElementSibling;
  const figuresOf = (row) => [...row.previousElementSibling.querySelectorAll(".fig")];
  const isOpen = (figure) => figure.getAttribute("aria-expanded") === "true";

  function mark(row, opened) {
    for (const figure of figuresOf(row)) figure.setAttribute("aria-expanded", String(figure === opened));
    row.hidden = !opened;
    for (const button of row.querySelectorAll("[data-closes-why]")) button.hidden = false;
  }

  // As of the instant of the page, so that the box cannot show another figure than the line above it.
  function addressOf(figure) {
    const address = new URL(figure.href);
    address.pathname += "line/";
    address.hash = "";
    address.searchParams.set("as_of", figure.closest("table").dataset.explainedAsOf);
    return address.pathname + address.search;
  }

  async function open(figure) {
    const row = rowOf(figure);
    const target = row.cells[0];
    target.replaceChildren();
    await window.htmx.ajax("GET", addressOf(figure), { target, swap: "innerHTML" });
    mark(row, target.hasChildNodes() ? figure : null);
  }

  function close(row) {
    const opened = figuresOf(row).find(isOpen);
    mark(row, null);
    opened?.focus();
  }

  document.addEventListener("click", (event) => {
    const closing = event.target.closest("[data-closes-why]");
    if (closing) close(closing.closest("tr"));
    const figure = event.target.closest("a.fig");
    if (!figure || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (isOpen(figure)) close(rowOf(figure));
    else open(figure);
  });

  for (const button of document.querySelectorAll("[data-closes-why]")) button.hidden = false;
})();
