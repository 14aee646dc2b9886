"""The figure of losses word by word on a bare page with no kernel: keys, touch, and what it says."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import WordLossesWidget
from tests.figures.bare_page import picture, status


def test_every_control_answers_the_keyboard(open_page: Any) -> None:
    page = open_page(WordLossesWidget(word=20))
    controls = page.locator(".ml-controls :is(button, input[type=range], input[type=radio]:checked)")
    assert controls.count() == 4
    for i in (0, 1, 2, 3):
        control = controls.nth(i)
        before = (picture(page), page.inner_text(".ml-question"), page.evaluate("JSON.stringify(models[0].state)"))
        control.focus()
        kind = control.evaluate("node => node.type")
        page.keyboard.press({"button": "Enter", "range": "ArrowLeft"}.get(kind, "ArrowDown"))
        assert picture(page) != before[0], (i, kind)
        assert page.evaluate("JSON.stringify(models[0].state)") != before[2], (i, kind)
    assert status(page).startswith("A word of this passage costs")


def test_a_tap_on_a_word_chooses_it_and_frames_where_it_was_introduced(open_page: Any) -> None:
    shown = WordLossesWidget()
    page = open_page(shown, has_touch=True, width=390)
    place = next(i for i, mark in enumerate(shown.data["marks"]) if mark == 3)
    page.locator(".ml-token").nth(place).tap()
    assert page.evaluate("models[0].get('word')") == place
    assert status(page).startswith(f"“{shown.data['words'][place]}” costs")
    assert page.locator(".ml-chosen").inner_text() == page.locator(".ml-source").inner_text()
    page.get_by_role("button", name="Start again").tap()
    assert page.locator(".ml-chosen").count() == 0


def test_the_button_walks_through_marked_words_and_stops(open_page: Any) -> None:
    shown = WordLossesWidget()
    page = open_page(shown)
    following = page.get_by_role("button", name="Next name or fact")
    for place in [i for i, mark in enumerate(shown.data["marks"]) if mark]:
        assert following.get_attribute("aria-disabled") == "false"
        following.click()
        assert page.evaluate("models[0].get('word')") == place
    assert following.get_attribute("aria-disabled") == "true"
    following.click(force=True)
    assert page.evaluate("models[0].get('word')") == place


def test_light_and_dark_follow_the_page(open_page: Any) -> None:
    page = open_page(WordLossesWidget(), reduced_motion="reduce")
    colour = "getComputedStyle(document.querySelector('.ml-token'), '::before').backgroundColor"
    light = page.evaluate(colour)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate(colour) != light
