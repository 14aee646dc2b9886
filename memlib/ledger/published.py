"""Every published figure that the book is to reach, and every acceptance of its own, as data.

The lines stand in ``published_figures/*.toml``, a file for each group of papers.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from memlib.experiments import registry


@dataclass(frozen=True)
class Line:
    """One line of the ledger.

    Attributes:
        row: of the book's list of systems, such as ``H7``.
        place: in the paper; empty where there is none.
        system: in words.
        figure: the published one as text, or ``own: `` with our acceptance.
        experiment: the name of the one that aims at it; empty where none stands yet.
        note: what else is to be said.
        tests: the test file that checks it, for a law that needs no record; else empty.
    """

    row: str
    place: str
    system: str
    figure: str
    experiment: str
    note: str = ""
    tests: str = ""


@dataclass(frozen=True)
class Section:
    """The lines of one group of papers.

    Attributes:
        title: of the group.
        papers: keys of the bibliography.
        lines: in the order of the list of systems.
    """

    title: str
    papers: tuple[str, ...]
    lines: tuple[Line, ...]


@cache
def sections() -> tuple[Section, ...]:
    """All sections, in order.

    Raises:
        ValueError: a line has not six parts or names an experiment that does not exist; the message shows it.
    """
    folder = files("memlib.ledger") / "published_figures"
    found = []
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            told = tomllib.loads(file.read_text(encoding="utf-8"))
            found.append(Section(told["title"], tuple(told["papers"]), tuple(map(_line, told["lines"]))))
    return tuple(found)


def _line(parts: list[str]) -> Line:
    if len(parts) != 6 or not all(isinstance(part, str) for part in parts):
        raise ValueError(f"expected row, place, system, figure, experiment and note as words, got {parts!r}.")
    row, place, system, figure, experiment, note = parts
    if experiment and experiment not in registry.EXPERIMENTS:
        raise ValueError(f"{row}, {system}: no experiment is called {experiment!r}.")
    tests = note if note.startswith("tests/") else ""
    return Line(row, place, system, figure, experiment, "" if tests else note, tests)
