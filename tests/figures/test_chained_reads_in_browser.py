"""The figure on chained reads on a bare page with no kernel: keys, touch, and what it says."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import ChainedReadsWidget
from tests.figures.bare_page import picture, status
from tests.figures.gallery import small_model


def test_every_control_answers_the_keyboard(open_page: Any) -> None:
    page = open_page(small_model(2))
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


def test_a_thumb_follows_the_chain_to_the_answer(open_page: Any) -> None:
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


def test_the_rows_fill_one_by_one(open_page: Any) -> None:
    page = open_page(small_model())
    filled = """[...document.querySelectorAll('.ml-stage svg')][0].querySelectorAll('.ml-cell')"""
    count = f"[...{filled}].filter((cell) => Number(cell.getAttribute('fill-opacity')) === 1).length"
    for read in range(4):
        page.evaluate("read => models[0].set('read', read)", read)
        assert page.evaluate(count) == read
