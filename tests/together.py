"""Which tests stay in one process where there are several: those that share an open page, or a build of the book."""

import re
from pathlib import Path
from typing import Any

FOLDERS = ("notebooks", "book")
PAGES = {path.stem for name in FOLDERS for path in (Path(__file__).parents[1] / name).glob("*.md")} | {
    "genindex",
    "search",
}
# Files, or the beginnings of functions' names in them.
SHARED = ("tests/figures/test_gallery_in_browser.py", "tests/book/test_built_book.py::test_with_an_address")


def group(nodeid: str) -> str:
    """The group of a test: its page's name, what it shares with its neighbours, or itself."""
    shared = [name for name in SHARED if nodeid.startswith(name)]
    if shared:
        return shared[0]
    if nodeid.startswith("tests/browser/"):
        words = re.search(r"\[(.*)\]$", nodeid)
        pages = PAGES.intersection(words[1].split("-")) if words else ()
        if pages:
            return min(pages)
    return nodeid


def scheduler(config: Any, log: Any) -> Any:
    """xdist's scheduler by scope, with the groups above for its scopes."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    return Together(config, log)
