"""Exercise: cut one long text into rows that can be read side by side."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake


def _case(name: str, seed: int, tokens: int, rows: int) -> Case:
    return Case(name, (torch.randint(1, 1000, (tokens,), generator=torch.Generator().manual_seed(seed)), rows))


def _cases() -> list[Case]:
    return [
        _case("12 words in 3 rows", 1321, 12, 3),
        _case("14 words in 4 rows", 1322, 14, 4),
        _case("23 words in 5 rows", 1323, 23, 5),
        _case("9 words in 3 rows", 1324, 9, 3),
        _case("one row", 1325, 7, 1),
    ]


def _cut(ids: Tensor, rows: int) -> Tensor:
    length = len(ids) // rows
    return torch.stack([ids[row * length : (row + 1) * length] for row in range(rows)])


def _short(ids: Tensor, rows: int) -> int:
    """How many words are missing to one more column; 0 where nothing is left over."""
    return -len(ids) % rows


_MISTAKES = (
    Mistake(
        "transposed",
        lambda ids, rows: _cut(ids, rows).mT.contiguous(),
        "Rows and columns are swapped: you return [length, rows]. (Some code reads texts that way; this course does "
        "not.)",
        "A row is one part of the text: shape [rows, length].",
    ),
    Mistake(
        "interleaved",
        lambda ids, rows: torch.stack([ids[row::rows][: len(ids) // rows] for row in range(rows)]),
        "Your rows take every so many words of the text: a row then jumps from word to word, and no row is readable.",
        "A row must hold words that stood next to each other.",
    ),
    Mistake(
        "windows",
        lambda ids, rows: torch.stack([ids[i * rows : (i + 1) * rows] for i in range(len(ids) // rows)]),
        "Your rows are `rows` words long. There should be `rows` of them.",
        "`rows` is the first size of the result; the length follows from the text.",
    ),
    Mistake(
        "leftovers-padded",
        lambda ids, rows: _cut(pad(ids, (0, _short(ids, rows))), rows),
        "You filled the last row up. Word number 0 is a word like any other, and the model would have to predict it.",
        "Drop what does not fill a whole column.",
    ),
    Mistake(
        "leftovers-wrapped",
        lambda ids, rows: _cut(torch.cat([ids, ids[: _short(ids, rows)]]), rows),
        "You filled the last row up from the beginning of the text. These words would count twice.",
        "Drop what does not fill a whole column.",
    ),
    Mistake(
        "start-dropped",
        lambda ids, rows: _cut(ids[len(ids) % rows :], rows),
        "You dropped the first words. The rest is right, but by custom it is the end that goes, and a text has a "
        "beginning.",
        "Keep from the start.",
    ),
    Mistake(
        "flat",
        lambda ids, rows: ids[: len(ids) // rows * rows],
        "The text is cut to the right length, but it is still one row.",
        "`view(rows, -1)`.",
    ),
)

BATCHIFY = Exercise(
    name="batchify",
    arguments=("ids", "rows"),
    reference=_cut,
    cases=_cases,
    example=Case("by hand", (torch.tensor([10, 11, 12, 13, 14, 15, 16]), 3)),
    mistakes=_MISTAKES,
    lesson="Each row goes on where its last window stopped, and only therefore may a state be carried along.",
    advice="Drop the words at the end that fill no whole column, then cut what is left into equal parts.",
)


def check_batchify(function: Callable[..., Any]) -> Card:
    """Check `batchify(ids [n], rows) -> [rows, n // rows]`, parts of a text one under the other.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(BATCHIFY, function)
