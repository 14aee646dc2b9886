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
    `opened.settle()` waits again, after an act. `opened.record` tells what left the machine (it was blocked), which
    errors there were, and which files were missing.
    """
    contexts = []

    def opened(
        name: str = "index.html",
        *,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        touch: bool = False,
        reduced: bool = False,
        offline_file: bool = False,
    ) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce" if reduced else "no-preference",
            has_touch=touch,
        )
        contexts.append(context)
        record = Record()

        def route(handler: Any) -> None:
            address = handler.request.url
            if address.startswith((site.url, "file:", "data:", "blob:", "about:")):
                handler.continue_()
            else:
                record.outside.append(address)
                handler.abort()

        context.route("**/*", route)
        tab = context.new_page()
        tab.record = record
        tab.settle = lambda: settle(tab)
        tab.on("pageerror", lambda error: record.errors.append(str(error)))
        tab.on("console", lambda said: record.errors.append(said.text) if said.type == "error" else None)
        tab.on("response", lambda got: record.missing.append(got.url) if got.status >= 400 else None)
        start = site.folder.as_uri() if offline_file else site.url
        tab.goto(f"{start}/{name}", wait_until="load")
        settle(tab)
        return tab

    yield opened
    for context in contexts:
        context.close()


def settle(tab: Any) -> None:
    """Wait until the equations are typeset and the widgets drawn."""
    tab.evaluate("() => window.MathJax?.startup?.promise?.then(() => true) ?? true")
    tab.wait_for_function(
        """() => [...document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')]
             .every(script => script.parentElement.querySelector('.widget-subarea, .jupyter-widgets, .lm-Widget')
                    || script.previousElementSibling)""",
        timeout=15_000,
    )
    tab.wait_for_timeout(150)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that uses a fixture of this folder, so that the daily tests leave it out."""
    for item in items:
        if {"site", "page", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
