// Shipped as vendor/widgets-local.js and loaded after require.js: lets the widget manager work with no network.
(function () {
  "use strict";
  // Modules that the manager asks for, such as "anywidget", lie beside this script.
  window.requirejs.config({ baseUrl: document.currentScript.src.replace(/[^/]*$/, "") });

  // The manager still calls the queue of MathJax 2 for each described control; hand its calls to MathJax 3.
  function queue() {
    for (const call of arguments) {
      if (Array.isArray(call) && call[0] === "Typeset" && window.MathJax.typesetPromise) {
        window.MathJax.typesetPromise([call[2]]).catch(() => {});
      }
    }
  }
  function shim() {
    window.MathJax = window.MathJax || {};
    if (!window.MathJax.Hub) window.MathJax.Hub = { Queue: queue, Config: () => {} };
  }
  // MathJax replaces its global object when it starts, so wait until the deferred scripts have run.
  document.addEventListener("DOMContentLoaded", shim);
  window.addEventListener("load", shim, true);
})();
