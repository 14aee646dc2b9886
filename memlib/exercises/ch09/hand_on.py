"""Exercise: the transfer, from the relational memory to the items."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms.item_memory import items_with_transfer
from memlib.mechanisms.relational_memory import transfer


def _case(name: str, seed: int, queries: int, size: int, blend: float) -> Case:
    draw = Draw(seed)
    shapes = (size, size), (queries, size, size), (size, queries, size)
    return Case(name, (*(draw.real(*shape) for shape in shapes), blend))


def _cases() -> list[Case]:
    return [
        _case("two queries of width 3", 931, 2, 3, 0.5),
        _case("three queries of width 2", 932, 3, 2, 0.25),
        _case("as many queries as entries", 933, 3, 3, -0.7),
        _case("one query", 934, 1, 4, 1.5),
    ]


def _with(gift: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    """The items with another gift, made of the relations and the weights."""
    return lambda items, relations, weights, blend: items + blend * gift(relations, weights)


def _handed(items: Tensor, relations: Tensor, weights: Tensor, blend: float) -> Tensor:
    result: Tensor = items_with_transfer(items, transfer(relations, weights), blend)
    return result


def _other_order(relations: Tensor, weights: Tensor) -> Tensor:
    return weights.flatten(1) @ relations.transpose(0, 1).flatten(0, 1)


_MISTAKES = (
    Mistake(
        "gift-alone",
        lambda m, r, w, a: a * transfer(r, w),
        "That is the gift. The items receive it; they are not replaced by it.",
        "Add it to the items.",
    ),
    Mistake(
        "no-blend",
        lambda m, r, w, a: m + transfer(r, w),
        "The blend is not used: the gift counts in full.",
        "α times the gift.",
    ),
    Mistake(
        "items-faded",
        lambda m, r, w, a: a * m + transfer(r, w),
        "You blended the items. It is the gift that α weighs.",
        "Items plus α times the gift.",
    ),
    Mistake(
        "between",
        lambda m, r, w, a: (1 - a) * m + a * transfer(r, w),
        "You went from the items to the gift by α. The items stay whole, and the gift comes on top.",
        "Items plus α times the gift.",
    ),
    Mistake(
        "both-blended",
        lambda m, r, w, a: a * (m + transfer(r, w)),
        "α multiplies the items too. It is the gift that α weighs; the items stay whole.",
        "Items plus α times the gift.",
    ),
    Mistake(
        "columns",
        _with(lambda r, w: torch.einsum("isj,stj->it", w, r)),
        "You summed over the columns of the matrices, where the values are. The sum runs over their rows.",
        "Index j is the row of a matrix.",
    ),
    Mistake(
        "mean",
        _with(lambda r, w: torch.einsum("isj,sjt->it", w, r) / r.shape[0]),
        "You took the mean over the queries. The weights already say how much each counts.",
        "A plain sum over s.",
    ),
    Mistake(
        "first-query",
        _with(lambda r, w: w[:, 0] @ r[0]),
        "Only the matrix of the first query hands something on.",
        "Sum over all queries.",
    ),
    Mistake(
        "last-query",
        _with(lambda r, w: w[:, -1] @ r[-1]),
        "Only the matrix of the last query hands something on. Does your loop start again with each query?",
        "Sum over all queries: `+=`, or one einsum.",
    ),
    Mistake(
        "weights-turned",
        _with(lambda r, w: torch.einsum("jsi,sjt->it", w, r)),
        "Your weights lie on their side: their first axis belongs to the row that is made, their last to the rows that "
        "are mixed.",
        "`weights[i, s, j]` goes with row j of the matrix of query s.",
    ),
    Mistake(
        "values-mixed",
        _with(lambda r, w: torch.einsum("sij,tsj->it", r, w)),
        "You multiplied the weights from the right: that mixes the columns of the matrices. The transfer mixes rows.",
        "Weights first, relations second.",
    ),
    Mistake(
        "values-mixed",
        _with(lambda r, w: torch.einsum("sij,jst->it", r, w)),
        "You multiplied the weights from the right: that mixes the columns of the matrices. The transfer mixes rows.",
        "Weights first, relations second.",
    ),
    Mistake(
        "other-order",
        _with(_other_order),
        "The weights and the rows that they meet lie in different orders: one is flattened query by query, the other "
        "row by row.",
        "Flatten the first two axes of the relations as they stand: `relations.flatten(0, 1)`.",
    ),
    Mistake(
        "other-order",
        _with(lambda r, w: w.mT.flatten(1) @ r.flatten(0, 1)),
        "The weights and the rows that they meet lie in different orders: one is flattened query by query, the other "
        "row by row.",
        "Flatten the last two axes of the weights as they stand: `weights.flatten(1)`.",
    ),
    Mistake(
        "turned",
        _with(lambda r, w: transfer(r, w).mT),
        "The gift lies the other way round: its row i is made with the weights i.",
        "Weights first, relations second.",
    ),
)

HAND_ON = Exercise(
    name="hand_on",
    arguments=("items", "relations", "weights", "blend"),
    reference=_handed,
    cases=_cases,
    example=_case("by hand", 930, 1, 2, 0.5),
    mistakes=_MISTAKES,
    lesson="What was found by comparing becomes an item, and can be compared again.",
    advice="Each row of the gift is a mixture of all rows of all matrices.",
)


def check_hand_on(function: Callable[..., Any]) -> Card:
    """Check `hand_on(items [d, d], relations [nq, d, d], weights [d, nq, d], blend) -> [d, d]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(HAND_ON, function)
