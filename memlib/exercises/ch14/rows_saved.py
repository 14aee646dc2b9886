"""Exercise: how much work is saved when finished rows are left out."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake


def _case(name: str, *rows: tuple[int, ...]) -> Case:
    return Case(name, (torch.tensor(rows, dtype=torch.float64),))


def _cases() -> list[Case]:
    return [
        _case("four rows, three inputs", (2, 5, 1), (3, 1, 1), (2, 2, 8), (1, 2, 2)),
        _case("rows that all think alike", (3, 2), (3, 2), (3, 2)),
        _case("one row", (4, 1, 7)),
        _case("one slow row in five", (1, 1), (1, 2), (1, 1), (9, 1), (1, 1)),
    ]


def _full(steps: Tensor) -> Tensor:
    return len(steps) * steps.amax(0).sum()


def _saved(steps: Tensor) -> Tensor:
    return 1 - steps.sum() / _full(steps)


_MISTAKES = (
    Mistake(
        "share-done",
        lambda steps: steps.sum() / _full(steps),
        "That is the share of the work that is still done. What is saved is the rest.",
        "1 minus it.",
    ),
    Mistake(
        "one-maximum",
        lambda steps: 1 - steps.sum() / (steps.numel() * steps.max()),
        "You let every input take as long as the slowest of all. The batch waits at each input only for the row that "
        "is slowest there.",
        "The largest N over the rows, for each input by itself.",
    ),
    Mistake(
        "slowest-row",
        lambda steps: 1 - steps.sum() / (len(steps) * steps.sum(1).max()),
        "You compared with the row that thinks longest in all. At each input it may be another row for which the batch "
        "waits.",
        "First the largest over the rows, then the sum over time.",
    ),
    Mistake(
        "mean-of-shares",
        lambda steps: (1 - steps.sum(0) / (len(steps) * steps.amax(0))).mean(),
        "You took the mean of what each input saves. Long inputs weigh more: divide the sums.",
        "One quotient of two sums.",
    ),
    Mistake(
        "rows-saved",
        lambda steps: _full(steps) - steps.sum(),
        "That is how many rows are left out. Asked is their share of all rows.",
        "Divide by the work that would be done without leaving any out.",
    ),
    Mistake(
        "turned",
        lambda steps: 1 - steps.sum() / (steps.shape[1] * steps.amax(1).sum()),
        "You took the largest N of each row over its inputs. The rows of a batch wait for each other, the inputs of a "
        "row do not.",
        "The batch is axis 0.",
    ),
    Mistake(
        "times-less",
        lambda steps: _full(steps) / steps.sum(),
        "That is how many times as much work it would be. Asked is the share that is saved.",
        "1 minus the work that is done, divided by the work if all wait.",
    ),
    Mistake(
        "one-row-waits",
        lambda steps: 1 - steps.sum() / steps.amax(0).sum(),
        "You compared all rows with one slow row. When all wait, every row of the batch is run so often.",
        "The largest N times the size of the batch.",
    ),
)

ROWS_SAVED = Exercise(
    name="rows_saved",
    arguments=("steps",),
    reference=_saved,
    cases=_cases,
    example=_case("by hand", (1, 4), (3, 2)),
    mistakes=_MISTAKES,
    lesson="The more the rows differ, the more is saved; rows that think alike save nothing.",
    advice="Write down two sums: rows that must be computed, and rows that are computed when all wait.",
)


def check_rows_saved(function: Callable[..., Any]) -> Card:
    """Check `rows_saved(steps [batch, time]) -> number`, the share of the work that is not done.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(ROWS_SAVED, function)
