"""The premise written and read, on a bare page: keys, clicks, widths."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import DualMemoryWidget
from tests.chromium import still
from tests.figures.bare_page import larger, picture, status
from tests.figures.gallery import long_pair


def test_every_control_answers_the_keyboard(open_page: Any) -> None:
    page = open_page(DualMemoryWidget(step=9))
    controls = page.locator(".ml-controls :is(button, input[type=range], input[type=radio]:checked)")
    assert controls.count() == 5
    for i in range(5):
        page.evaluate("models[0].set('step', 9)")
        control = controls.nth(i)
        kind = control.evaluate("node => node.type")
        before = (picture(page), status(page), page.evaluate("JSON.stringify(models[0].state)"))
        control.focus()
        page.keyboard.press({"button": "Enter", "range": "ArrowLeft"}.get(kind, "ArrowDown"))
        after = (picture(page), status(page), page.evaluate("JSON.stringify(models[0].state)"))
        assert [a == b for a, b in zip(before, after, strict=True)] == [False] * 3, (i, kind)


def test_pressing_through_the_pair_finds_the_relatives(open_page: Any) -> None:
    page = open_page(DualMemoryWidget(), has_touch=True)
    rows = "[...document.querySelectorAll('.ml-cells')].filter((row) => row.style.display !== 'none').length"
    assert status(page).startswith("The memory is empty: 8 copies of 32")
    press = page.get_by_role("button", name="Next word")
    for _ in range(7):
        press.tap()
    assert (page.evaluate(rows), status(page)[:18]) == (0, "Word 7 of 7: “sofa")
    assert "which word of the premise will “she” find?" in page.inner_text(".ml-question")
    for _ in range(7):
        press.tap()
    press.tap(force=True)  # the button has nothing to do any more
    assert (page.evaluate(rows), page.evaluate("models[0].get('step')")) == (7, 14)
    assert status(page).startswith("With 8 copies “couch” finds “sofa” (0.6")
    page.get_by_label("all alike").check()
    assert "reads the sum of all 7 words" in status(page)
    drawn = "[...document.querySelectorAll('.ml-cells')].map((row) => row.innerHTML)"
    assert len(set(page.evaluate(drawn))) == 1


def test_no_word_leaves_its_chip(open_page: Any) -> None:
    page = open_page(DualMemoryWidget(step=12), long_pair(), width=1200, has_touch=True)
    out = """[...document.querySelectorAll('.ml-chip')].filter((chip) => {
        const [text, box] = [...chip.children].reverse().map((it) => it.getBoundingClientRect());
        return text.left < box.left - 1 || text.right > box.right + 1 || text.top < box.top - 1;
    }).map((chip) => chip.textContent)"""
    for width, times in ((1200, 1), (390, 1), (320, 1), (390, 2)):
        page.set_viewport_size({"width": width, "height": 900})
        larger(page, times)
        still(page)
        assert page.evaluate(out) == [], (width, times)


@pytest.mark.parametrize(("long", "least"), [(False, 12.5), (True, 11)])
@pytest.mark.parametrize("width", [358, 688])
def test_words_can_be_read_on_a_phone_and_beside_each_other(
    open_page: Any,
    width: int,
    long: bool,
    least: float,
) -> None:
    """On the book's page the figure is 342 pixels wide on a phone of 390, and 672 on a screen of 1280."""
    page = open_page(long_pair() if long else DualMemoryWidget(step=12), width=width, is_mobile=width < 400)
    sizes = """[...document.querySelectorAll('.ml-stage svg :not(.ml-tab) > text')].map((text) => {
        const scale = text.ownerSVGElement.getBoundingClientRect().width / text.ownerSVGElement.viewBox.baseVal.width;
        return [parseFloat(getComputedStyle(text).fontSize) * scale, text.textContent];
    })"""
    assert [word for size, word in page.evaluate(sizes) if size < least] == []
    inside = """[...document.querySelectorAll('.ml-stage svg text')].filter((text) => {
        const [word, whole] = [text, text.ownerSVGElement].map((node) => node.getBoundingClientRect());
        return word.width && (word.left < whole.left - 2 || word.right > whole.right + 2);
    }).map((text) => text.textContent)"""
    assert page.evaluate(inside) == []


def test_it_says_where_its_numbers_come_from(open_page: Any) -> None:
    page = open_page(long_pair())
    page.click("summary")
    assert "recorded from a trained model" in page.inner_text(".ml-words")
