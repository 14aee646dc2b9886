// Repairs that need the drawn page: what scrolls says so and can be reached by keyboard; controls have names.
(function () {
  "use strict";

  // What may be wider than the page, and what to call it where it is.
  const WIDE = [
    ["mjx-container", "Equation, scrolls sideways"],
    [".highlight pre", "Code, scrolls sideways"],
    ["div.cell_output .output, div.cell_output .output pre", "Output, scrolls sideways"],
    [".pst-scrollable-table-container", "Table, scrolls sideways"],
  ];

  function ends(box) {
    return [box.scrollLeft > 1, box.scrollWidth - box.clientWidth - box.scrollLeft <= 1];
  }

  function mark(box, [scrolled, atEnd] = ends(box)) {
    box.classList.toggle("scrolled", scrolled);
    box.classList.toggle("at-end", atEnd);
  }

  function isWide(box) {
    const inline = box.localName === "mjx-container" && !box.hasAttribute("display");
    const room = inline ? box.parentElement.closest("p, li, td, dd, figcaption, div").clientWidth : box.clientWidth;
    const width = inline ? box.getBoundingClientRect().width : box.scrollWidth;
    return room > 0 && width > room + 1;
  }

  function reach(box, name) {
    // The button of a folded solution leaves -1 behind on what it showed.
    if (box.tabIndex < 0) {
      box.setAttribute("tabindex", "0");
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", name);
      box.dataset.bookFocus = "1";
    }
    if (!box.dataset.bookHeard) {
      box.addEventListener("scroll", () => mark(box), { passive: true });
      box.dataset.bookHeard = "1";
    }
  }

  function leave(box) {
    if (box.dataset.bookFocus) {
      ["tabindex", "role", "aria-label", "data-book-focus"].forEach((key) => box.removeAttribute(key));
    }
  }

  // All boxes are measured, then all are changed: in turns, each measurement would lay out the whole page again.
  function checkAll() {
    const found = WIDE.flatMap(([selector, name]) =>
      [...document.querySelectorAll(`.bd-content :is(${selector})`)].map((box) => ({ box, name })));
    found.forEach(({ box }) => box.classList.remove("scrolls"));
    found.forEach((it) => { it.wide = isWide(it.box); });
    found.forEach(({ box, name, wide }) => {
      box.classList.toggle("scrolls", wide);
      (wide ? reach : leave)(box, name);
    });
    const wide = found.filter((it) => it.wide);
    wide.forEach((it) => { it.ends = ends(it.box); });
    wide.forEach(({ box, ends: its }) => mark(box, its));
  }

  // ipywidgets' sliders have a label beside them that assistive technology cannot tell is theirs.
  function nameSliders() {
    document.querySelectorAll(".noUi-handle:not([aria-label])").forEach((handle) => {
      const label = handle.closest(".jupyter-widgets")?.querySelector(".widget-label");
      handle.setAttribute("aria-label", label?.textContent.trim() || "slider");
    });
  }

  // The theme's own markup.
  function mendTheme() {
    // Their visible text names them; the label that the theme adds says something else.
    document.querySelectorAll(".search-button-field[aria-label], details.hide > summary[aria-label]").forEach((it) => {
      it.removeAttribute("aria-label");
    });
    document.querySelectorAll(".citation-list[role=list]").forEach((list) => list.removeAttribute("role"));
  }

  // Not put off again by a second call: what draws in every frame would put it off for ever.
  let pending = false;
  function later() {
    if (pending) return;
    pending = true;
    requestAnimationFrame(() => {
      pending = false;
      nameSliders();
      checkAll();
    });
  }

  function start() {
    mendTheme();
    later();
    window.addEventListener("resize", later);
    window.addEventListener("load", later);
    document.addEventListener("toggle", later, true); // a dropdown opens
    document.addEventListener("click", () => setTimeout(later, 50)); // a hidden cell or solution is shown
    // The link in a folded solution's title only leads to the exercise; the switch around it fails on such a click.
    const onLink = (event) => event.target.closest?.(".toggle > .admonition-title a") && event.stopPropagation();
    document.addEventListener("click", onLink, true);
    document.fonts?.ready.then(later);
    const content = document.querySelector(".bd-content");
    const apart = (change) => !change.target.closest(".ml-fig"); // a figure that draws itself has nothing to mend
    const watch = new MutationObserver((changes) => changes.some(apart) && later());
    if (content) watch.observe(content, { childList: true, subtree: true });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
