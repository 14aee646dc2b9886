"""From a question about a real table to what a programmer reads: words, numbers, matches, and answers that may be.

Only the answer's text is known. It may be a number that a program counts, or cells that show it, or both, or neither;
`hardness` says which, and where else the difficulty lies.

Source: neelakantan2017; pasupat2015
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from memlib.tasks.table_values import derived, exact_number, normalise, right, same
from memlib.tasks.tables import TableQuestion
from memlib.tasks.wikitablequestions import WikiQuestion, WikiTable

NUMBER = "#"
TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th|s)?(?![^\W\d_])|[^\W_]+|[^\w\s]")
SPELLED = dict(
    zip(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), range(1, 11), strict=True)
)
# They name no column, even where a column's name holds one.
COMMON = frozenset(
    (
        "the",
        "a",
        "an",
        "of",
        "in",
        "on",
        "at",
        "is",
        "was",
        "were",
        "did",
        "to",
        "for",
        "by",
        "and",
        "or",
        "no",
        *NUMBER,
        *"?.,'-()/s",
    )
)
# As many rows as the authors' code looks at.
ROWS = 100


@lru_cache(maxsize=1 << 17)
def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, normalised; a number is one word.

    Args:
        text: of a question, a name or a cell.
    """
    return tuple(TOKEN.findall(normalise(text)))


def _value(token: str) -> float | None:
    digits = re.sub(r"(st|nd|rd|th|s)$", "", token)
    return float(SPELLED[token]) if token in SPELLED else exact_number(digits.rstrip(","))


def _inside(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    length = len(part)
    return any(whole[at] == part[0] and whole[at : at + length] == part for at in range(len(whole) - length + 1))


@lru_cache(maxsize=1 << 17)
def _parts(cell: str) -> tuple[tuple[str, ...], ...]:
    parts = [tokens(part) for part in dict.fromkeys([cell, *re.split(r"[,/()]|\n", cell)])]
    return tuple(part for part in parts if not set(part) <= COMMON)


def named(cell: str, question: Sequence[str]) -> bool:
    """Whether a question names what stands in a cell: all of it, or a part between commas, slashes or brackets.

    Args:
        cell: its text.
        question: its words.
    """
    asked = tuple(question)
    return any(_inside(part, asked) for part in _parts(cell))


@lru_cache(maxsize=1 << 14)
def _derived(column: tuple[str, ...]) -> tuple[str, list[float | None]]:
    return derived(column)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def encode(question: WikiQuestion, table: WikiTable, rows: int = ROWS) -> TableQuestion:
    """A question with its table.

    Args:
        question: read from the file.
        table: its table.
        rows: of a longer table only so many are kept, from the top.

    Returns:
        The scalar answer is set where a count of rows could be it. Cells are set where every value of the answer is in
        the table; `TableQuestion.cells` then holds, for each value, all that show it.
    """
    asked, kept = tokens(question.text), table.rows[:rows]
    columns = [_derived(column)[1] for column in zip(*kept, strict=True)]
    seen = {text: named(text, asked) for text in {text for row in kept for text in row}}
    content = {_singular(word) for word in asked} - COMMON
    values = [(place, value) for place, word in enumerate(asked) if (value := _value(word)) is not None]
    numbers = dict(values)
    number = exact_number(question.answers[0]) if len(question.answers) == 1 else None
    counts = number is not None and number.is_integer() and 0 <= number <= len(kept)
    found = [_showing(answer, kept) for answer in question.answers]
    return TableQuestion(
        words=tuple(NUMBER if place in numbers else word for place, word in enumerate(asked)) or ("?",),
        numbers=tuple(values),
        names=tuple(tuple(tokens(name)) or ("?",) for name in table.header),
        texts=tuple(tuple(map(normalise, row)) for row in kept),
        values=tuple(zip(*columns, strict=True)),
        matches=tuple(tuple(seen[text] for text in row) for row in kept),
        name_matches=tuple(bool(content & set(map(_singular, tokens(name)))) for name in table.header),
        scalar=number if counts else None,
        cells=tuple(found) if all(found) else (),
    )


def _showing(answer: str, rows: Sequence[Sequence[str]]) -> frozenset[tuple[int, int]]:
    """The cells that show a value."""
    known = {text: same(answer, text) for text in {text for row in rows for text in row}}
    return frozenset((i, j) for i, row in enumerate(rows) for j, text in enumerate(row) if known[text])


def vocabulary(questions: Iterable[TableQuestion], least: int = 5) -> dict[str, int]:
    """Number of each word, from 2 on, the most frequent first; those met fewer than ``least`` times are unknown.

    Args:
        questions: of the training.
        least: how often a word of a question, or of a column's name, must come.
    """
    times = Counter(word for one in questions for words in (one.words, *one.names) for word in words)
    chosen = sorted((word for word, count in times.items() if count >= least), key=lambda word: (-times[word], word))
    return {word: place for place, word in enumerate(chosen, start=2)}


def hardness(question: WikiQuestion, table: WikiTable) -> Mapping[str, Any]:
    """What makes a question hard, for a page to show.

    Args:
        question: read from the file.
        table: its table.

    Returns:
        ``kinds`` of the columns; ``written_otherwise``, cells that show the answer in other letters; ``ways``, how the
        answer may come about: a ``count`` and, for each of its values, how many cells show it; ``named``, how many
        cells the question names; ``words``, how many of its words stand in no cell and in no name.
    """
    encoded = encode(question, table)
    cells = [(i, j) for group in encoded.cells for i, j in sorted(group)]
    known = {word for row in encoded.texts for text in row for word in tokens(text)}
    known |= {word for name in encoded.names for word in name}
    return {
        "kinds": [derived(table.column(place))[0] for place in range(len(table.header))],
        "written_otherwise": [table.rows[i][j] for i, j in cells if table.rows[i][j] not in question.answers],
        "ways": {"count": encoded.scalar is not None, "cells": [len(group) for group in encoded.cells]},
        "named": sum(map(sum, encoded.matches)),
        "words": sum(word not in known for word in tokens(question.text)),
    }


def spoken(answer: float | Sequence[tuple[int, int]], table: WikiTable) -> list[str]:
    """A program's answer as values: a number, or the texts of cells (row, column).

    Args:
        answer: of the program.
        table: that it ran on.
    """
    if isinstance(answer, int | float):
        return [f"{answer:g}"]
    return [table.rows[i][j] for i, j in answer]


def is_right(answer: float | Sequence[tuple[int, int]], question: WikiQuestion, table: WikiTable) -> bool:
    """Whether a program's answer is right, by `memlib.tasks.table_values.right`; arguments as elsewhere here."""
    return right(spoken(answer, table), question.answers)
