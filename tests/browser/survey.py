"""Every page opened once wide and once narrow; the tests ask for what was found there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from page_checks import (
    against_axe,
    boxes_that_do_not_scroll,
    equations_that_do_not_fit,
    equations_that_failed,
    open_everything,
    pictures_without_words,
    wider_than_the_screen,
)

# Wait until the theme followed the system, at most a second, and say its name and the ground it draws.
SETTLED = """async (scheme) => {
  const root = document.documentElement;
  const ground = () => getComputedStyle(document.body).backgroundColor.match(/\\d+/g) ?? [];
  const dark = () => ground().reduce((sum, part) => sum + Number(part), 0) < 300;
  const end = Date.now() + 1000;
  while (Date.now() < end && (root.dataset.theme !== scheme || dark() !== (scheme === 'dark'))) {
    await new Promise((done) => setTimeout(done, 20));
  }
  await new Promise((done) => setTimeout(done, 150));
  return [root.dataset.theme, dark() ? 'dark' : 'light'];
}"""


@dataclass
class Survey:
    """`survey.wide(name)` and `survey.narrow(name)` give what each check found on a page, remembered."""

    open: Callable[[str, str], Any]
    axe: str
    seen: dict[tuple[str, str], dict[str, list[str]]] = field(default_factory=dict)

    def wide(self, name: str) -> dict[str, list[str]]:
        """At 1280 px: pictures, formulas and axe-core, in light and in dark."""
        if (name, "wide") not in self.seen:
            tab = self.open(name, "wide")
            found = {
                "pictures": pictures_without_words(tab),
                "formulas": equations_that_failed(tab),
                "equations": equations_that_do_not_fit(tab),
                "width": wider_than_the_screen(tab),
                "title": [tab.title()],
                "heading": tab.locator("article.bd-article h1").all_inner_texts(),
                "language": [tab.evaluate("() => document.documentElement.lang")],
            }
            open_everything(tab)
            found["light"] = self.look(tab, "light")
            found["dark"] = self.look(tab, "dark")
            self.seen[name, "wide"] = {**found, **self.noted(tab)}
        return self.seen[name, "wide"]

    def narrow(self, name: str) -> dict[str, list[str]]:
        """At 390 px, and at 640 px, which is what 200 % zoom leaves of 1280, with everything open."""
        if (name, "narrow") not in self.seen:
            tab = self.open(name, "narrow")
            open_everything(tab)
            tab.wait_for_timeout(150)
            found = {"axe": against_axe(tab, self.axe) if self.axe else []}
            for size in (390, 640):
                tab.set_viewport_size({"width": size, "height": 844})
                tab.wait_for_timeout(150)
                found[f"width {size}"] = wider_than_the_screen(tab)
                found[f"equations {size}"] = equations_that_do_not_fit(tab)
                found[f"boxes {size}"] = boxes_that_do_not_scroll(tab)
            self.seen[name, "narrow"] = {**found, **self.noted(tab)}
        return self.seen[name, "narrow"]

    def look(self, tab: Any, scheme: str) -> list[str]:
        """Run axe-core with the system set to light or dark."""
        tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        theme, ground = tab.evaluate(SETTLED, scheme)
        wrong = [] if theme == scheme else [f"html: follows the system to {theme}, not to {scheme}"]
        if ground != scheme:
            wrong.append(f"body: its ground is {ground} in {scheme}")
        return wrong + (against_axe(tab, self.axe) if self.axe else [])

    @staticmethod
    def noted(tab: Any) -> dict[str, list[str]]:
        """What happened meanwhile; closes the page."""
        record = tab.record
        tab.close()
        return {
            "outside": record.outside,
            "errors": record.errors,
            "warnings": record.warnings,
            "missing": record.missing,
        }
