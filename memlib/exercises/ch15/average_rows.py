"""Exercise: a soft condition on a table: which rows have a number above the pivot, in a column that is not certain."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms.programs import both, greater, soft_select


def _case(name: str, seed: int, rows: int, columns: int, tie: bool = False) -> Case:
    """Random numbers; the pivot is the median of the table, so that about half of the cells lie above it."""
    draw = Draw(seed)
    table = draw.real(rows, columns)
    pivot = table.median()[None] if tie else table.median()[None] + 0.01
    # Earlier selections from 1/4 on: an `and` that forgets the columns' weights must show.
    return Case(name, (table, draw.real(columns).softmax(0), pivot, 0.25 + 0.75 * draw.fraction(rows)))


def _cases() -> list[Case]:
    return [
        _case("six rows and three columns", 1531, 6, 3),
        _case("four rows and four columns", 1532, 4, 4),
        _case("eight rows and one column", 1533, 8, 1),
        _case("a pivot that stands in the table", 1534, 7, 3, tie=True),
    ]


def _rows(table: Tensor, columns: Tensor, pivot: Tensor, earlier: Tensor) -> Tensor:
    return both(soft_select(greater(table, pivot).mT, columns), earlier)


_MISTAKES = (
    Mistake(
        "compares-averages",
        lambda t, c, p, e: torch.minimum((t @ c > p).double(), e),
        "You averaged the columns and then compared. The mean of a price and an age is neither.",
        "Compare in every column; average the answers.",
    ),
    Mistake(
        "hard-column",
        lambda t, c, p, e: torch.minimum((t[:, c.argmax()] > p).double(), e),
        "You took the likeliest column alone.",
        "Compare in every column; average the answers under the column's weights.",
    ),
    Mistake(
        "lesser",
        lambda t, c, p, e: torch.minimum((t < p).double() @ c, e),
        "These are the rows below the pivot.",
        "A cell counts where it is greater than the pivot.",
    ),
    Mistake(
        "or",
        lambda t, c, p, e: torch.maximum((t > p).double() @ c, e),
        "This is `or`: rows that belong to one selection at least.",
        "A row belongs to both as much as to the one it belongs to less.",
    ),
    Mistake(
        "product",
        lambda t, c, p, e: (t > p).double() @ c * e,
        "You multiplied the two selections. It is an `and` as well, but not this one: a row that belongs to both by "
        "half would belong by a quarter.",
        "Take the smaller of the two.",
    ),
    Mistake(
        "forgets",
        lambda t, c, p, e: (t > p).double() @ c,
        "The earlier selection was not asked.",
        "Join the two: the smaller of both, row by row.",
    ),
    Mistake(
        "plain-mean",
        lambda t, c, p, e: torch.minimum((t > p).double().mean(1), e),
        "You took the plain mean over the columns. They are not equally likely.",
        "Weigh each column's answer by its entry in `columns`.",
    ),
    Mistake(
        "any-column",
        lambda t, c, p, e: torch.minimum((t > p).double().sum(1), e),
        "You added up the columns as if each were certain.",
        "Weigh each column's answer by its entry in `columns`.",
    ),
    Mistake(
        "at-least",
        lambda t, c, p, e: torch.minimum((t >= p).double() @ c, e),
        "You let a cell count that equals the pivot. It must be above.",
        "`>`, not `>=`.",
    ),
)

AVERAGE_ROWS = Exercise(
    name="average_rows",
    arguments=("table", "columns", "pivot", "earlier"),
    reference=_rows,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[3.0, 9.0], [6.0, 2.0]]).double(),
            torch.tensor([0.75, 0.25]).double(),
            torch.tensor([5.0]).double(),
            torch.tensor([1.0, 0.5]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="Average what is decided, not what it is decided from.",
    advice="Three steps: compare every cell, average over columns, join with the earlier selection.",
)


def check_average_rows(function: Callable[..., Any]) -> Card:
    """Check `average_rows(table [rows, columns], columns [columns], pivot [1], earlier [rows]) -> [rows]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(AVERAGE_ROWS, function)
