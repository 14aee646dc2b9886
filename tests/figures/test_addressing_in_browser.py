"""The two figures of chapter 5 on a bare page with no kernel: keys, touch, and what they say."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import AddressingWidget, TapeWidget
from tests.figures.bare_page import picture, status
from tests.figures.test_tape import tapes

CONTROLS = ".ml-controls :is(button, select, input[type=range])"


@pytest.mark.parametrize("make", [lambda: AddressingWidget(gate=0.4, power=2.0), lambda: TapeWidget(tapes(), step=3)])
def test_every_control_answers_the_keyboard(open_page: Any, make: Any) -> None:
    page = open_page(make())
    controls = page.locator(CONTROLS)
    assert controls.count() in (4, 8)
    for i in reversed(range(controls.count())):
        control = controls.nth(i)
        if control.get_attribute("aria-disabled") == "true":
            continue
        kind = control.evaluate("node => node.type")
        before = (picture(page), status(page), page.evaluate("JSON.stringify(models[0].state)"))
        control.focus()
        page.keyboard.press({"button": "Enter", "range": "ArrowRight"}.get(kind, "ArrowDown"))
        assert picture(page) != before[0], (i, kind)
        assert status(page) != before[1], (i, kind)
        assert page.evaluate("JSON.stringify(models[0].state)") != before[2], (i, kind)


def test_a_head_walks_under_the_thumb_and_blurs(open_page: Any) -> None:
    page = open_page(AddressingWidget(move=1.0), has_touch=True, width=390)
    step = page.get_by_role("button", name="One step")
    assert "looks at slot 4 with 1.00" in status(page)
    step.tap()
    assert status(page).startswith("After 1 step: ")
    assert "looks at slot 5 with 1.00" in status(page)
    page.get_by_label("Shift").press("ArrowLeft")
    assert "looks at slot 5 with 0.90" in status(page)
    step.tap()
    assert "looks at slot 6 with 0.81" in status(page)
    page.get_by_role("button", name="Start again").tap()
    assert "looks at slot 4 with 0.90" in status(page)
    page.locator("select").select_option("1")
    assert "it finds slot 2" in status(page)
    assert "looks at slot 4 with 0.90" in status(page)


def test_a_sequence_is_played_to_its_end(open_page: Any) -> None:
    page = open_page(TapeWidget(tapes(), step=9), has_touch=True, width=390)
    press = page.get_by_role("button", name="Next step")
    press.tap()
    assert status(page).startswith("Step 11: it answers")
    assert press.get_attribute("aria-disabled") == "true"
    press.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("models[0].get('step')") == 10
    page.locator("select").select_option("1")
    assert page.evaluate("[models[0].get('tape'), models[0].get('step')]") == [1, 0]
    assert page.locator("input[type=range]").get_attribute("max") == "44"
    page.locator("input[type=range]").press("End")
    assert status(page).startswith("Step 45: it answers")
