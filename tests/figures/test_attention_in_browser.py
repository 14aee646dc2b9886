"""The two figures of attention on a bare page with no kernel: keys, touch, and what they say."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import AlignmentWidget, ForkWidget
from tests.figures.bare_page import picture, status


def test_a_word_a_hidden_word_and_a_temperature(open_page: Any) -> None:
    page = open_page(AlignmentWidget(), width=390, has_touch=True)
    page.get_by_role("button", name="kan").tap()
    assert "For “kan”" in status(page)
    before = picture(page)
    dog = page.get_by_role("button", name="dog")
    dog.focus()
    page.keyboard.press("Enter")
    assert dog.get_attribute("aria-pressed") == "true"
    assert page.evaluate("models[0].get('hidden')") == [2]
    assert "right is “kan”" in status(page)
    assert picture(page) != before
    page.get_by_role("slider").press("ArrowRight")
    assert page.evaluate("models[0].get('temperature')") == pytest.approx(2**0.5)
    page.get_by_role("button", name="Show all").click()
    assert picture(page) == before
    page.get_by_role("combobox").select_option("1")
    assert page.evaluate("[models[0].get('word'), models[0].get('hidden').length]") == [0, 0]
    assert page.get_by_role("button", name="queen").count() == 1


def test_one_place_of_the_source_always_stays(open_page: Any) -> None:
    page = open_page(AlignmentWidget(hidden=range(1, 7)))
    page.get_by_role("button", name="the").first.click()
    assert page.evaluate("models[0].get('hidden').length") == 6


def test_draws_add_up_and_start_again(open_page: Any) -> None:
    page = open_page(ForkWidget())
    before = (picture(page), status(page))
    for name in ("Draw one", "Draw 10", "Draw 100"):
        page.get_by_role("button", name=name, exact=True).press("Enter")
    assert status(page).startswith("After 111 draws")
    again = (picture(page), status(page))
    page.get_by_role("slider").press("ArrowLeft")
    assert (picture(page), status(page)) != again
    page.get_by_role("slider").press("ArrowRight")
    assert (picture(page), status(page)) == again
    page.get_by_role("button", name="Start again").click()
    assert (picture(page), status(page)) == before
