"""The figure on chained reads on a bare page with no kernel: keys, touch, widths, themes, and what it says."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import ChainedReadsWidget
from tests.figures.test_chained_reads import model_of, words_of
from tests.figures.test_widgets_in_browser import browser, open_page, picture, pytestmark  # noqa: F401


def figure(**start: Any) -> ChainedReadsWidget:
    words = words_of()
    return ChainedReadsWidget.from_model(model_of(len(words)), words, **start)


def status(page: Any) -> str:
    return page.inner_text(".ml-status")


def test_every_control_answers_the_keyboard(open_page: Any) -> None:  # noqa: F811
    page = open_page(figure(read=2))
    controls = page.locator(".ml-controls :is(button, select, input[type=range], input[type=radio]:checked)")
    assert controls.count() == 5
    for i in (1, 2, 3, 4, 0):
        control = controls.nth(i)
        kind = control.evaluate("node => node.type")
        before = (picture(page), status(page), page.evaluate("JSON.stringify(models[0].state)"))
        control.focus()
        page.keyboard.press({"button": "Enter", "range": "ArrowLeft"}.get(kind, "ArrowDown"))
        assert picture(page) != before[0], (i, kind)
        assert status(page) != before[1], (i, kind)
        assert page.evaluate("JSON.stringify(models[0].state)") != before[2], (i, kind)
        if i == 4:
            page.evaluate("models[0].set('read', 2)")


def test_a_thumb_follows_the_chain_to_the_answer(open_page: Any) -> None:  # noqa: F811
    page = open_page(ChainedReadsWidget(), has_touch=True, width=390)
    assert status(page).startswith("Nothing has been read yet. The question is “what is gertrude afraid-of?”")
    press = page.get_by_role("button", name="Next read")
    press.tap()
    assert status(page).startswith("Read 1 of 2 matches best “mouse” in “gertrude is-a mouse”")
    assert page.locator(".ml-heard.ml-best").first.inner_text() == "mouse"
    assert not page.locator(".ml-found").is_visible()
    press.tap()
    assert "matches best “wolf” in “mouse afraid-of wolf”" in status(page)
    assert status(page).endswith("✓ The answer is “wolf” (0.85).")
    assert page.inner_text(".ml-found") == "wolf"
    assert press.get_attribute("aria-disabled") == "true"
    press.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("models[0].get('read')") == 2
    page.locator("select").select_option("1")
    assert page.evaluate("[models[0].get('story'), models[0].get('read')]") == [1, 0]
    page.locator("input[type=range]").press("ArrowRight")
    page.get_by_role("button", name="Start again").tap()
    assert status(page).startswith("Nothing has been read yet. The question is “what is winona afraid-of?”")


def test_the_rows_fill_one_by_one(open_page: Any) -> None:  # noqa: F811
    page = open_page(figure())
    filled = """[...document.querySelectorAll('.ml-stage svg')][0].querySelectorAll('.ml-cell')"""
    count = f"[...{filled}].filter((cell) => Number(cell.getAttribute('fill-opacity')) === 1).length"
    for read in range(4):
        page.evaluate("read => models[0].set('read', read)", read)
        assert page.evaluate(count) == read


@pytest.mark.parametrize(("width", "larger"), [(1200, 1), (390, 1), (320, 1), (390, 2)])
def test_nothing_scrolls_sideways(open_page: Any, width: int, larger: int) -> None:  # noqa: F811
    page = open_page(figure(read=3), width=width, has_touch=True)
    page.evaluate("size => { document.documentElement.style.fontSize = size; }", f"{100 * larger}%")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.evaluate("""[...document.querySelectorAll('.ml-fig, .ml-fig *')].filter((node) => {
        const box = node.getBoundingClientRect();
        return box.width && (box.right > innerWidth + 1 || box.left < -1);
    }).map((node) => node.outerHTML.slice(0, 120))""")
    assert wide == []


def test_what_is_touched_is_large_enough(open_page: Any) -> None:  # noqa: F811
    page = open_page(figure(), width=390, has_touch=True, is_mobile=True)
    small = page.evaluate("""[...document.querySelectorAll(
        '.ml-fig :is(button, select, input[type=range], summary), .ml-choice label'
    )].filter((node) => node.getBoundingClientRect().height < 44).map((node) => node.outerHTML.slice(0, 120))""")
    assert small == []


@pytest.mark.parametrize("width", [1200, 390])
def test_no_text_lies_on_another(open_page: Any, width: int) -> None:  # noqa: F811
    page = open_page(figure(read=3), width=width)
    found = page.evaluate("""() => [...document.querySelectorAll('.ml-picture')].flatMap((picture) => {
        const texts = [...picture.querySelectorAll('text')].filter((it) => it.textContent);
        const box = (it) => it.getBoundingClientRect();
        return texts.flatMap((a, i) => texts.slice(i + 1).filter((b) => {
            const [p, q] = [box(a), box(b)];
            return p.left + 1 < q.right && q.left + 1 < p.right && p.top + 4 < q.bottom && q.top + 4 < p.bottom;
        }).map((b) => `${a.textContent} / ${b.textContent}`));
    })""")
    assert found == []


def test_theme_follows_the_page(open_page: Any) -> None:  # noqa: F811
    page = open_page(figure(read=1), reduced_motion="reduce")
    ground = "getComputedStyle(document.querySelector('.ml-fig')).backgroundColor"
    light = page.evaluate(ground)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert (light, page.evaluate(ground)) == ("rgb(255, 255, 255)", "rgb(20, 24, 30)")
