"""The figure of two memories on a bare page with no kernel: every control, by key and touch."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from tests.figures.bare_page import picture, status
from tests.figures.test_two_memories import figure


def test_stepping_by_touch_ends_with_the_answer(open_page: Any) -> None:
    page = open_page(figure(), has_touch=True, width=390)
    first = (picture(page), status(page))
    assert first[1].startswith("Step 1 of 4: A lives at")
    following, again = (page.get_by_role("button", name=name) for name in ("Next step", "Start again"))
    assert again.get_attribute("aria-disabled") == "true"
    seen = {first[0]}
    for step in (2, 3, 4):
        following.tap()
        assert status(page).startswith(f"Step {step} of 4:")
        seen.add(picture(page))
    assert len(seen) == 4
    assert "right is 1.75" in status(page)
    assert following.get_attribute("aria-disabled") == "true"
    following.focus()
    page.keyboard.press("Enter")  # nothing follows
    assert page.evaluate("models[0].get('step')") == 3
    again.tap()
    assert (picture(page), status(page)) == first


def test_keys_reach_everything(open_page: Any) -> None:
    page = open_page(figure(step=1))
    before = picture(page)
    page.get_by_label("what this step added").press("Space")
    assert page.evaluate("models[0].get('show')") == "new"
    assert picture(page) != before
    page.locator("input[type=range]").press("ArrowRight")
    assert status(page).startswith("Step 3 of 4:")
    page.locator(".ml-controls select").select_option("1")
    assert status(page).startswith("Step 3 of 6: A lives at −1.00")  # the step stays, to compare
    page.get_by_role("button", name="Next step").press("Enter")
    assert status(page).startswith("Step 4 of 6: D lives at 0.10")
