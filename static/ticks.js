// Tick boxes of a list: all at once, and how many are ticked.
"use strict";

(() => {
  for (const table of document.querySelectorAll("table[data-ticks]")) {
    const form = document.getElementById(table.dataset.ticks);
    const boxes = () => [...table.querySelectorAll("tbody input[type=checkbox]")];
    const all = table.querySelector("[data-ticks-all]");
    const words = form?.querySelector("[data-ticked]");

    const count = () => {
      const ticked = boxes().filter((box) => box.checked).length;
      if (all) {
        all.checked = ticked > 0 && ticked === boxes().length;
        all.indeterminate = ticked > 0 && !all.checked;
      }
      if (!words) return;
      const { none, one, many } = words.dataset;
      words.textContent = ticked === 0 ? none : ticked === 1 ? one : many.replace("#", ticked);
    };

    if (all) {
      all.hidden = false;
      all.addEventListener("change", () => {
        for (const box of boxes()) box.checked = all.checked;
        count();
      });
    }
    table.addEventListener("change", count);
    addEventListener("pageshow", count);
  }
})();
