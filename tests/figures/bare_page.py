"""A page with nothing on it but figures whose models have no kernel."""

import json
from typing import Any

PAGE = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>Figures</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>body { margin: 8px } %(css)s</style>%(slots)s<script type="module">
window.models = [];
for (const [i, { esm, state }] of %(widgets)s.entries()) {
  const { default: widget } = await import(URL.createObjectURL(new Blob([esm], { type: "text/javascript" })));
  const heard = {};
  const model = {
    state,
    get: (name) => state[name],
    set: (name, value) => { state[name] = value; (heard[`change:${name}`] ?? []).forEach((f) => f()); },
    save_changes: () => { throw new Error("no kernel"); },
    on: (name, f) => (heard[name] ??= []).push(f),
    off: (name, f) => (heard[name] = (heard[name] ?? []).filter((g) => g !== f)),
  };
  window.models.push(model);
  try {
    widget.render({ model, el: document.getElementById(`slot${i}`) });
  } catch (error) {
    console.error(`slot${i}: ${error}`);
  }
}
window.done = true;
</script></html>"""


def page_of(*widgets: Any) -> str:
    """The page's text: the figures one below the other, in `#slot0`, `#slot1`, ..., their models in `models`."""

    def state(widget: Any) -> dict[str, Any]:
        own = set(widget.traits(sync=True)) - {"layout", "tooltip", "tabbable"}
        return {name: getattr(widget, name) for name in own if not name.startswith("_")}

    given = json.dumps([{"esm": widget._esm, "state": state(widget)} for widget in widgets]).replace("</", "<\\/")
    slots = "".join(f'<div id="slot{i}"></div>' for i in range(len(widgets)))
    return PAGE % {"css": "\n".join({widget._css: 0 for widget in widgets}), "slots": slots, "widgets": given}


def listen(page: Any) -> list[str]:
    """A list that fills with whatever the page prints, throws or fetches."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)
    return complaints


def show(page: Any, address: str) -> None:
    """Open such a page and wait until its figures are drawn."""
    page.goto(address)
    page.wait_for_function("window.done")


def picture(page: Any) -> str:
    """What the first figure's stage holds."""
    return page.evaluate("document.querySelector('.ml-stage').innerHTML")


def status(page: Any) -> str:
    """What the first figure says of itself."""
    return page.inner_text(".ml-status")


def larger(page: Any, times: float) -> None:
    """Set the reader's size of letters."""
    page.evaluate("size => { document.documentElement.style.fontSize = size; }", f"{100 * times}%")


# Letters on letters, and lines or dots through letters, in a plot; a number's halo may lie on the dashed curve.
CLASHES = """() => [...document.querySelectorAll('.ml-picture:has(.ml-plot-axes)')].flatMap((picture) => {
    const texts = [...picture.querySelectorAll('text')].filter((it) => it.textContent && it.checkVisibility());
    const box = (it) => it.getBoundingClientRect();
    const meet = (a, b, less) => a.left + less < b.right && b.left + less < a.right && a.top + less < b.bottom
      && b.top + less < a.bottom;
    const found = [];
    texts.forEach((a, i) => texts.slice(i + 1).forEach((b) => meet(box(a), box(b), 2.5)
      && found.push(`${a.textContent} / ${b.textContent}`)));
    for (const it of picture.querySelectorAll('.ml-here, .ml-trail')) {
        if (!it.checkVisibility()) continue;
        texts.forEach((a) => meet(box(a), box(it), 2.5) && found.push(`${a.textContent} / dot`));
    }
    for (const path of picture.querySelectorAll('.ml-theory, .ml-seen')) {
        const at = path.getScreenCTM();
        for (let run = 0; run < path.getTotalLength(); run += 3) {
            const { x, y } = path.getPointAtLength(run).matrixTransform(at);
            texts.filter((a) => !a.classList.contains('ml-halo')).forEach((a) => {
                const b = box(a);
                const inside = x > b.left + 1 && x < b.right - 1 && y > b.top + 4 && y < b.bottom - 4;
                if (inside) found.push(`${a.textContent} / line`);
            });
        }
    }
    return [...new Set(found)];
})"""
