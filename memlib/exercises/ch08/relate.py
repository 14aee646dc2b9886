"""Exercise: the operator SAM."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms.outer_product import dot_product_attention, outer_product_attention, self_attentive_memory


def _case(name: str, seed: int, rows: int, width: int, queries: int, pairs: int) -> Case:
    draw = Draw(seed)
    weights = (draw.real(queries, rows), draw.real(pairs, rows), draw.real(pairs, rows))
    return Case(name, (draw.real(rows, width), *weights))


def _cases() -> list[Case]:
    return [
        _case("two queries and three pairs", 841, 4, 5, 2, 3),
        _case("a square memory", 842, 4, 4, 3, 2),
        _case("as many queries as rows", 843, 3, 6, 3, 3),
        _case("one query and one pair", 844, 5, 4, 1, 1),
    ]


def _other(normalise: Callable[[Tensor], Tensor] | None) -> Callable[..., Tensor]:
    return lambda m, q, k, v: self_attentive_memory(m, q, k, v, normalise=normalise)


def _over(*axes: int) -> Callable[[Tensor], Tensor]:
    """Mean 0 and variance 1 over other axes."""

    def normalised(items: Tensor) -> Tensor:
        spread = items.var(axes, unbiased=False, keepdim=True)
        return (items - items.mean(axes, keepdim=True)) / (spread + 1e-5).sqrt()

    return normalised


def _by_sample(added: float) -> Callable[[Tensor], Tensor]:
    """Mean 0 and the variance of a sample 1."""
    return lambda items: (items - items.mean(-1, keepdim=True)) / (items.var(-1, keepdim=True) + added).sqrt()


def _items(memory: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    q, k, v = (_over(-1)(w @ memory) for w in weights)
    return q, k, v


_MISTAKES = (
    Mistake(
        "no-normalisation",
        _other(None),
        "The items were not normalised.",
        "Layer normalisation after each of the three products, over the d entries of an item.",
    ),
    Mistake(
        "memory-normalised",
        lambda m, q, k, v: self_attentive_memory(_over(-1)(m), q, k, v, normalise=None),
        "You normalised the memory. It is the items that are normalised, after they are taken out.",
        "First the product, then the normalisation.",
    ),
    Mistake(
        "over-all",
        _other(_over(-2, -1)),
        "You normalised all items together. Each has its own mean and variance.",
        "Over the last axis only.",
    ),
    Mistake(
        "over-items",
        _other(_over(-2)),
        "You normalised each entry over the items. It is each item over its entries.",
        "Over the last axis.",
    ),
    Mistake(
        "no-tanh",
        lambda m, *w: outer_product_attention(*_items(m, *w), lambda x: x),
        "The products were not sent through tanh.",
        "tanh of the product of query and key.",
    ),
    Mistake(
        "dot-product",
        lambda m, *w: dot_product_attention(*_items(m, *w)),
        "You attended by dot products: that gives one vector for each query, and no matrix.",
        "Query and key meet entry by entry, and each product meets each entry of the value.",
    ),
    Mistake(
        "turned",
        lambda *given: self_attentive_memory(*given).mT,
        "Rows and columns of the matrices have changed places.",
        "The matched entries give the rows, the values the columns.",
    ),
    Mistake(
        "keys-for-values",
        lambda m, q, k, v: self_attentive_memory(m, q, v, k),
        "Keys and values have changed places.",
        "Keys meet the query, values are stored.",
    ),
    Mistake(
        "one-matrix",
        lambda *given: self_attentive_memory(*given).sum(0),
        "You added the matrices of all queries. Each query keeps its own.",
        "The result has three axes.",
    ),
    Mistake(
        "unbiased",
        _other(_by_sample(1e-5)),
        "You divided by the deviation of a sample, with d - 1. Layer normalisation divides the sum of squares by d.",
        "`correction=0` in `var`, or `layer_norm` itself.",
    ),
    Mistake(
        "unbiased-bare",
        _other(_by_sample(0.0)),
        "You divided by the deviation of a sample, with d - 1, and nothing was added to the variance.",
        "`var` with `correction=0`, plus 1e-5, then the root; or `layer_norm` itself.",
    ),
    Mistake(
        "values-bare",
        lambda m, q, k, v: outer_product_attention(*_items(m, q, k, v)[:2], v @ m),
        "The values were not normalised. All three are, not only what is compared.",
        "Layer normalisation after each of the three products.",
    ),
    Mistake(
        "softmax",
        lambda m, *w: outer_product_attention(*_items(m, *w), lambda x: torch.softmax(x, -1)),
        "You took a softmax over the pairs. Here no pair knows of the others.",
        "Each product passes tanh alone.",
    ),
    Mistake(
        "mean",
        lambda m, q, k, v: self_attentive_memory(m, q, k, v) / len(k),
        "You took the mean over the pairs. They are added.",
        "A sum, not a mean.",
    ),
)

_HALF = torch.tensor([[1.0, 0.0]]).double()

RELATE = Exercise(
    name="relate",
    arguments=("memory", "query_weights", "key_weights", "value_weights"),
    reference=self_attentive_memory,
    cases=_cases,
    example=Case(
        "by hand", (torch.tensor([[1.0, 3.0], [4.0, 2.0]]).double(), _HALF, _HALF, torch.tensor([[0.0, 1.0]]).double())
    ),
    mistakes=_MISTAKES,
    lesson="One matrix for each query: how it relates to all the values at once.",
    advice="Three times take out and normalise, then outer-product attention for each query.",
)


def check_relate(function: Callable[..., Any]) -> Card:
    """Check `relate(memory [n, d], query_weights [nq, n], key_weights [nkv, n], value_weights [nkv, n]) -> [nq, d, d]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(RELATE, function)
