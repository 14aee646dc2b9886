"""What a reader moves first in a figure: a slider, or a button where it has none."""

from typing import Any

RANGE = 'input[type="range"]:not([disabled])'


def first_control(figure: Any) -> Any:
    """The first slider of a figure; without one, its first button."""
    slider = figure.locator(RANGE).first
    return slider if slider.count() else figure.locator("button:not([aria-disabled=true])").first


def press(tab: Any, control: Any) -> None:
    """By keyboard: move a slider by one, to whichever side there is room, or press a button."""
    control.focus()
    key = (
        "(it) => it.localName === 'button' ? 'Enter' : Number(it.value) >= Number(it.max) ? 'ArrowLeft' : 'ArrowRight'"
    )
    tab.keyboard.press(control.evaluate(key))
