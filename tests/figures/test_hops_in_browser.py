"""The figure on hops on a bare page with no kernel: press, put back, choose, by key and touch."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from tests.figures.bare_page import picture, status
from tests.figures.test_hops import figure


def test_a_sentence_goes_and_comes_back_by_touch(open_page: Any) -> None:
    page = open_page(figure(), has_touch=True, width=390)
    first = (picture(page), status(page))
    assert first[1].startswith("With all sentences the network says")
    pressed = page.locator(".ml-sentence-button").nth(1)
    pressed.tap()
    assert status(page).startswith("Without sentence 2,")
    assert pressed.get_attribute("aria-pressed") == "true"
    assert page.evaluate("models[0].get('out')") == 2
    page.get_by_role("button", name="Put it back").tap()
    assert (picture(page), status(page)) == first


def test_keys_reach_everything(open_page: Any) -> None:
    page = open_page(figure())
    page.get_by_label("Take out").press("ArrowRight")
    assert status(page).startswith("Without sentence 1,")
    page.locator(".ml-sentence-button").nth(2).press("Enter")
    assert status(page).startswith("Without sentence 3,")
    page.locator(".ml-controls select").select_option("1")
    assert status(page).startswith("With all sentences")
    assert page.get_by_text("John took the milk there.").is_visible()
    back = page.get_by_role("button", name="Put it back")
    assert back.get_attribute("aria-disabled") == "true"
    before = picture(page)
    back.press("Enter")
    assert picture(page) == before
