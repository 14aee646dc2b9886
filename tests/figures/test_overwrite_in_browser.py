"""The figure on overwriting on a bare page with no kernel: keys, touch, and what it says."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import OverwriteWidget
from tests.figures.bare_page import CLASHES, picture, status


def test_every_control_answers_the_keyboard(open_page: Any) -> None:
    page = open_page(OverwriteWidget(times=2, alike=0.3))
    controls = page.locator(".ml-controls :is(button, select, input[type=range], input[type=radio]:checked)")
    assert controls.count() == 9
    for i in range(9):
        control = controls.nth(i)
        kind = control.evaluate("node => node.type")
        before = (picture(page), status(page), page.evaluate("JSON.stringify(models[0].state)"))
        control.focus()
        key = {"button": "Enter", "range": "ArrowLeft", "select-one": "ArrowUp" if i == 1 else "ArrowDown"}
        page.keyboard.press(key.get(kind, "ArrowDown"))
        assert picture(page) != before[0], (i, kind)
        assert status(page) != before[1], (i, kind)
        assert page.evaluate("JSON.stringify(models[0].state)") != before[2], (i, kind)


def test_mary_moves_to_the_garden_then_john_follows(open_page: Any) -> None:
    page = open_page(OverwriteWidget(strength=1.0), has_touch=True, width=390)
    page.get_by_role("button", name="Write once").tap()
    assert status(page).startswith("After 1 write Mary reads the garden.")
    page.locator(".ml-controls select").first.select_option("John")
    assert page.evaluate("models[0].get('history')") == [[0, 3, 1, 1, "delta"]]
    assert status(page).startswith("John reads the office.")
    page.get_by_role("button", name="Write once").tap()
    assert status(page).startswith("After 1 write John reads the garden.")
    page.get_by_label("Likeness of the keys").press("ArrowRight")
    assert "0.10" in status(page)
    page.get_by_role("button", name="Start again").tap()
    assert page.evaluate("[models[0].get('times'), models[0].get('history')]") == [0, []]
    assert status(page).startswith("John reads the office.")


def test_the_strength_acts_under_the_thumb(open_page: Any) -> None:
    page = open_page(OverwriteWidget(times=1, strength=0.95))
    seen = []
    for _ in range(3):
        seen.append(status(page))
        page.get_by_label("Strength β").press("ArrowRight")
    assert "0.05 of the kitchen and 0.95 of the garden" in seen[0]
    assert "Mary reads the garden" in seen[1]
    assert "−0.05 of the kitchen and 1.05 of the garden" in seen[2]


def test_an_explosion_is_drawn_on_a_logarithmic_scale_and_stops(open_page: Any) -> None:
    page = open_page(OverwriteWidget(strength=2.5, length=2.0))
    assert page.get_by_text("error", exact=True).is_visible()
    page.get_by_role("button", name="Write 10 times").click()
    assert page.get_by_text("error (log)", exact=True).is_visible()
    assert "beyond 2" in status(page)
    for name in ("Write once", "Write 10 times"):
        assert page.get_by_role("button", name=name).get_attribute("aria-disabled") == "true"
    state = page.evaluate("JSON.stringify(models[0].state)")
    page.get_by_role("button", name="Write once").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("JSON.stringify(models[0].state)") == state


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("rule", ["delta", "hebb"])
def test_nothing_is_written_over_something_else(open_page: Any, rule: str, width: int) -> None:
    page = open_page(OverwriteWidget(rule=rule), width=width, reduced_motion="reduce")
    found = page.evaluate(
        f"""() => [0, 0.3, 0.9].flatMap((alike) => [0.5, 1, 1.9, 2.5].flatMap((strength) =>
            [1, 2].flatMap((length) => [0, 1, 3, 10, 20].flatMap((times) => {{
                Object.entries({{ alike, strength, length, times }}).forEach(([n, v]) => models[0].set(n, v));
                return ({CLASHES})().map((what) => [alike, strength, length, times, what]);
            }}))))"""
    )
    assert found == []
