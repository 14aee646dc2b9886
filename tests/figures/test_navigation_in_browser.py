"""The figure on finding one's way on a bare page with no kernel: keys and touch."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import NavigationWidget
from tests.figures.bare_page import picture, status
from tests.figures.gallery import GAME


def test_a_game_by_keyboard_letters_and_touch(open_page: Any) -> None:
    page = open_page(NavigationWidget(), width=390, has_touch=True)
    before = (picture(page), status(page))
    page.get_by_role("button", name="Tram").focus()
    page.keyboard.press("Enter")
    assert picture(page) != before[0]
    assert status(page) != before[1]
    for key in "bFt":
        page.keyboard.press(key)
    page.get_by_role("button", name="Ferry").tap()
    assert page.evaluate("models[0].get('actions')") == [0, 1, 2, 0, 2]
    page.keyboard.press("Control+b")
    assert len(page.evaluate("models[0].get('actions')")) == 5


def test_the_map_only_when_the_game_is_over_then_again_then_another_city(open_page: Any) -> None:
    page = open_page(NavigationWidget(actions=GAME[:29]))
    look = page.get_by_role("button", name="Show the map")
    assert look.get_attribute("aria-disabled") == "true"
    look.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("models[0].get('map')") is False
    page.get_by_role("button", name="Bus").click()
    assert "Thirty steps are over" in status(page)
    for line in ("Tram", "Bus", "Ferry"):
        assert page.get_by_role("button", name=line).get_attribute("aria-disabled") == "true"
        page.get_by_role("button", name=line).press("Enter")
    assert len(page.evaluate("models[0].get('actions')")) == 30
    hidden = page.get_by_text("?", exact=True).count()
    assert hidden > 0
    look.click()
    assert page.get_by_text("?", exact=True).count() == 0
    page.get_by_role("button", name="Hide the map").click()
    assert page.get_by_text("?", exact=True).count() == hidden
    page.get_by_role("button", name="Play again here").click()
    assert page.get_by_text("?", exact=True).count() == hidden
    assert "The last time you got" in status(page)
    page.get_by_role("slider").press("ArrowRight")
    assert status(page).startswith("City 2. ")
    assert page.get_by_text("?", exact=True).count() == 15


def test_only_your_bar_is_marked_and_the_trained_agent_has_one(open_page: Any) -> None:
    import torch

    def still(x: torch.Tensor, memory: None) -> tuple[torch.Tensor, torch.Tensor, None]:
        return torch.zeros(len(x), 3), torch.zeros(len(x)), None

    page = open_page(NavigationWidget(cities=2, agent=still))  # type: ignore[arg-type]
    page.get_by_role("button", name="Tram").click()
    assert page.locator(".ml-bar").count() == 5
    assert page.locator(".ml-bar.ml-longest").count() == 1
    assert page.get_by_text("trained agent", exact=True).is_visible()
