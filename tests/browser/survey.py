"""All checks of an open page, one after the other: untouched, wide in light and dark, narrow at two widths."""

from typing import Any

from opening import look
from page_checks import (
    BY_COLOUR,
    BY_WIDTH,
    against_axe,
    boxes_that_do_not_scroll,
    dimmed_or_framed,
    equations_that_do_not_fit,
    equations_that_failed,
    everything_open,
    pictures_without_words,
    wider_than_the_screen,
)

from tests.chromium import still

# Wait until the theme followed the system, at most two seconds, and say its name and the ground it draws.
FOLLOWED = """async (scheme) => {
  const root = document.documentElement;
  const ground = () => getComputedStyle(document.body).backgroundColor.match(/\\d+/g) ?? [];
  const dark = () => ground().reduce((sum, part) => sum + Number(part), 0) < 300;
  const end = Date.now() + 2000;
  while (Date.now() < end && (root.dataset.theme !== scheme || dark() !== (scheme === 'dark'))) {
    await new Promise(requestAnimationFrame);
  }
  return [root.dataset.theme, dark() ? 'dark' : 'light'];
}"""
Found = dict[str, list[str]]


def untouched(tab: Any) -> Found:
    """What can be said of the page as it stands when it was opened."""
    return {
        "pictures": pictures_without_words(tab),
        "formulas": equations_that_failed(tab),
        "equations": equations_that_do_not_fit(tab),
        "width": wider_than_the_screen(tab),
        "title": [tab.title()],
        "heading": tab.locator("article.bd-article h1").all_inner_texts(),
        "language": [tab.evaluate("() => document.documentElement.lang")],
    }


def wide(tab: Any, axe: str) -> Found:
    """Axe-core in light and in dark, with everything open, and whether the dark page leaves its figures alone."""
    with everything_open(tab):
        rules = {"light": (), "dark": BY_COLOUR}
        found = {it: followed(tab, it) + (against_axe(tab, axe, rules[it]) if axe else []) for it in rules}
        found["dimmed"] = dimmed_or_framed(tab)
    look(tab)
    return found


def followed(tab: Any, scheme: str) -> list[str]:
    """Set the system to light or dark: whether the page follows."""
    look(tab, dark=scheme == "dark", reduced=True)
    theme, ground = tab.evaluate(FOLLOWED, scheme)
    still(tab)
    wrong = [] if theme == scheme else [f"html: follows the system to {theme}, not to {scheme}"]
    return wrong + ([] if ground == scheme else [f"body: its ground is {ground} in {scheme}"])


def narrow(tab: Any, axe: str) -> Found:
    """At 390 px, and at 640 px, which is what 200 % zoom leaves of 1280, with everything open."""
    before = tab.viewport_size
    with everything_open(tab):
        found = {"axe": against_axe(tab, axe, BY_WIDTH) if axe else []}
        for size in (390, 640):
            tab.set_viewport_size({"width": size, "height": 844})
            still(tab)
            found[f"width {size}"] = wider_than_the_screen(tab)
            found[f"equations {size}"] = equations_that_do_not_fit(tab)
            found[f"boxes {size}"] = boxes_that_do_not_scroll(tab)
    tab.set_viewport_size(before)
    return found
