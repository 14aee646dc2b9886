"""Exercise: recall a value from a matrix memory."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import associative


def _cases() -> list[Case]:
    one, square, batch, deep = Draw(101), Draw(102), Draw(103), Draw(104)
    return [
        Case("one key", (one.real(3, 2), one.real(3))),
        Case("a square memory", (square.real(4, 4), square.real(4))),
        Case("a batch of 5 memories", (batch.real(5, 3, 4), batch.real(5, 3)), batch=True),
        Case("two batch dimensions", (deep.real(2, 3, 4, 4), deep.real(2, 3, 4)), batch=True),
    ]


def _scaled(memory: Tensor, key: Tensor, power: int) -> Tensor:
    return associative.recall(memory, key) / torch.linalg.vector_norm(key, dim=-1, keepdim=True) ** power


_MISTAKES = (
    Mistake(
        "transposed",
        lambda memory, key: torch.einsum("...ij,...j->...i", memory, key),
        "You multiplied along the wrong axis: `memory @ key` sums over the columns, and the columns belong to the "
        "value. It even runs where the memory is square, and is wrong there too.",
        "The key has one entry for each row. Which axis of the memory must disappear?",
    ),
    Mistake(
        "lost-batch",
        lambda memory, key: torch.matmul(key, memory),
        "Right for a single key, but with a batch every key is read from every memory: `@` takes the whole batch of "
        "keys for one matrix.",
        "Make each key a matrix of one row first (`key.unsqueeze(-2)`), or name the axes with einsum.",
    ),
    Mistake(
        "no-sum",
        lambda memory, key: memory * key.unsqueeze(-1),
        "You weighted each row by its entry of the key, and stopped there: the rows are not added up.",
        "Recall is a weighted sum of rows. Which axis is summed?",
    ),
    Mistake(
        "wrong-axis-summed",
        lambda memory, key: (memory * key.unsqueeze(-1)).sum(-1),
        "You weighted the rows rightly, then summed along the value's axis instead of the key's.",
        "The result keeps the width of a value, dv. Sum away the other axis.",
    ),
    Mistake(
        "mean",
        lambda memory, key: associative.recall(memory, key) / key.shape[-1],
        "You took the mean over the rows where recall is their sum: the result is too small by the factor dk.",
        "Use `sum`, not `mean`.",
    ),
    Mistake(
        "normalised-key",
        lambda memory, key: _scaled(memory, key, 1),
        "You divided by the key's length. For keys of length 1 nothing changes, but it is not asked for here.",
        "Leave the key as it comes.",
    ),
    Mistake(
        "divided-by-square",
        lambda memory, key: _scaled(memory, key, 2),
        "You divided by the key's squared length. That undoes |k|² for one stored pair, but it is not asked for here.",
        "Leave the key as it comes.",
    ),
)

RECALL = Exercise(
    name="recall",
    arguments=("memory", "key"),
    reference=associative.recall,
    cases=_cases,
    example=Case(
        "by hand", (torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).double(), torch.tensor([1.0, 0, -1]).double())
    ),
    mistakes=_MISTAKES,
    lesson="Recall is one product: the rows of the memory, weighted by the key.",
)


def check_recall(function: Callable[..., Any]) -> Card:
    """Check `recall(memory [..., dk, dv], key [..., dk]) -> [..., dv]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(RECALL, function)
