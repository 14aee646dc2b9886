"""Each widget on a bare page with a model that has no kernel: keys, words, widths, themes."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import CrosstalkWidget, HolographicWidget, StoryWidget  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: apt install chromium)")

WIDGETS = {
    "crosstalk": lambda: CrosstalkWidget(stored=5),
    "holographic": lambda: HolographicWidget(items=4, copies=2, asked=2),
    "story": lambda: StoryWidget(step=5, person="John"),
}
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
  widget.render({ model, el: document.getElementById(`slot${i}`) });
}
window.done = true;
</script></html>"""


def page_of(*widgets: Any) -> str:
    def state(widget: Any) -> dict[str, Any]:
        own = set(widget.traits(sync=True)) - {"layout", "tooltip", "tabbable"}
        return {name: getattr(widget, name) for name in own if not name.startswith("_")}

    given = json.dumps([{"esm": widget._esm, "state": state(widget)} for widget in widgets]).replace("</", "<\\/")
    slots = "".join(f'<div id="slot{i}"></div>' for i in range(len(widgets)))
    return PAGE % {"css": widgets[0]._css, "slots": slots, "widgets": given}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as engine:
        started = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """``open_page(widgets, width=390)``; at the end nothing was printed, thrown, or fetched."""
    complaints: list[str] = []
    contexts = []

    def open_(*widgets: Any, width: int = 800, **options: Any) -> Any:
        file = tmp_path / "page.html"
        file.write_text(page_of(*widgets), encoding="utf-8")
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, **options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)
        page.goto(file.as_uri())
        page.wait_for_function("window.done")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def picture(page: Any) -> str:
    return page.evaluate("document.querySelector('.ml-stage').innerHTML")


@pytest.mark.parametrize("name", WIDGETS)
def test_every_control_answers_the_keyboard_in_picture_words_and_model(open_page: Any, name: str) -> None:
    page = open_page(WIDGETS[name]())
    controls = page.locator(".ml-controls :is(button, select, input[type=range], input[type=radio]:checked)")
    assert controls.count() >= 3
    for i in range(controls.count()):
        control = controls.nth(i)
        kind = control.evaluate("node => node.type")
        before = (picture(page), page.inner_text(".ml-status"), page.evaluate("JSON.stringify(models[0].state)"))
        control.focus()
        page.keyboard.press({"submit": "Enter", "button": "Enter", "range": "ArrowLeft"}.get(kind, "ArrowDown"))
        assert picture(page) != before[0], (i, kind)
        assert page.inner_text(".ml-status") != before[1], (i, kind)
        assert page.evaluate("JSON.stringify(models[0].state)") != before[2], (i, kind)
        if kind == "button" and i == 1:  # what it emptied is filled again for the controls to come
            page.evaluate("(names) => names.forEach(([n, v]) => models[0].set(n, v))", [["stored", 5], ["step", 5]])
            page.evaluate("() => { if (models[0].get('asked')) models[0].set('asked', 3); }")


@pytest.mark.parametrize("name", WIDGETS)
@pytest.mark.parametrize(("width", "larger"), [(1200, 1), (390, 1), (320, 1), (390, 2)])
def test_nothing_scrolls_sideways(open_page: Any, name: str, width: int, larger: int) -> None:
    page = open_page(WIDGETS[name](), width=width, has_touch=True)
    page.evaluate("size => { document.documentElement.style.fontSize = size; }", f"{100 * larger}%")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.evaluate("""[...document.querySelectorAll('.ml-fig, .ml-fig *')].filter((node) => {
        const box = node.getBoundingClientRect();
        return box.width && (box.right > innerWidth + 1 || box.left < -1);
    }).map((node) => node.outerHTML.slice(0, 120))""")
    assert wide == []


