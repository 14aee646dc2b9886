"""The figure on halting on a bare page with no kernel: move, choose, start again, by key and touch."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import HaltingWidget
from tests.figures.bare_page import picture, status


def test_every_slider_answers_a_key(open_page: Any) -> None:
    page = open_page(HaltingWidget(chances=[0.1] * 6))
    for step in range(1, 6):
        before = (picture(page), status(page))
        page.get_by_label(f"Step {step}").press("ArrowRight")
        assert picture(page) != before[0]
        assert status(page) != before[1]
        assert page.evaluate("models[0].get('chances')")[step - 1] == pytest.approx(0.15)


def test_it_halts_earlier_by_touch_and_starts_again(open_page: Any) -> None:
    page = open_page(HaltingWidget(), has_touch=True, width=390)
    first = (picture(page), status(page))
    assert first[1].startswith("It halts after 4 steps")
    again = page.get_by_role("button", name="Start again")
    assert again.get_attribute("aria-disabled") == "true"
    page.get_by_label("Step 1").press("End")
    assert status(page).startswith("It halts after one step")
    assert page.locator(".ml-stage .ml-faint").count() == 5
    page.get_by_text("chances", exact=True).tap()
    assert "On average 1.00 steps" in status(page)
    assert page.locator(".ml-stage .ml-faint").count() == 0
    again.tap()
    assert (picture(page), status(page)) == first


def test_the_last_step_there_can_be_is_named(open_page: Any) -> None:
    page = open_page(HaltingWidget(chances=[0.0] * 6))
    assert "for there is no further step" in status(page)
    assert "R = 1.00" in page.locator(".ml-stage").inner_text()
