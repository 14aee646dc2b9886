"""WikiTableQuestions 1.0.2: a reader of its questions and tables.

``data/*.tsv`` holds questions: id, question, table, answer, apart by tabs; several values of an answer are apart by
``|``. In a field a newline is written ``\\n``, a backslash ``\\\\``, and a bar ``\\p``. ``csv/*/*.csv`` holds tables,
the first row their header; a quote or a backslash has a backslash before it. `memlib.tasks.table_values` says what
texts mean.

Source: pasupat2015
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from memlib.data import DataError, locate
from memlib.tasks.files import lines_of, text_of

NAME = "wikitablequestions"
# 14,152, 4,344 and 3,537 questions; the test's tables are not among those of training.
PARTITIONS = {"train": "training", "test": "pristine-unseen-tables", "seen": "pristine-seen-tables"}
SPLITS = range(1, 6)
FIELDS = ("id", "utterance", "context", "targetValue")


@dataclass(frozen=True)
class WikiQuestion:
    """One question.

    Attributes:
        id: such as ``nt-0``.
        text: of the question.
        table: path of its table below the data set's folder.
        answers: its values, in the file's order.
    """

    id: str
    text: str
    table: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class WikiTable:
    """One table.

    Attributes:
        header: names of the columns.
        rows: texts of the cells; each row has as many as the header.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, place: int) -> list[str]:
        """The texts of a column."""
        return [row[place] for row in self.rows]


def unescape(field: str) -> str:
    """A field of a tab-separated file as it was meant.

    Raises:
        ValueError: a backslash stands before another letter than n, p or a backslash.
    """
    meant, letters = [], iter(field)
    for letter in letters:
        if letter == "\\":
            after = next(letters, "")
            if after not in ("n", "p", "\\"):
                raise ValueError(f"expected \\n, \\p or \\\\ in {field!r}, got a backslash before {after!r}")
            letter = {"n": "\n", "p": "|", "\\": "\\"}[after]
        meant.append(letter)
    return "".join(meant)


def read_questions(path: Path | str) -> list[WikiQuestion]:
    """Read a file of questions.

    Args:
        path: a ``.tsv`` file.

    Raises:
        DataError: it is not there.
        ValueError: its header or a line is not of the format; the message names file and line.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path} is not there. Fetch it with: memlib data {NAME}")
    lines = text_of(path).rstrip("\n").split("\n")
    if tuple(lines[0].rstrip("\r").split("\t")) != FIELDS:
        raise ValueError(f"{path}, line 1: expected the header {' '.join(FIELDS)} between tabs, got {lines[0]!r}.")
    found = []
    for place, line in enumerate(lines[1:], start=2):
        fields = line.rstrip("\r").split("\t")
        try:
            if len(fields) != len(FIELDS) or not all(fields):
                raise ValueError(f"expected {len(FIELDS)} filled fields between tabs, got {fields!r}")
            name, text, table, answer = fields
            answers = tuple(unescape(value) for value in answer.split("|"))
            found.append(WikiQuestion(name, unescape(text), unescape(table), answers))
        except ValueError as error:
            raise ValueError(f"{path}, line {place}: {error}.") from None
    return found


def read_table(path: Path | str) -> WikiTable:
    """Read a table.

    Args:
        path: a ``.csv`` file.

    Raises:
        DataError: it is not there.
        ValueError: it has no row below its header, rows of different widths, or a quote that never ends.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path} is not there. Fetch it with: memlib data {NAME}")
    try:
        lines = lines_of(path, newline="")
        rows = [tuple(row) for row in csv.reader(lines, doublequote=False, escapechar="\\", strict=True)]
    except csv.Error as error:
        raise ValueError(f"{path}: expected cells between commas ({error}).") from None
    if len(rows) < 2 or not rows[0]:
        raise ValueError(f"{path}: expected a header and at least one row, got {len(rows)} rows.")
    for place, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise ValueError(f"{path}, row {place}: expected {len(rows[0])} cells as in the header, got {len(row)}.")
    return WikiTable(rows[0], tuple(rows[1:]))


def partition_file(partition: str) -> str:
    """The name of a partition's file below the data set's folder.

    Args:
        partition: ``train``, ``test``, ``seen``, or one of five ways to divide the training questions by their tables:
            ``train-1`` and ``dev-1`` to ``train-5`` and ``dev-5``.

    Raises:
        ValueError: there is no such partition.
    """
    splits = {f"{part}-{split}": f"random-split-{split}-{part}" for split in SPLITS for part in ("train", "dev")}
    if (name := {**PARTITIONS, **splits}.get(partition)) is None:
        raise ValueError(f"expected a partition of {', '.join([*PARTITIONS, *splits])}; got {partition!r}.")
    return f"data/{name}.tsv"


def load(partition: str) -> list[WikiQuestion]:
    """The questions of a partition, from where `memlib.data.find` finds them. Arguments and errors as elsewhere here.

    Args:
        partition: as in `partition_file`.

    Raises:
        ValueError: there is no such partition, or a line is damaged.
        DataError: the file is not on this machine: the message says how to fetch it.
    """
    name = partition_file(partition)
    return read_questions(locate(NAME, name) / name)


def table(name: str) -> WikiTable:
    """A question's table, from where `memlib.data.find` finds it.

    Args:
        name: `WikiQuestion.table`.

    Raises:
        ValueError: it is damaged, or its path leaves the folder.
        DataError: it is not on this machine.
    """
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(f"expected the path of a table below the data set's folder, got {name!r}.")
    return _table(locate(NAME, "data"), name)


@cache
def _table(root: Path, name: str) -> WikiTable:
    return read_table(root / name)
