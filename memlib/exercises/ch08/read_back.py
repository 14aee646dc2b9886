"""Exercise: one value read exactly out of an outer-product attention."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms.associative import store
from memlib.mechanisms.outer_product import contractions


def _case(name: str, seed: int, pairs: int, width: int, depth: int, item: int) -> Case:
    draw = Draw(seed)
    matched = torch.tanh(1.5 * draw.real(pairs, width))
    return Case(name, (store(matched, draw.real(pairs, depth)), matched, item))


def _cases() -> list[Case]:
    return [
        _case("three pairs of width 6", 831, 3, 6, 4, 0),
        _case("five pairs of width 7", 832, 5, 7, 3, 2),
        _case("as many pairs as entries", 833, 4, 4, 4, 1),
        _case("one pair", 834, 1, 5, 2, 0),
    ]


def _read(memory: Tensor, matched: Tensor, item: int) -> Tensor:
    return contractions(matched)[item] @ memory


def _straight(matched: Tensor) -> list[Tensor]:
    """The rows made orthogonal, one after the other."""
    rows: list[Tensor] = []
    for row in matched:
        for other in rows:
            row = row - (row @ other) / (other @ other) * other
        rows.append(row)
    return rows


def _orthogonalised(memory: Tensor, matched: Tensor, item: int) -> Tensor:
    row = _straight(matched)[item]
    return row / (row @ row) @ memory


_MISTAKES = (
    Mistake(
        "plain",
        lambda m, x, j: x[j] @ m,
        "You multiplied by the matched entries as they are. That gives |x|² times the value, and crosstalk from the "
        "others.",
        "Look for a row a with a·x_j = 1 and a·x_i = 0 for every other pair.",
    ),
    Mistake(
        "unit",
        lambda m, x, j: x[j] / x[j].square().sum().sqrt() @ m,
        "You divided by the length. Even for orthogonal entries this gives |x| times the value.",
        "The square of the length, and then the crosstalk is still there.",
    ),
    Mistake(
        "crosstalk",
        lambda m, x, j: x[j] / x[j].square().sum() @ m,
        "Right for orthogonal entries. These overlap, and each pair leaves crosstalk.",
        "The row must be at right angles to the entries of all other pairs.",
    ),
    Mistake(
        "gram-schmidt",
        _orthogonalised,
        "You made the entries orthogonal first. The values are already stored under the old ones: a row made so is at "
        "right angles to those before it, and not to those after it.",
        "One system for all: a·x_i is 1 for i = j and 0 for the others. A pseudo-inverse solves it.",
    ),
    Mistake(
        "columns",
        lambda m, x, j: m @ x[j],
        "You summed over the columns. The matched entries belong to the rows.",
        "The row stands on the left of the memory.",
    ),
    Mistake(
        "all",
        lambda m, x, j: contractions(x) @ m,
        "Those are all values. One was asked for.",
        "Take the row `item`.",
    ),
    Mistake(
        "wrong-side",
        lambda m, x, j: torch.linalg.pinv(x)[j] @ m,
        "You took the pseudo-inverse of the matrix with the matched entries as rows. Its rows belong to the d entries.",
        "The entries belong into the columns: `matched.T`. Or take a column of this one.",
    ),
)

READ_BACK = Exercise(
    name="read_back",
    arguments=("memory", "matched", "item"),
    reference=_read,
    cases=_cases,
    example=Case(
        "by hand",
        (
            store(torch.tensor([[1.0, 0.0], [1.0, 1.0]]).double(), torch.tensor([[1.0, 2.0], [10.0, 20.0]]).double()),
            torch.tensor([[1.0, 0.0], [1.0, 1.0]]).double(),
            0,
        ),
    ),
    mistakes=_MISTAKES,
    lesson="A sum of pairs is not lost: with independent entries each of them comes back.",
    advice="Put the matched entries into the columns of a matrix, and look at its pseudo-inverse.",
)


def check_read_back(function: Callable[..., Any]) -> Card:
    """Check `read_back(memory [d, dv], matched [n, d], item) -> [dv]`, exact for independent matched entries.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(READ_BACK, function)
