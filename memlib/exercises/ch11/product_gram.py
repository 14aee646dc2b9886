"""Exercise: all products between the keys of a window, tensor products of any number of parts, without making a key."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw


def _cases() -> list[Case]:
    return [
        Case("two parts", (Draw(1131).real(2, 3, 4),)),
        Case("three parts", (Draw(1132).real(3, 5, 2),)),
        Case("four parts, as many keys as entries", (Draw(1133).real(4, 3, 3),)),
    ]


def _by_keys(parts: Tensor) -> Tensor:
    """Make every key, as the exercise does not want it."""
    keys = parts[0]
    for part in parts[1:]:
        keys = (keys[:, :, None] * part[:, None, :]).flatten(1)
    return keys @ keys.mT


def _tables(parts: Tensor) -> Tensor:
    return parts @ parts.mT


def _chained(parts: Tensor) -> Tensor:
    found, *rest = _tables(parts)
    for table in rest:
        found = found @ table
    return found


_MISTAKES = (
    Mistake(
        "sum",
        lambda parts: _tables(parts).sum(0),
        "You added the tables up. That is what parts laid end to end would give: two keys with one common part look "
        "alike.",
        "(s ⊗ r) · (s' ⊗ r') = (s · s') times (r · r').",
    ),
    Mistake(
        "matrix-product",
        _chained,
        "You multiplied the tables as matrices, which adds up over a third step.",
        "Multiply entry by entry: `*` or `prod`, not `@`.",
    ),
    Mistake(
        "entries-first",
        lambda parts: parts.prod(0) @ parts.prod(0).mT,
        "You multiplied the parts entry by entry before the products. That keeps only the diagonal of s ⊗ r.",
        "First a table of products for each part, then multiply the tables entry by entry.",
    ),
    Mistake(
        "tables",
        _tables,
        "There is one table for each part. One table for the whole keys was asked for.",
        "How do the products of the parts make up the product of two keys?",
    ),
    Mistake(
        "two-parts-only",
        lambda parts: _tables(parts)[:2].prod(0),
        "Only the first two parts are used. A key may have more.",
        "`prod(0)` multiplies all tables, however many there are.",
    ),
    Mistake(
        "first-part-only",
        lambda parts: _tables(parts)[0],
        "Only the first part is used.",
        "A table for each part, and all of them multiplied entry by entry.",
    ),
    Mistake(
        "over-steps",
        lambda parts: _tables(parts).prod(-1),
        "You multiplied along an axis of steps. What has to go is the axis of parts.",
        "`prod(0)`: the first axis of `parts` counts the parts.",
    ),
    Mistake(
        "over-steps",
        lambda parts: _tables(parts).prod(1),
        "You multiplied along an axis of steps. What has to go is the axis of parts.",
        "`prod(0)`: the first axis of `parts` counts the parts.",
    ),
    Mistake(
        "axes-not-steps",
        lambda parts: (parts.mT @ parts).prod(0),
        "You transposed the first factor: that is a table of entries against entries.",
        "Rows are steps. A table of steps against steps is `part @ part.T`.",
    ),
    Mistake(
        "cosines",
        lambda parts: torch.nn.functional.normalize(_by_keys(parts), dim=-1),
        "The rows are scaled to length 1. Asked for are the products as they are.",
        "The keys of the network have no fixed length, and the write needs to know it.",
    ),
    Mistake(
        "lower-only",
        lambda parts: _by_keys(parts).tril(),
        "The part above the diagonal is missing. The table itself has no direction; the causal part is cut out later.",
        "Leave the table whole.",
    ),
    Mistake(
        "lower-only",
        lambda parts: _by_keys(parts).tril(-1),
        "Only the products with earlier keys are there. The table has a diagonal and an upper part too.",
        "Leave the table whole; the diagonal holds the squared lengths of the keys.",
    ),
)

PRODUCT_GRAM = Exercise(
    name="product_gram",
    arguments=("parts",),
    reference=_by_keys,
    cases=_cases,
    example=Case(
        "by hand",
        (torch.tensor([[[1.0, 0.0], [1.0, 2.0]], [[2.0, 1.0], [0.0, 3.0]]]).double(),),
    ),
    mistakes=_MISTAKES,
    lesson="Two keys of d·d·d numbers are compared at the price of three products of d numbers; nobody has to make "
    "them.",
    advice="Take two steps, make both keys s ⊗ r, and multiply them. Then look for a shorter way to the same number.",
)


def check_product_gram(function: Callable[..., Any]) -> Card:
    """Check `product_gram(parts [m, T, d]) -> [T, T]`, the products of all keys with each other, m parts a key.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(PRODUCT_GRAM, function)