@pytest.mark.parametrize("name", WIDGETS)
def test_what_is_touched_is_large_enough(open_page: Any, name: str) -> None:
    page = open_page(WIDGETS[name](), width=390, has_touch=True, is_mobile=True)
    small = page.evaluate("""[...document.querySelectorAll(
        '.ml-fig :is(button, select, input[type=range], summary), .ml-choice label'
    )].filter((node) => node.getBoundingClientRect().height < 44).map((node) => node.outerHTML.slice(0, 120))""")
    assert small == []


@pytest.mark.parametrize("name", WIDGETS)
def test_theme_and_motion_follow_the_page(open_page: Any, name: str) -> None:
    page = open_page(WIDGETS[name](), reduced_motion="reduce")
    ground = "getComputedStyle(document.querySelector('.ml-fig')).backgroundColor"
    light = page.evaluate(ground)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert (light, page.evaluate(ground)) == ("rgb(255, 255, 255)", "rgb(20, 24, 30)")
    moving = (
        "[...document.querySelectorAll('.ml-fig *')].filter((n) => getComputedStyle(n).transitionDuration !== '0s')"
    )
    assert page.evaluate(f"{moving}.length") == 0


@pytest.mark.parametrize("name", WIDGETS)
def test_everything_has_a_name(open_page: Any, name: str) -> None:
    page = open_page(WIDGETS[name]())
    assert page.locator(".ml-fig").get_attribute("aria-label")
    assert page.locator(".ml-status").get_attribute("aria-live") == "polite"
    for svg in page.locator("svg").all():
        assert svg.get_attribute("role") == "img"
        assert len(svg.get_attribute("aria-label")) > 15
    unnamed = "[...document.querySelectorAll('.ml-fig :is(input, select)')].filter((n) => !n.labels?.[0]?.innerText)"
    assert page.evaluate(f"{unnamed}.length") == 0
    page.click("summary")
    assert len(page.inner_text(".ml-words")) > 300


def test_several_on_one_page_do_not_meddle(open_page: Any) -> None:
    page = open_page(StoryWidget(step=4), StoryWidget(step=4), CrosstalkWidget(stored=4), CrosstalkWidget(stored=4))
    ids = page.evaluate("[...document.querySelectorAll('.ml-fig [id]')].length")
    assert ids == 0
    before = page.locator(".ml-status").all_inner_texts()
    page.locator("input[type=radio]").nth(1).check()
    page.locator(".ml-fig").nth(2).get_by_text("Store the next pair").click()
    after = page.locator(".ml-status").all_inner_texts()
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True, False, True]
    assert page.locator("input[type=radio]:checked").count() == 4


def test_the_model_changed_from_outside_is_drawn(open_page: Any) -> None:
    page = open_page(CrosstalkWidget())
    assert "empty" in page.inner_text(".ml-status")
    page.evaluate("models[0].set('stored', 9)")
    assert page.inner_text(".ml-status").startswith("9 pairs stored in 16 dimensions")
    assert page.locator("input[type=range]").first.input_value() == "9"


@pytest.mark.parametrize(
    ("name", "trait", "top"), [("crosstalk", "stored", 24), ("holographic", "copies", 8), ("story", "step", 10)]
)
def test_a_change_is_drawn_within_a_frame(open_page: Any, name: str, trait: str, top: int) -> None:
    page = open_page(WIDGETS[name](), reduced_motion="reduce")
    spent = page.evaluate(
        """([trait, top]) => Array.from({ length: 3 * top }, (_, i) => {
            const start = performance.now();
            models[0].set(trait, 1 + (i % top));
            document.body.getBoundingClientRect();
            return performance.now() - start;
        }).sort((a, b) => a - b)""",
        [trait, top],
    )
    assert spent[len(spent) // 2] < 16


def test_the_sheet_in_the_authors_guide_is_what_the_grammar_draws(browser: Any) -> None:
    from tests.figures import grammar_sheet

    for theme, text in grammar_sheet.draw(browser).items():
        stands = (grammar_sheet.IMAGES / f"visual_grammar_{theme}.svg").read_text(encoding="utf-8")
        assert stands == text, "stale: python -m tests.figures.grammar_sheet"
