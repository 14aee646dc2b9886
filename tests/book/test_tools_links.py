"""Links of the built book: every page, file and anchor that it points to inside itself is there."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest


class Page(HTMLParser):
    """Collects what a page points to, and the anchors that it offers."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.anchors |= {value for key in ("id", "name") if (value := told.get(key))}
        self.targets += [value for key in ("href", "src") if (value := told.get(key))]


@pytest.fixture(scope="module")
def pages(book_html: Path) -> dict[Path, Page]:
    found = [*book_html.glob("*.html"), *book_html.glob("book/*.html"), *book_html.glob("notebooks/*.html")]
    return {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in found}


def test_every_internal_link_and_anchor_resolves(pages: dict[Path, Page]) -> None:
    wrong, seen = [], 0
    for path, page in pages.items():
        for target in page.targets:
            if re.match(r"[a-z]+:|//", target):
                continue
            seen += 1
            place, anchor = urldefrag(target)
            place = unquote(place.split("?")[0])
            goal = (path.parent / place).resolve() if place else path
            if not goal.exists():
                wrong.append(f"{path.name}: {target}")
            elif anchor and goal in pages and unquote(anchor) not in pages[goal].anchors:
                wrong.append(f"{path.name}: no anchor {target}")
    assert seen > 100
    assert not wrong


def test_pages_lie_one_folder_deep(book_html: Path) -> None:
    allowed = {"index.html", "genindex.html", "search.html"}
    for path in book_html.rglob("*.html"):
        parts = path.relative_to(book_html).parts
        assert parts[0] in {"vendor", "_static"} or len(parts) == 2 or parts[0] in allowed, parts


def test_download_gives_the_generated_notebook(book_html: Path, pages: dict[Path, Page]) -> None:
    chapters = sorted((book_html / "notebooks").glob("*.html"))
    assert chapters
    for path in chapters:
        targets = pages[path.resolve()].targets
        assert f"../colab/{path.stem}.ipynb" in targets
        assert not [target for target in targets if "_sources" in target]
        notebook = json.loads((book_html / "colab" / f"{path.stem}.ipynb").read_text(encoding="utf-8"))
        assert not any(cell.get("outputs") for cell in notebook["cells"])


def test_colab_opens_the_branch_colab_or_there_is_no_button(book_html: Path, pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        for target in page.targets:
            if "colab.research.google.com" in target:
                wanted = rf"https://colab\.research\.google\.com/github/[\w.-]+/[\w.-]+/blob/colab/notebooks/{path.stem}\.ipynb"
                assert re.fullmatch(wanted, target), target
