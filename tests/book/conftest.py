"""The built book, for the tests that look at its pages."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def built_book() -> Path:
    """Return the folder of the built pages: MEMLIB_BOOK_HTML, else the profile's own."""
    given = os.environ.get("MEMLIB_BOOK_HTML")
    profile = os.environ.get("MEMLIB_PROFILE") or "quick"
    return Path(given) if given else ROOT / "build" / profile / "_build" / "html"


@pytest.fixture(scope="session")
def book_html() -> Path:
    """The folder of the built pages; skips where no book is built."""
    folder = built_book()
    if not (folder / "index.html").exists():
        pytest.skip(f"no book in {folder}; build it with: make book")
    return folder


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that uses a fixture of this folder, so that the daily tests leave it out."""
    for item in items:
        if {"book_html"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.book)
