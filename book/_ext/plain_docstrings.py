"""Docstrings are plain text, not reStructuredText: this makes autodoc read them so.

`name` becomes literal text, bars and stars lose their special meaning (|r|² is a modulus, no substitution), and the
references of a ``Source:`` line become citations. Runs before napoleon, which then reads Args, Returns and Raises.
A class that has its own ``__init__`` is shown with the signature of that, whatever its bases do in ``__new__``.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.inspect import signature, stringify_signature

LITERAL = re.compile(r"(``.+?``|`[^`]+`)")
SPECIAL = re.compile(r"([|*\\]|(?<=\w)_(?!\w))")
BULLET = re.compile(r"^\s*\* ")
SOURCE = re.compile(r"^(\s*)Source: (.+)$")
KEY = re.compile(r"\b([a-z]+\d{4}[a-z]*)\b")


def plain(line: str) -> str:
    """Rewrite one line of a docstring so that reStructuredText shows it as it stands."""
    if found := SOURCE.match(line):
        return found[1] + "*Source:* " + KEY.sub(r":cite:t:`\1`", found[2])
    bullet = found[0] if (found := BULLET.match(line)) else ""
    pieces = LITERAL.split(line.removeprefix(bullet))
    for i, piece in enumerate(pieces):
        pieces[i] = f"``{piece.strip('`')}``" if i % 2 else SPECIAL.sub(r"\\\1", piece)
    return bullet + "".join(pieces)


def process(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Rewrite a whole docstring in place; a module's begins with its name, which is what a reader imports from."""
    lines[:] = [plain(line) for line in lines]
    if what == "module":
        lines[:0] = [f"Module ``{name}``", ""]


def restore(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Undo napoleon on properties, where it takes whatever stands before a colon in the first line for a type."""
    if isinstance(thing, property):
        lines[:] = [plain(line) for line in (inspect.getdoc(thing) or "").splitlines()]


def own_signature(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, shown: str, returns: str
) -> tuple[str, str] | None:
    """Show a class by its own ``__init__``, if it has one."""
    if what != "class" or "__init__" not in vars(thing):
        return None
    own = signature(thing.__init__)
    parameters = list(own.parameters.values())[1:]
    own = own.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
    return stringify_signature(own, unqualified_typehints=True), ""


def skip_field(app: Sphinx, what: str, name: str, thing: Any, skip: bool, options: Any) -> bool | None:
    """Leave out the fields of named tuples: their class's docstring tells of them."""
    return True if type(thing).__name__ == "_tuplegetter" else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to autodoc, around napoleon (whose priority is 500)."""
    app.connect("autodoc-process-docstring", process, priority=400)
    app.connect("autodoc-process-docstring", restore, priority=600)
    app.connect("autodoc-process-signature", own_signature)
    app.connect("autodoc-skip-member", skip_field)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
