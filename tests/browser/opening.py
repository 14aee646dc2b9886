"""The built book as the tests open it: its pages, and what happens while they are open."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# The widget manager's own, about its schema; html-manager says it once for each drawing of a page.
KNOWN_WARNINGS = 'strict mode: use allowUnionTypes to allow union type keyword at "#/properties/state/'


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
    def everything(self) -> list[str]:
        """The book's pages, and those that Sphinx adds."""
        return [*self.pages, *(name for name in ("genindex.html", "search.html") if (self.folder / name).exists())]

    @property
    def chapters(self) -> list[str]:
        """The chapters' pages."""
        return [name for name in self.pages if name.startswith("notebooks/")]

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


def new_context(
    browser: Any,
    *,
    width: int = 1280,
    height: int = 900,
    dark: bool = False,
    touch: bool = False,
    reduced: bool = False,
) -> Any:
    """A fresh reader: no history, no stored choices."""
    return browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce" if reduced else "no-preference",
        has_touch=touch,
    )


def open_page(context: Any, site: Site, name: str, offline_file: bool = False) -> Any:
    """Open a page in a context, writing down what happens; only this machine answers."""
    record = Record()

    def route(handler: Any) -> None:
        address = handler.request.url
        if address.startswith((site.url, "file:", "data:", "blob:", "about:")):
            handler.continue_()
        else:
            record.outside.append(address)
            handler.abort()

    def heard(said: Any) -> None:
        if said.type == "error":
            record.errors.append(said.text)
        elif said.type == "warning" and not said.text.startswith(KNOWN_WARNINGS):
            record.warnings.append(said.text)

    tab = context.new_page()
    tab.route("**/*", route)
    tab.record = record
    tab.settle = lambda: settle(tab)
    tab.on("pageerror", lambda error: record.errors.append(str(error)))
    tab.on("console", heard)
    tab.on("response", lambda got: record.missing.append(got.url) if got.status >= 400 else None)
    start = site.folder.as_uri() if offline_file else site.url
    tab.goto(f"{start}/{name}", wait_until="load")
    settle(tab)
    return tab


def settle(tab: Any) -> None:
    """Wait until the equations are set and the widgets drawn; a widget that never comes is for the tests to find."""
    tab.evaluate("() => window.MathJax?.startup?.promise?.then(() => true) ?? true")
    tab.evaluate(
        """() => new Promise((done) => {
          const views = document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]').length;
          const drawn = () => document.querySelectorAll('.ml-fig[data-ready], .jupyter-widgets .noUi-base').length;
          const end = Date.now() + 8000;
          const look = () => (drawn() >= views || Date.now() > end ? done() : setTimeout(look, 25));
          look();
        })"""
    )
    tab.wait_for_timeout(150)
