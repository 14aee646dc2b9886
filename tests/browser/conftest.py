"""A real browser on the built book, served to this machine only, with every request that leaves it recorded."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from survey import Survey

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


WIDTHS: dict[str, dict[str, Any]] = {"wide": {}, "narrow": {"width": 390, "touch": True}}
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


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The built book over http on loopback; skips where none is built."""
    given = os.environ.get("MEMLIB_BOOK_HTML")
    profile = os.environ.get("MEMLIB_PROFILE") or "quick"
    folder = Path(given) if given else ROOT / "build" / profile / "_build" / "html"
    if not (folder / "index.html").exists():
        pytest.skip(f"no book in {folder}; build it with: make book")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(folder, f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The text of axe-core; skips where npm did not bring it."""
    path = ROOT / "build" / "axe.min.js"
    if not path.exists():
        pytest.skip("axe-core is not there; fetch it with: python3 tools/vendor.py")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for all tests; skips where there is none."""
    program = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None
    )
    if program is None:
        pytest.skip("no chromium on this machine; install it (Debian: apt install chromium), or set CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Any, site: Site) -> Iterator[Callable[..., Any]]:
    """A maker of pages: `page("book/notation.html", width=390, dark=True)` opens one and waits until it is settled.

    Keywords: `width` and `height` in pixels, `dark`, `touch`, `reduced` (motion), `offline_file` (over file://).
    `opened.settle()` waits again, after an act. `opened.record` tells what left the machine (blocked), which errors and
    warnings there were, and which files were missing.
    """
    contexts = []

    def opened(name: str = "index.html", *, offline_file: bool = False, **options: Any) -> Any:
        contexts.append(new_context(browser, **options))
        return open_page(contexts[-1], site, name, offline_file=offline_file)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def survey(browser: Any, site: Site) -> Iterator[Survey]:
    """What was found on every page, wide and narrow, light and dark; each page is opened once a width."""
    contexts = {width: new_context(browser, **options) for width, options in WIDTHS.items()}
    axe = ROOT / "build" / "axe.min.js"
    source = axe.read_text(encoding="utf-8") if axe.exists() else ""
    yield Survey(lambda name, width: open_page(contexts[width], site, name), source)
    for context in contexts.values():
        context.close()


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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that uses a fixture of this folder, so that the daily tests leave it out."""
    for item in items:
        if {"site", "page", "browser", "survey"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
