"""A real browser on the built book, served to this machine only, with every request that leaves it recorded."""

import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opening import CHAPTERS, EVERYTHING, ROOT, Site, open_page
from visit import Visit


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word; the browser may keep them, as from any public server."""

    protocol_version = "HTTP/1.1"

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=3600")
        super().end_headers()

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
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
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
def opened(contexts: Callable[..., Any], site: Site) -> Callable[..., Any]:
    """Opens a page in a tab of its own, for whoever closes it; the keywords are those of `page`."""

    def open_it(name: str, *, width: int = 1280, touch: bool = False, **how: Any) -> Any:
        return open_page(contexts(width=width, has_touch=touch), site, name, **how)

    return open_it


@pytest.fixture
def page(opened: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """A maker of pages for one test: `page("book/notation.html", width=390)` opens one and waits until it is settled.

    Keywords: `width` in pixels, `touch`, `dark`, `reduced` (motion), `offline_file` (over file://). `record` of what it
    returns tells what left the machine, which errors and warnings there were, and which files were missing.
    """
    tabs = []

    def open_it(name: str = "index.html", **how: Any) -> Any:
        tabs.append(opened(name, **how))
        return tabs[-1]

    yield open_it
    for tab in tabs:
        tab.close()


@pytest.fixture(scope="session")
def visit(request: pytest.FixtureRequest, opened: Callable[..., Any], site: Site) -> Iterator[Visit]:
    """One page for all tests that ask for it, opened at most once for each kind of reader."""
    if not (site.folder / request.param).exists():
        pytest.fail(f"{request.param} is not in {site.folder}; build the book anew: make book")
    axe = ROOT / "build" / "axe.min.js"
    made = Visit(request.param, opened, axe.read_text(encoding="utf-8") if axe.exists() else "")
    yield made
    made.close()


@pytest.fixture
def chapter(visit: Visit) -> Visit:
    """The same, for the tests of chapters alone."""
    return visit


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test of each page, or of each chapter; the chapters come first in both, so that they count alike."""
    if "visit" in metafunc.fixturenames:
        names = CHAPTERS if "chapter" in metafunc.fixturenames else EVERYTHING
        ids = [Path(name).stem for name in names]
        metafunc.parametrize("visit", names, ids=ids, indirect=True, scope="session")
