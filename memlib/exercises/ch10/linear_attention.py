"""Exercise: linear attention, two memories of which one divides the other."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import fast_weights


def _case(name: str, seed: int, *, steps: int, key: int, value: int) -> Case:
    draw = Draw(seed)
    return Case(name, (draw.real(steps, key), draw.real(steps, value), draw.real(steps, key)))


def _cases() -> list[Case]:
    return [
        _case("four steps", 1021, steps=4, key=3, value=2),
        _case("seven steps", 1022, steps=7, key=2, value=5),
        _case("as many steps as a key is wide", 1023, steps=4, key=4, value=4),
        _case("one step", 1024, steps=1, key=3, value=2),
    ]


def _phi(x: Tensor) -> Tensor:
    return fast_weights.positive_features(x)


def _read(keys: Tensor, values: Tensor, queries: Tensor) -> Tensor:
    """The numerator, with keys and queries as they come."""
    return fast_weights.causal_attention(queries, keys, values)


def _sum(keys: Tensor, queries: Tensor) -> Tensor:
    return _read(keys, torch.ones_like(keys[:, :1]), queries)


def _mean(keys: Tensor, values: Tensor, queries: Tensor) -> Tensor:
    return _read(keys, values, queries) / _sum(keys, queries)


_MISTAKES = (
    Mistake(
        "no-normaliser",
        lambda k, v, q: _read(_phi(k), v, _phi(q)),
        "That is the numerator alone. Its weights are positive, but they do not add up to 1: it grows with the steps.",
        "Divide row t by the sum of the weights of row t.",
    ),
    Mistake(
        "no-features",
        lambda k, v, q: _mean(k, v, q),
        "Keys and queries did not go through φ. Their products may be negative, and their sum may be close to 0.",
        "φ(x) = elu(x) + 1, on both.",
    ),
    Mistake(
        "features-on-keys-only",
        lambda k, v, q: _mean(_phi(k), v, q),
        "Only the keys went through φ, so the weights may still be negative.",
        "φ belongs on the queries as well.",
    ),
    Mistake(
        "features-on-queries-only",
        lambda k, v, q: _mean(k, v, _phi(q)),
        "Only the queries went through φ, so the weights may still be negative.",
        "φ belongs on the keys as well.",
    ),
    Mistake(
        "features-of-products",
        lambda k, v, q: (_phi(q @ k.mT).tril() @ v) / _phi(q @ k.mT).tril().sum(-1, keepdim=True),
        "You applied φ to the products. Then the sum cannot be kept as a matrix any more: φ(k · q) is not a product of "
        "a function of k and a function of q.",
        "First φ on keys and queries, then the products.",
    ),
    Mistake(
        "no-one",
        lambda k, v, q: _mean(_phi(k) - 1, v, _phi(q) - 1),
        "The 1 is missing: elu alone goes down to -1.",
        "φ(x) = elu(x) + 1.",
    ),
    Mistake(
        "relu",
        lambda k, v, q: _mean(k.relu(), v, q.relu()),
        "You used relu. It is 0 for every negative number, and a query with no positive entry divides by 0.",
        "φ(x) = elu(x) + 1 is above 0 everywhere.",
    ),
    Mistake(
        "sees-the-future",
        lambda k, v, q: (_phi(q) @ _phi(k).mT @ v) / (_phi(q) @ _phi(k).mT).sum(-1, keepdim=True),
        "Each step reads all steps, also those to come.",
        "Keep the lower triangle of the weights, in the numerator and in the denominator.",
    ),
    Mistake(
        "normaliser-sees-the-future",
        lambda k, v, q: _read(_phi(k), v, _phi(q)) / (_phi(q) @ _phi(k).mT).sum(-1, keepdim=True),
        "The numerator stops at t, but the denominator adds up all steps: the weights of a row sum to less than 1.",
        "Both sums run over i ≤ t.",
    ),
    Mistake(
        "divides-by-steps",
        lambda k, v, q: _read(_phi(k), v, _phi(q)) / torch.arange(1, len(k) + 1).double()[:, None],
        "You divided by the number of steps. The weights must add up to 1, so divide by their sum.",
        "The denominator is the same sum with every value replaced by 1.",
    ),
    Mistake(
        "sum-over-queries",
        lambda k, v, q: ((_phi(q) @ _phi(k).mT).tril() / (_phi(q) @ _phi(k).mT).tril().sum(0)) @ v,
        "You divided each column by its sum: the weights that one key gets from all queries.",
        "The weights of one query add up to 1: sum over the keys, `sum(-1, keepdim=True)`.",
    ),
    Mistake(
        "softmax",
        lambda k, v, q: (q @ k.mT).masked_fill(torch.ones(len(k), len(k)).triu(1).bool(), -torch.inf).softmax(-1) @ v,
        "That is softmax attention. Here φ(k) · φ(q) stands in the place of the exponential.",
        "Replace the exponential of a product by a product of two φ.",
    ),
)

LINEAR_ATTENTION = Exercise(
    name="linear_attention",
    arguments=("keys", "values", "queries"),
    reference=lambda k, v, q: fast_weights.linear_attention(q, k, v),
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[0.0, 1.0], [1.0, 0.0]]).double(),
            torch.tensor([[6.0], [12.0]]).double(),
            torch.tensor([[1.0, 1.0], [0.0, 1.0]]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="Divide one fast-weight memory by another, and its weights add up to 1, as a softmax's do.",
    advice="Make the table of weights first. Is every entry positive, and does each row add up to 1?",
)


def check_linear_attention(function: Callable[..., Any]) -> Card:
    """Check `linear_attention(keys [T, dk], values [T, dv], queries [T, dk]) -> [T, dv]`, causal, φ = elu + 1.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(LINEAR_ATTENTION, function)
