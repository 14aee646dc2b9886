"""The built book as the tests open it: its pages, and what happens while they are open."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.chromium import still

ROOT = Path(__file__).resolve().parents[2]
# The widget manager's own, about its schema; html-manager says it once for each drawing of a page.
KNOWN_WARNINGS = 'strict mode: use allowUnionTypes to allow union type keyword at "#/properties/state/'


def pages_of_the_contents() -> list[str]:
    """The pages that _toc.yml names, the chapters first."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    named = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    return sorted((f"{name}.html" for name in named), key=lambda name: (not name.startswith("notebooks/"), name))


PAGES = pages_of_the_contents()
CHAPTERS = [name for name in PAGES if name.startswith("notebooks/")]
EVERYTHING = [*PAGES, "genindex.html", "search.html"]


@dataclass(frozen=True)
class Site:
    """The served book: its folder, its address, and the names of its pages."""

    folder: Path
    url: str

    @property
    def pages(self) -> list[str]:
        """Every page of the book's own, such as "book/notation.html"."""
        found = [path.relative_to(self.folder).as_posix() for path in self.folder.glob("*/*.html")]
        return sorted(name for name in found if name.split("/")[0] in {"book", "notebooks"})

    @property
    def vendored(self) -> bool:
        """Whether the pages carry their scripts with them."""
        return (self.folder / "vendor" / "require.js").exists()


@dataclass
class Record:
    """What happened on the pages that were opened: requests that left the machine, and errors."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def open_page(
    context: Any, site: Site, name: str, *, offline_file: bool = False, dark: bool = False, reduced: bool = False
) -> Any:
    """Open a page in a context, writing down what happens; only this machine answers."""
    record = Record()

    def asked(request: Any) -> None:
        if not request.url.startswith((site.url, "file:", "data:", "blob:", "about:")):
            record.outside.append(request.url)

    def heard(said: Any) -> None:
        if said.type == "error":
            record.errors.append(said.text)
        elif said.type == "warning" and not said.text.startswith(KNOWN_WARNINGS):
            record.warnings.append(said.text)

    tab = context.new_page()
    tab.record = record
    look(tab, dark=dark, reduced=reduced)
    # Not by a route: that would put the browser's cache out of use, and each page would compile its scripts again.
    tab.on("request", asked)
    tab.on("pageerror", lambda error: record.errors.append(str(error)))
    tab.on("console", heard)
    tab.on("response", lambda got: record.missing.append(got.url) if got.status >= 400 else None)
    start = site.folder.as_uri() if offline_file else site.url
    tab.goto(f"{start}/{name}", wait_until="load")
    settle(tab)
    return tab


def look(tab: Any, *, dark: bool = False, reduced: bool = False) -> None:
    """Set what the system asks for: light or dark, with or without motion."""
    motion = "reduce" if reduced else "no-preference"
    tab.emulate_media(color_scheme="dark" if dark else "light", reduced_motion=motion)


def settle(tab: Any) -> None:
    """Wait until the equations are set and the widgets drawn; a widget that never comes is for the tests to find."""
    tab.evaluate("() => window.MathJax?.startup?.promise?.then(() => true) ?? true")
    tab.evaluate(
        """() => new Promise((done) => {
          const views = document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]').length;
          const drawn = () => document.querySelectorAll('.ml-fig[data-ready], .jupyter-widgets .noUi-base').length;
          const end = Date.now() + 30000;
          const look = () => (drawn() >= views || Date.now() > end ? done() : setTimeout(look, 25));
          look();
        })"""
    )
    still(tab)
