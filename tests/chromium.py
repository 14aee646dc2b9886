"""One Chromium for all tests of a process, and one context for each kind of reader in it."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but this machine has an address; what asks for more is written down by the tests, and gets nothing.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--no-proxy-server",
]
# Milliseconds that one step may take: beside other work a page of the book needs many times its usual two seconds.
PATIENCE = 120_000
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

# What draws, moves or is mended: wait for the fonts, two frames, what moves, and what book.js makes reachable by key.
STILL = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const boxes = ['mjx-container', '.highlight pre', 'div.cell_output .output', 'div.cell_output .output pre',
    '.pst-scrollable-table-container'].map((box) => `.bd-content ${box}`).join();
  const wide = (it) => {
    const inline = it.localName === 'mjx-container' && !it.hasAttribute('display');
    const room = (inline ? it.parentElement.closest('p, li, td, dd, figcaption, div') : it).clientWidth;
    return room > 0 && (inline ? it.getBoundingClientRect().width : it.scrollWidth) > room + 1;
  };
  const undone = () => [...document.querySelectorAll(boxes)].some((it) => wide(it) && it.tabIndex < 0);
  const moving = () => document.getAnimations().some(
    (it) => it.playState === 'running' && it.effect.getComputedTiming().endTime !== Infinity);
  await document.fonts.ready;
  const end = Date.now() + 20000;
  do { await frame(); await frame(); } while ((undone() || moving()) && Date.now() < end);
}"""


def still(tab: Any) -> None:
    """Wait until nothing is being drawn any more, at most twenty seconds: beside other work a page is slow."""
    tab.evaluate(STILL)


def program() -> str | None:
    """The path of a Chromium: CHROMIUM, or the first that is installed."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@cache
def started() -> tuple[Any, Any]:
    """Start the engine and its browser, once in a process: a second engine beside the first cannot run."""
    from playwright.sync_api import sync_playwright

    engine = sync_playwright().start()
    return engine, engine.chromium.launch(executable_path=program(), args=FLAGS)


def stop() -> None:
    """End what `started` began."""
    if started.cache_info().currsize:
        engine, running = started()
        running.close()
        engine.stop()
        started.cache_clear()


@pytest.fixture(scope="session")
def browser() -> Any:
    """The one Chromium; skips where there is none."""
    pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    if program() is None:
        pytest.skip("no chromium on this machine; install it (Debian: apt install chromium), or set CHROMIUM")
    return started()[1]


@pytest.fixture(scope="session")
def contexts(browser: Any) -> Iterator[Callable[..., Any]]:
    """``contexts(width=390, has_touch=True)``: one context for each kind of reader, shared by all tests.

    `width` and `height` in pixels; the other keywords are those of playwright's `new_context`.
    """
    made: dict[str, Any] = {}

    def context(*, width: int = 1280, height: int = 900, **options: Any) -> Any:
        key = json.dumps([width, height, options], sort_keys=True)
        if key not in made:
            made[key] = browser.new_context(viewport={"width": width, "height": height}, **options)
            made[key].set_default_timeout(PATIENCE)
        return made[key]

    yield context
    for one in made.values():
        one.close()


def mark(items: list[pytest.Item]) -> None:
    """Mark the tests that need a browser, and let them come last: beside its engine no other event loop can run."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
