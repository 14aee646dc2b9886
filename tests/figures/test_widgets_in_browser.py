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
    page.locator(".ml-fig").nth(2).get_by_role("button", name="Store the next pair").click()
    after = page.locator(".ml-status").all_inner_texts()
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True, False, True]
    assert page.locator("input[type=radio]:checked").count() == 6


def test_the_model_changed_from_outside_is_drawn(open_page: Any) -> None:
    page = open_page(CrosstalkWidget())
    assert "empty" in page.inner_text(".ml-status")
    page.evaluate("models[0].set('stored', 9)")
    assert page.inner_text(".ml-status").startswith("9 pairs stored in 16 dimensions")
    assert page.locator("input[type=range]").first.input_value() == "9"


def status(page: Any) -> str:
    return page.inner_text(".ml-status")


def test_sweeps_bring_the_error_to_nothing_up_to_the_width(open_page: Any) -> None:
    page = open_page(CrosstalkWidget(stored=12))
    assert "Relative error 0.86" in status(page)
    page.get_by_label("Delta, 100 sweeps").check()
    assert page.evaluate("models[0].get('rule')") == "sweeps"
    assert "Relative error 0.00. Key 1 alone: 0.00." in status(page)
    assert page.get_by_text("pairs = width", exact=True).is_visible()
    page.evaluate("models[0].set('stored', 20)")
    assert "Relative error 0.64" in status(page)
    page.get_by_label("Width of the keys").select_option("64")
    assert "Relative error 0.00" in status(page)
    assert not page.get_by_text("pairs = width", exact=True).is_visible()


def test_fewer_pairs_leave_no_key_that_is_not_stored(open_page: Any) -> None:
    page = open_page(CrosstalkWidget(stored=6, asked=6))
    page.get_by_label("Pairs stored").press("ArrowLeft")
    assert [page.evaluate(f"models[0].get('{name}')") for name in ("stored", "asked")] == [5, 5]


def test_one_copy_forgets_everyone_but_the_last(open_page: Any) -> None:
    page = open_page(StoryWidget(step=10, rule="overwrite", person="Sandra"))
    rows = "[...document.querySelectorAll('.ml-dials')].filter((row) => row.style.display !== 'none').length"
    assert (page.evaluate(rows), status(page)[:7]) == (4, "✓ Right")
    page.get_by_label("1", exact=True).check()
    assert (page.evaluate(rows), page.evaluate("models[0].get('copies')")) == (1, 1)
    assert "hardly more than noise" in status(page)
    page.get_by_label("Ask for").select_option("Mary")
    assert "✓ Right" in status(page)
    assert "(1.00)" in status(page)


def test_the_draw_is_said_to_be_chosen_only_where_it_was(open_page: Any) -> None:
    page = open_page(CrosstalkWidget(), HolographicWidget(), StoryWidget(), CrosstalkWidget(seed=1))
    said = page.evaluate("[...document.querySelectorAll('.ml-words')].map((it) => it.textContent.includes('chosen'))")
    assert said == [True, True, True, False]


@pytest.mark.parametrize(("width", "least"), [(1200, 30), (780, 28), (390, 18)])
def test_dials_are_large_enough_to_read(open_page: Any, width: int, least: int) -> None:
    page = open_page(WIDGETS["holographic"](), width=width)
    box = "document.querySelector('.ml-dials .ml-frame').getBoundingClientRect().width / 12"
    assert page.evaluate(box) >= least
    page.set_viewport_size({"width": 500, "height": 900})  # from side by side to one below the other, and back
    page.wait_for_timeout(100)
    top = "[...document.querySelectorAll('.ml-stage > *')].map((it) => it.getBoundingClientRect().top)"
    assert len(set(page.evaluate(top))) == 2
    page.set_viewport_size({"width": 900, "height": 900})
    page.wait_for_timeout(100)
    assert len(set(page.evaluate(top))) == 1


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


def clashes(page: Any, outer: tuple[str, list[int]], inner: tuple[str, list[int]]) -> list[Any]:
    """[a, b, what] for every state in which something clashes."""
    return page.evaluate(
        f"""([[one, some], [other, more]]) => some.flatMap((a) => {{
            models[0].set(one, a);
            return more.flatMap((b) => {{
                models[0].set(other, b);
                return ({CLASHES})().map((what) => [a, b, what]);
            }});
        }})""",
        [outer, inner],
    )


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("rule", ["hebb", "delta", "sweeps"])
def test_nothing_is_written_over_something_else_in_crosstalk(open_page: Any, rule: str, width: int) -> None:
    page = open_page(CrosstalkWidget(rule=rule), width=width, reduced_motion="reduce")
    assert clashes(page, ("width", [8, 16, 32, 64]), ("stored", list(range(25)))) == []
    page.evaluate("document.querySelector('.ml-picture .ml-strong.ml-halo').setAttribute('x', 300)")
    page.evaluate("document.querySelector('.ml-picture .ml-strong.ml-halo').setAttribute('y', 14)")
    number = page.text_content(".ml-picture .ml-strong.ml-halo")
    assert page.evaluate(CLASHES) == [f"theory (Hebb) / {number}"]


@pytest.mark.parametrize("width", [1200, 390])
def test_nothing_is_written_over_something_else_in_holographic(open_page: Any, width: int) -> None:
    page = open_page(HolographicWidget(), width=width, reduced_motion="reduce")
    assert clashes(page, ("items", list(range(1, 13))), ("copies", list(range(1, 9)))) == []


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


@pytest.mark.long  # a time: it means something on an idle machine only
def test_a_hundred_sweeps_are_done_within_a_frame(open_page: Any) -> None:
    page = open_page(CrosstalkWidget(stored=24, rule="sweeps"), reduced_motion="reduce")  # the engine knows the code
    spent = page.evaluate("""[64, 32, 8].map((width) => {
        models[0].set('rule', 'hebb');
        models[0].set('width', width);
        const start = performance.now();
        models[0].set('rule', 'sweeps');
        return performance.now() - start;
    }).sort((a, b) => a - b)""")
    assert spent[1] < 16, spent


def test_the_sheet_in_the_authors_guide_is_what_the_grammar_draws(browser: Any) -> None:
    from tests.figures import grammar_sheet

    for theme, text in grammar_sheet.draw(browser).items():
        stands = (grammar_sheet.IMAGES / f"visual_grammar_{theme}.svg").read_text(encoding="utf-8")
        assert stands == text, "stale: python -m tests.figures.grammar_sheet"
