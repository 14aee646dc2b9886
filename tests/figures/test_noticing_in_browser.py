"""The figure on two attentions on a bare page with no kernel: every bit, by key and touch."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import NoticingWidget
from tests.figures.bare_page import picture, status


def test_every_bit_answers_the_keyboard(open_page: Any) -> None:
    page = open_page(NoticingWidget())
    bits = page.locator(".ml-bit")
    assert bits.count() == 24
    for i in (0, 7, 23):
        before = (picture(page), status(page), page.evaluate("JSON.stringify(models[0].state)"))
        name = bits.nth(i).get_attribute("aria-label")
        bits.nth(i).focus()
        page.keyboard.press("Enter")
        assert picture(page) != before[0]
        assert status(page) != before[1]
        assert page.evaluate("JSON.stringify(models[0].state)") != before[2]
        assert bits.nth(i).get_attribute("aria-pressed") == "true"
        assert bits.nth(i).get_attribute("aria-label").split(":")[0] == name.split(":")[0]
        assert bits.nth(i).get_attribute("aria-label") != name


def test_a_shared_bit_escapes_one_of_the_two_and_a_column_both(open_page: Any) -> None:
    page = open_page(NoticingWidget(), has_touch=True, width=390)
    first = (picture(page), status(page))
    back, again = (page.get_by_role("button", name=name) for name in ("Take it back", "Start again"))
    assert back.get_attribute("aria-disabled") == again.get_attribute("aria-disabled") == "true"
    page.get_by_role("button", name="bit 2 of the query").tap()
    assert "Dot-product attention notices nothing" in status(page)
    assert page.get_by_text("last press: not noticed, the same answer").is_visible()
    assert page.get_by_text("last press: noticed, row 2").is_visible()
    back.tap()
    assert (picture(page), status(page)) == first
    for name in ("the query", "key 1", "key 2", "key 3"):
        page.get_by_role("button", name=f"bit 4 of {name}").tap()
    assert status(page).endswith("the second is the same as well.")
    assert page.get_by_text("since the start: not noticed, the same matrix").is_visible()
    assert page.evaluate("models[0].get('presses')") == [3, 9, 15, 21]
    again.tap()
    assert (picture(page), status(page)) == first
    again.focus()
    page.keyboard.press("Enter")  # nothing left to do
    assert page.evaluate("models[0].get('presses')") == []
