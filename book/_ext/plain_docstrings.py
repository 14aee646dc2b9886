"""Docstrings are plain text, not reStructuredText: this makes autodoc read them so.

`name` becomes literal text, bars and stars lose their special meaning (|r|² is a modulus, no substitution), and the
references of a ``Source:`` line become citations. Runs before napoleon, which then reads Args, Returns and Raises.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

LITERAL = re.compile(r"(``.+?``|`[^`]+`)")
SPECIAL = re.compile(r"([|*\\]|(?<=\w)_(?!\w))")
SOURCE = re.compile(r"^(\s*)Source: (.+)$")
KEY = re.compile(r"\b([a-z]+\d{4}[a-z]*)\b")


def plain(line: str) -> str:
    """Rewrite one line of a docstring so that reStructuredText shows it as it stands."""
    if found := SOURCE.match(line):
        return found[1] + "*Source:* " + KEY.sub(r":cite:t:`\1`", found[2])
    pieces = LITERAL.split(line)
    for i, piece in enumerate(pieces):
        pieces[i] = f"``{piece.strip('`')}``" if i % 2 else SPECIAL.sub(r"\\\1", piece)
    return "".join(pieces)


def process(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Rewrite a whole docstring in place."""
    lines[:] = [plain(line) for line in lines]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to autodoc, before napoleon does."""
    app.connect("autodoc-process-docstring", process, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
