"""The figure on allocation on a bare page with no kernel: keys, touch, and what it says."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import AllocationWidget
from tests.figures.bare_page import picture, status

THREE = [("write", 1), ("write", 0.8), ("write", 1)]


def test_every_control_answers_the_keyboard(open_page: Any) -> None:
    page = open_page(AllocationWidget(actions=[*THREE, ("look", 1)], gate=0.5, slot=3, share=0.5))
    controls = page.locator(".ml-controls :is(button, input[type=range])")
    assert controls.count() == 9
    for i in range(9):
        control = controls.nth(i)
        before = (picture(page), page.evaluate("JSON.stringify(models[0].state)"))
        control.focus()
        slider = control.evaluate("node => node.type") == "range"
        page.keyboard.press("ArrowLeft" if slider else "Enter")
        assert page.evaluate("JSON.stringify(models[0].state)") != before[1], i
        assert picture(page) != before[0] or i == 5, i  # the share of content acts with the next walk


def test_a_freed_slot_is_written_next_and_the_walk_follows_the_writing(open_page: Any) -> None:
    page = open_page(AllocationWidget(slot=1), has_touch=True, width=390)
    press = lambda name: page.get_by_role("button", name=name, exact=True).tap()  # noqa: E731
    for _ in range(3):
        press("Write the next letter")
    assert status(page).startswith("C went to slot 3.")
    press("Look at it")
    assert status(page).startswith("The head reads slot 2: B.")
    press("Free it")
    press("Write the next letter")
    assert status(page).startswith("D went to slot 2.")
    press("Backward")
    assert status(page).startswith("One write back. The head reads slot 3: C.")
    press("Forward")
    assert status(page).startswith("One write on. The head reads slot 2: D.")
    press("Start again")
    assert page.evaluate("models[0].get('actions')") == []


def test_what_cannot_be_done_is_idle(open_page: Any) -> None:
    page = open_page(AllocationWidget())
    for name in ("Free it", "Backward", "Forward", "Start again"):
        button = page.get_by_role("button", name=name, exact=True)
        assert button.get_attribute("aria-disabled") == "true"
        button.focus()
        page.keyboard.press("Enter")
    assert page.evaluate("models[0].get('actions')") == []
