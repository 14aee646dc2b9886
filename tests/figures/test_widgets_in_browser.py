"""The first widgets on a bare page with a model that has no kernel: keys, words, and what each shows."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import CrosstalkWidget, HolographicWidget, StoryWidget
from tests.chromium import still
from tests.figures.bare_page import CLASHES, picture, status
from tests.figures.gallery import FIGURES

WIDGETS = ("crosstalk", "holographic", "story")


@pytest.mark.parametrize("name", WIDGETS)
def test_every_control_answers_the_keyboard_in_picture_words_and_model(open_page: Any, name: str) -> None:
    page = open_page(FIGURES[name]())
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
    page = open_page(FIGURES["holographic"](), width=width)
    box = "document.querySelector('.ml-dials .ml-frame').getBoundingClientRect().width / 12"
    assert page.evaluate(box) >= least
    page.set_viewport_size({"width": 500, "height": 900})  # from side by side to one below the other, and back
    still(page)
    top = "[...document.querySelectorAll('.ml-stage > *')].map((it) => it.getBoundingClientRect().top)"
    assert len(set(page.evaluate(top))) == 2
    page.set_viewport_size({"width": 900, "height": 900})
    still(page)
    assert len(set(page.evaluate(top))) == 1


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
    page = open_page(FIGURES[name](), reduced_motion="reduce")
    spent = page.evaluate(
        """([trait, top]) => Array.from({ length: 3 * top }, (_, i) => {
            const start = performance.now();
            models[0].set(trait, 1 + (i % top));
            document.body.getBoundingClientRect();
            return performance.now() - start;
        })""",
        [trait, top],
    )
    quickest = sorted(min(spent[i::top]) for i in range(top))  # other work beside it only ever adds to a time
    assert quickest[top // 2] < 16


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
