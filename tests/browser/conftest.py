"""A real browser on the built book, served to this machine only, with every request that leaves it recorded."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opening import Site, new_context, open_page
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for all tests of a file; skips where there is none. Two at once cannot run in one process."""
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


@pytest.fixture(scope="module")
def shared_page(browser: Any, site: Site) -> Iterator[Callable[..., Any]]:
    """Like `page`, but the tests of a file share one page of each kind; what one does, the next one finds."""
    tabs: dict[tuple[Any, ...], Any] = {}

    def opened(name: str, **options: Any) -> Any:
        key = (name, *sorted(options.items()))
        if key not in tabs:
            tabs[key] = open_page(new_context(browser, **options), site, name)
        return tabs[key]

    yield opened
    for tab in tabs.values():
        tab.context.close()


@pytest.fixture(scope="module")
def survey(browser: Any, site: Site) -> Iterator[Survey]:
    """What was found on every page, wide and narrow, light and dark; each page is opened once a width."""
    contexts = {width: new_context(browser, **options) for width, options in WIDTHS.items()}
    axe = ROOT / "build" / "axe.min.js"
    source = axe.read_text(encoding="utf-8") if axe.exists() else ""
    yield Survey(lambda name, width: open_page(contexts[width], site, name), source)
    for context in contexts.values():
        context.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that uses a fixture of this folder, so that the daily tests leave it out."""
    for item in items:
        if {"site", "page", "browser", "survey", "shared_page"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
