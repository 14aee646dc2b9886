"""One page of the book, opened at most once for each kind of reader, and what all checks found on it there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import survey

# Each kind of reader: how the page is opened.
KINDS: dict[str, dict[str, Any]] = {
    "wide": {"width": 1280},
    "narrow": {"width": 390, "touch": True},
    "file": {"width": 1280, "offline_file": True},
}
Found = dict[str, list[str]]


@dataclass
class Visit:
    """`visit.tab("wide")` is the open page, the same for every test; `visit.found("wide")` what the checks say of it.

    A test leaves the page as it found it, or at least so that it can be read on.
    """

    name: str
    open: Callable[..., Any]
    axe: str
    tabs: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, Found] = field(default_factory=dict)
    front: str = ""

    def tab(self, kind: str) -> Any:
        """The page, open as `kind` says: wide, narrow (with touch), or from its file."""
        if kind not in self.tabs:
            self.tabs[kind] = self.open(self.name, **KINDS[kind])
            if kind == "wide":
                self.seen["untouched"] = survey.untouched(self.tabs[kind])
        elif self.front != kind:
            self.tabs[kind].bring_to_front()  # a tab behind another one is drawn once a second
        self.front = kind
        return self.tabs[kind]

    def found(self, kind: str) -> Found:
        """What every check found, wide or narrow, remembered; its last keys tell what happened since it was opened."""
        tab = self.tab(kind)
        if kind not in self.seen:
            looked = survey.wide if kind == "wide" else survey.narrow
            self.seen[kind] = {**(self.seen["untouched"] if kind == "wide" else {}), **looked(tab, self.axe)}
        return {**self.seen[kind], **vars(tab.record)}

    def close(self) -> None:
        """Close the page wherever it is open."""
        for tab in self.tabs.values():
            tab.close()
