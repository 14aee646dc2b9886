"""The time that each chapter took in the build that made the pages."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.book
# The quickest chapter's seconds on the machine of the promise, most of them imports: a measure of a machine's speed.
QUICKEST = 6.0


def test_no_chapter_takes_longer_than_promised(book_html: Path) -> None:
    said = json.loads((book_html / "runtime.json").read_text(encoding="utf-8"))
    if said["setting"]["profile"] != "quick":
        pytest.skip("the promise is for the quick profile")
    slowness = max(1.0, min(said["seconds"].values()) / QUICKEST)
    limit = said["limit_seconds"] * slowness
    late = {page: taken for page, taken in said["seconds"].items() if taken > limit}
    assert not late, f"these chapters took more than {limit:.1f} s: {late}"


def test_every_chapter_was_executed_and_timed(book_html: Path) -> None:
    said = json.loads((book_html / "runtime.json").read_text(encoding="utf-8"))
    built = {f"notebooks/{path.stem}" for path in (book_html / "notebooks").glob("*.html")}
    assert built
    assert set(said["seconds"]) == built


def test_the_page_shows_the_figures(book_html: Path) -> None:
    said = json.loads((book_html / "runtime.json").read_text(encoding="utf-8"))
    page = (book_html / "book" / "runtime.html").read_text(encoding="utf-8")
    for taken in said["seconds"].values():
        assert f"{taken:.1f}" in page
    assert said["setting"]["torch"] in page
