"""The figure of losses word by word on a bare page with no kernel: keys, touch, widths, themes, and what it says."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import WordLossesWidget
from tests.figures.test_widgets_in_browser import browser, open_page, picture, pytestmark  # noqa: F401


def status(page: Any) -> str:
    return page.inner_text(".ml-status")


def test_every_control_answers_the_keyboard(open_page: Any) -> None:  # noqa: F811
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


def test_a_tap_on_a_word_chooses_it_and_frames_where_it_was_introduced(open_page: Any) -> None:  # noqa: F811
    shown = WordLossesWidget()
    page = open_page(shown, has_touch=True, width=390)
    place = next(i for i, mark in enumerate(shown.data["marks"]) if mark == 3)
    page.locator(".ml-token").nth(place).tap()
    assert page.evaluate("models[0].get('word')") == place
    assert status(page).startswith(f"“{shown.data['words'][place]}” costs")
    assert page.locator(".ml-chosen").inner_text() == page.locator(".ml-source").inner_text()
    page.get_by_role("button", name="Start again").tap()
    assert page.locator(".ml-chosen").count() == 0


def test_the_button_walks_through_marked_words_and_stops(open_page: Any) -> None:  # noqa: F811
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


@pytest.mark.parametrize(("width", "larger"), [(1200, 1), (390, 1), (320, 1), (390, 2)])
def test_nothing_scrolls_sideways(open_page: Any, width: int, larger: int) -> None:  # noqa: F811
    page = open_page(WordLossesWidget(word=30), width=width, has_touch=True)
    page.evaluate("size => { document.documentElement.style.fontSize = size; }", f"{100 * larger}%")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_touched_is_large_enough(open_page: Any) -> None:  # noqa: F811
    page = open_page(WordLossesWidget(), width=390, has_touch=True, is_mobile=True)
    small = page.evaluate("""[...document.querySelectorAll(
        '.ml-fig :is(button, select, input[type=range], summary), .ml-choice label'
    )].filter((node) => node.getBoundingClientRect().height < 44).map((node) => node.outerHTML.slice(0, 120))""")
    assert small == []
    words = page.evaluate("[...document.querySelectorAll('.ml-token')].map((n) => n.getBoundingClientRect().height)")
    assert min(words) >= 24


def test_light_and_dark_follow_the_page(open_page: Any) -> None:  # noqa: F811
    page = open_page(WordLossesWidget(), reduced_motion="reduce")
    colour = "getComputedStyle(document.querySelector('.ml-token'), '::before').backgroundColor"
    light = page.evaluate(colour)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate(colour) != light
