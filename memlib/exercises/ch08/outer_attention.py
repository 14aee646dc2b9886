"""Exercise: outer-product attention of one query."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms.outer_product import outer_product_attention


def _case(name: str, seed: int, pairs: int, width: int, depth: int) -> Case:
    draw = Draw(seed)
    return Case(name, (draw.real(width), draw.real(pairs, width), draw.real(pairs, depth)))


def _cases() -> list[Case]:
    return [
        _case("three pairs", 811, 3, 4, 5),
        _case("six pairs", 812, 6, 3, 2),
        _case("as many entries in keys as in values", 813, 2, 4, 4),
        _case("one pair", 814, 1, 5, 3),
    ]


def _attended(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return outer_product_attention(query[None], keys, values)[0]


def _products(query: Tensor, keys: Tensor) -> Tensor:
    return query * keys


def _stored(entries: Tensor, values: Tensor) -> Tensor:
    return torch.einsum("jd,jv->dv", entries, values)


_MISTAKES = (
    Mistake(
        "dot-product",
        lambda q, k, v: torch.softmax(k @ q, 0) @ v,
        "That is dot-product attention: one weight for each pair, and one vector as the answer.",
        "Do not add up the products of query and key. Each of the d has a row of its own.",
    ),
    Mistake(
        "no-tanh",
        lambda q, k, v: _stored(_products(q, k), v),
        "The products were not sent through tanh.",
        "tanh comes after the product of query and key, before the values.",
    ),
    Mistake(
        "tanh-of-the-sum",
        lambda q, k, v: torch.tanh(_stored(_products(q, k), v)),
        "You took the tanh of the finished sum. Then the pairs can no longer be told apart.",
        "tanh belongs to each pair's products, before they meet the value.",
    ),
    Mistake(
        "tanh-of-the-query",
        lambda q, k, v: _stored(torch.tanh(q) * k, v),
        "You took the tanh of the query alone.",
        "tanh of the product: tanh(q * k).",
    ),
    Mistake(
        "turned",
        lambda q, k, v: _attended(q, k, v).mT,
        "Rows and columns have changed places. Row i belongs to entry i of query and key.",
        "The matched entries stand first in the outer product, the value second.",
    ),
    Mistake(
        "softmax",
        lambda q, k, v: _stored(torch.softmax(_products(q, k), 0), v),
        "You took a softmax over the pairs. Here no pair knows of the others.",
        "Each product passes tanh alone.",
    ),
    Mistake(
        "mean",
        lambda q, k, v: _attended(q, k, v) / len(k),
        "You took the mean over the pairs. They are added.",
        "`sum`, not `mean`.",
    ),
    Mistake(
        "query-left-out",
        lambda q, k, v: _stored(torch.tanh(k), v),
        "Nobody asked: the query does not occur.",
        "The value is stored under tanh(q * k).",
    ),
    Mistake(
        "sums-first",
        lambda q, k, v: torch.outer(torch.tanh(q * k).sum(0), v.sum(0)),
        "You added up the matched entries and the values, each by themselves. Then every value stands under every key.",
        "First the outer product of each pair, then the sum over the pairs.",
    ),
    Mistake(
        "tanh-of-each-table",
        lambda q, k, v: torch.tanh(torch.einsum("jd,jv->jdv", q * k, v)).sum(0),
        "You took the tanh of each finished table. It is for the products of query and key alone.",
        "The value stays as it is: tanh(q * k), then the outer product.",
    ),
    Mistake(
        "scaled",
        lambda q, k, v: _stored(torch.tanh(q * k / len(q) ** 0.5), v),
        "You divided by the root of d, as attention does with its scores. Here there is no sum of d products to tame.",
        "tanh of the products as they are.",
    ),
)

OUTER_ATTENTION = Exercise(
    name="outer_attention",
    arguments=("query", "keys", "values"),
    reference=_attended,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([1.0, 0.0]).double(),
            torch.tensor([[0.5, 3.0], [-0.5, 1.0]]).double(),
            torch.tensor([[1.0, 2.0], [3.0, 4.0]]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="It is a memory of pairs: the value j under the entries in which query and key j meet.",
    advice="First the table tanh(q * k), [n, d]. Then each of its rows times the value of the same pair, added up.",
)


def check_outer_attention(function: Callable[..., Any]) -> Card:
    """Check `outer_attention(query [d], keys [n, d], values [n, dv]) -> [d, dv]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(OUTER_ATTENTION, function)
