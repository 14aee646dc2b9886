"""Exercise: how much of each write is left at each step, when the memory is scaled back again and again."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw


def _cases() -> list[Case]:
    draw = Draw(1151)
    return [
        Case("three steps", (1 + draw.fraction(3),)),
        Case("seven steps, some without a bound", (1 + draw.fraction(7) * torch.tensor([1, 0, 1, 1, 0, 0, 1]),)),
        Case("one step", (1 + draw.fraction(1),)),
    ]


def _one_by_one(bounds: Tensor) -> Tensor:
    """Each write starts as 1 and is divided by each bound from its own step on."""
    rows, left = [], torch.zeros_like(bounds)
    for t, bound in enumerate(bounds):
        left = left.clone()
        left[t] = 1.0
        left = left / bound
        rows.append(left)
    return torch.stack(rows)


def _before(bounds: Tensor) -> Tensor:
    """P_0 to P_{T-1}."""
    return torch.cat([torch.ones_like(bounds[:1]), bounds.cumprod(0)[:-1]])


def _after(bounds: Tensor) -> Tensor:
    """P_1 to P_T."""
    return bounds.cumprod(0)


_MISTAKES = (
    Mistake(
        "own-bound-forgotten",
        lambda c: (_after(c) / _after(c)[:, None]).tril(),
        "You took P_i / P_t. Then a write that was just made is whole; but it is scaled back in the very step that "
        "made it.",
        "Write i is divided by c_i too: P_{i-1} / P_t.",
    ),
    Mistake(
        "one-bound-too-many",
        lambda c: (_before(c) / (_after(c) * c)[:, None]).tril(),
        "Each row is divided by its own bound twice.",
        "c_i c_{i+1} ... c_t: each of them once.",
    ),
    Mistake(
        "upper",
        lambda c: (_before(c) / _after(c)[:, None]).triu(),
        "You kept the upper triangle: what is left of writes that have not been made yet.",
        "Row t, column i, and i ≤ t: `tril()`.",
    ),
    Mistake(
        "transposed",
        lambda c: _one_by_one(c).mT,
        "Rows and columns have changed places: row t belongs to the memory after step t.",
        "`P_before[None, :] / P_after[:, None]`.",
    ),
    Mistake(
        "no-triangle",
        lambda c: _before(c) / _after(c)[:, None],
        "The part above the diagonal is not 0: a step would read what is written after it.",
        "`tril()`.",
    ),
    Mistake(
        "without-diagonal",
        lambda c: _one_by_one(c).tril(-1),
        "The diagonal is empty. A step reads its own write: first the write, then the reads.",
        "`tril()`, not `tril(-1)`.",
    ),
    Mistake(
        "inverse",
        lambda c: (_after(c)[:, None] / _before(c)).tril(),
        "The quotient is upside down: old writes would grow.",
        "Every bound divides.",
    ),
    Mistake(
        "rows-and-columns-divided",
        lambda c: (_before(c)[:, None] / _after(c)).tril(),
        "Rows and columns have changed places in the division: in row t, column i stands P_{t-1} / P_i.",
        "What is divided belongs to the columns, what divides it to the rows: `before / after[:, None]`.",
    ),
    Mistake(
        "last-bound-missing",
        lambda c: (_before(c) / _before(c)[:, None]).tril(),
        "You took P_{i-1} / P_{t-1}. The bound of step t itself is missing: row t is the memory after it.",
        "Divide by P_t.",
    ),
    Mistake(
        "to-the-end",
        lambda c: (1 / c.flip(0).cumprod(0).flip(0)).expand(len(c), len(c)).tril(),
        "You divided write i by all bounds from its own to the last of the window. At step t the later ones are still "
        "to come.",
        "c_i c_{i+1} ... c_t.",
    ),
    Mistake(
        "only-own-bound",
        lambda c: (1 / c).expand(len(c), len(c)).tril(),
        "Each write is divided by its own bound only; later bounds scale it too.",
        "A product of all bounds from i to t.",
    ),
    Mistake(
        "from-the-start",
        lambda c: (1 / _after(c))[:, None].expand(len(c), len(c)).tril(),
        "Every write is divided by all bounds from the start. Those before its own step were over when it was made.",
        "Divide P_t by P_{i-1}, the bounds that it never met.",
    ),
    Mistake(
        "sums",
        lambda c: (1 / (c.cumsum(0)[:, None] - (c.cumsum(0) - c))).tril(),
        "You added the bounds up. They follow one another, so they multiply.",
        "`cumprod`.",
    ),
)

FADE = Exercise(
    name="fade",
    arguments=("bounds",),
    reference=_one_by_one,
    cases=_cases,
    example=Case("by hand", (torch.tensor([2.0, 1.0, 4.0]).double(),)),
    mistakes=_MISTAKES,
    lesson="The bound is a decay that the memory chooses by itself: 1 while there is room, below 1 once the ball is "
    "full.",
    advice="Follow one write by hand: it comes in whole at step i, and each bound from c_i on divides it.",
)


def check_fade(function: Callable[..., Any]) -> Card:
    """Check `fade(bounds [T]) -> [T, T]`, what is left of write i (column) after step t (row).

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(FADE, function)
