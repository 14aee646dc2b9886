"""Exercise: all products between the keys s ⊗ r of a window, without making one of them."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import ANYTHING, Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw


def _case(name: str, seed: int, *, steps: int, entity: int, relation: int) -> Case:
    draw = Draw(seed)
    return Case(name, (draw.real(steps, entity), draw.real(steps, relation)))


def _cases() -> list[Case]:
    return [
        _case("three keys", 1131, steps=3, entity=2, relation=4),
        _case("keys of one width", 1132, steps=5, entity=3, relation=3),
        _case("as many keys as entries", 1133, steps=4, entity=4, relation=4),
    ]


def _by_products(s: Tensor, r: Tensor) -> Tensor:
    keys = (s[:, :, None] * r[:, None, :]).flatten(1)
    return keys @ keys.mT


def _where_equal(answer: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Any]:
    """Of functions that fail where s and r differ in width."""
    return lambda s, r: answer(s, r) if s.shape == r.shape else ANYTHING


_MISTAKES = (
    Mistake(
        "end-to-end",
        lambda s, r: torch.cat([s, r], -1) @ torch.cat([s, r], -1).mT,
        "You laid the keys end to end. Their products then add up, and two keys with one common part look alike.",
        "The product of two tensor products is a product of two numbers.",
        calls="cat",
    ),
    Mistake(
        "sum",
        lambda s, r: s @ s.mT + r @ r.mT,
        "You added the two tables. That is what keys laid end to end would give.",
        "(s ⊗ r) · (s' ⊗ r') = (s · s') times (r · r').",
    ),
    Mistake(
        "matrix-product",
        lambda s, r: s @ s.mT @ r @ r.mT,
        "You multiplied the two tables as matrices, which adds up over a third step.",
        "Multiply entry by entry: `*`, not `@`.",
    ),
    Mistake(
        "entries-first",
        _where_equal(lambda s, r: (s * r) @ (s * r).mT),
        "You multiplied s and r entry by entry before the products. That keeps only the diagonal of s ⊗ r.",
        "Two tables of products first, then entry by entry.",
    ),
    Mistake(
        "crossed",
        _where_equal(lambda s, r: (s @ r.mT) * (r @ s.mT)),
        "You multiplied entities with relations. An entity meets entities, a relation meets relations.",
        "`S @ S.T` and `R @ R.T`.",
    ),
    Mistake(
        "entities-with-relations",
        _where_equal(lambda s, r: s @ r.mT),
        "That is a table of entities against relations.",
        "`S @ S.T` and `R @ R.T`.",
    ),
    Mistake(
        "axes-not-steps",
        lambda s, r: (s.mT @ s) * (r.mT @ r) if s.shape == r.shape else s.mT @ s,
        "You transposed the first factor: that is a table of entries against entries.",
        "Rows are steps. A table of steps against steps is `S @ S.T`.",
    ),
    Mistake(
        "entities-only",
        lambda s, r: s @ s.mT,
        "The relations play no part.",
        "A second table, `R @ R.T`.",
    ),
    Mistake(
        "cosines",
        lambda s, r: torch.nn.functional.normalize(_by_products(s, r), dim=-1),
        "The rows are scaled to length 1. Asked for are the products as they are.",
        "The keys of the network have no fixed length, and the write needs to know it.",
    ),
    Mistake(
        "lower-only",
        lambda s, r: _by_products(s, r).tril(),
        "The part above the diagonal is missing. The table itself has no direction; the causal part is cut out later.",
        "Leave the table whole.",
    ),
)

PRODUCT_GRAM = Exercise(
    name="product_gram",
    arguments=("S", "R"),
    reference=_by_products,
    cases=_cases,
    example=Case(
        "by hand",
        (torch.tensor([[1.0, 0.0], [1.0, 2.0]]).double(), torch.tensor([[2.0, 1.0], [0.0, 3.0]]).double()),
    ),
    mistakes=_MISTAKES,
    lesson="Keys of d² numbers are compared at the price of two products of d numbers; nobody has to make them.",
    advice="Take two steps, make both keys s ⊗ r, and multiply them. Then look for a shorter way to the same number.",
)


def check_product_gram(function: Callable[..., Any]) -> Card:
    """Check `product_gram(S [T, d1], R [T, d2]) -> [T, T]`, the products of all keys s ⊗ r with each other.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(PRODUCT_GRAM, function)
