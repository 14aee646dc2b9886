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
    return Case(name, (draw.real(steps, key), draw.real(steps, key), draw.real(steps, value)))


def _cases() -> list[Case]:
    return [
        _case("four steps", 1021, steps=4, key=3, value=2),
        _case("seven steps", 1022, steps=7, key=2, value=5),
        _case("as many steps as a key is wide", 1023, steps=4, key=4, value=4),
        _case("one step", 1024, steps=1, key=3, value=2),
    ]


def _phi(x: Tensor) -> Tensor:
    return fast_weights.positive_features(x)


def _read(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """The numerator, with keys and queries as they come."""
    return fast_weights.causal_attention(queries, keys, values)


def _mean(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return _read(queries, keys, values) / _read(queries, keys, torch.ones_like(keys[:, :1]))


def _table(queries: Tensor, keys: Tensor) -> Tensor:
    """The weights before they are divided, 0 for what is still to come."""
    return (_phi(queries) @ _phi(keys).mT).tril()


def _softmax(scores: Tensor) -> Tensor:
    """Along each row, over what is not to come."""
    return scores.masked_fill(torch.ones_like(scores).triu(1).bool(), -torch.inf).softmax(-1)


_MISTAKES = (
    Mistake(
        "no-normaliser",
        lambda q, k, v: _read(_phi(q), _phi(k), v),
        "That is the numerator alone. Its weights are positive, but they do not add up to 1: it grows with the steps.",
        "Divide row t by the sum of the weights of row t.",
    ),
    Mistake(
        "no-features",
        _mean,
        "Keys and queries did not go through φ. Their products may be negative, and their sum may be close to 0.",
        "φ(x) = elu(x) + 1, on both.",
    ),
    Mistake(
        "features-on-keys-only",
        lambda q, k, v: _mean(q, _phi(k), v),
        "Only the keys went through φ, so the weights may still be negative.",
        "φ belongs on the queries as well.",
    ),
    Mistake(
        "features-on-queries-only",
        lambda q, k, v: _mean(_phi(q), k, v),
        "Only the queries went through φ, so the weights may still be negative.",
        "φ belongs on the keys as well.",
    ),
    Mistake(
        "features-of-products",
        lambda q, k, v: (_phi(q @ k.mT).tril() @ v) / _phi(q @ k.mT).tril().sum(-1, keepdim=True),
        "You applied φ to the products. Then the sum cannot be kept as a matrix any more: φ(k · q) is not a product of "
        "a function of k and a function of q.",
        "First φ on keys and queries, then the products.",
    ),
    Mistake(
        "no-one",
        lambda q, k, v: _mean(_phi(q) - 1, _phi(k) - 1, v),
        "The 1 is missing: elu alone goes down to -1.",
        "φ(x) = elu(x) + 1.",
    ),
    Mistake(
        "relu",
        lambda q, k, v: _mean(q.relu(), k.relu(), v),
        "You used relu. It is 0 for every negative number, and a query with no positive entry divides by 0.",
        "φ(x) = elu(x) + 1 is above 0 everywhere.",
    ),
    Mistake(
        "sees-the-future",
        lambda q, k, v: (_phi(q) @ _phi(k).mT @ v) / (_phi(q) @ _phi(k).mT).sum(-1, keepdim=True),
        "Each step reads all steps, also those to come.",
        "Keep the lower triangle of the weights, in the numerator and in the denominator.",
    ),
    Mistake(
        "normaliser-sees-the-future",
        lambda q, k, v: _read(_phi(q), _phi(k), v) / (_phi(q) @ _phi(k).mT).sum(-1, keepdim=True),
        "The numerator stops at t, but the denominator adds up all steps: the weights of a row sum to less than 1.",
        "Both sums run over i ≤ t.",
    ),
    Mistake(
        "divides-by-steps",
        lambda q, k, v: _read(_phi(q), _phi(k), v) / torch.arange(1, len(k) + 1).double()[:, None],
        "You divided by the number of steps. The weights must add up to 1, so divide by their sum.",
        "The denominator is the same sum with every value replaced by 1.",
    ),
    Mistake(
        "sum-over-queries",
        lambda q, k, v: (_table(q, k) / _table(q, k).sum(0)) @ v,
        "You divided each column by its sum: the weights that one key gets from all queries.",
        "The weights of one query add up to 1: sum over the keys, `sum(-1, keepdim=True)`.",
    ),
    Mistake(
        "no-keepdim",
        lambda q, k, v: (_table(q, k) / _table(q, k).sum(-1)) @ v,
        "The sums are those of the rows, but they divided the columns: without the last axis they line up with it.",
        "Keep the axis that was summed, so that each row meets its own sum.",
    ),
    Mistake(
        "softmax-over-table",
        lambda q, k, v: _softmax(_table(q, k)) @ v,
        "You sent the weights φ(k) · φ(q) through a softmax. They are positive already.",
        "Divide each row by its own sum, and leave the exponential out.",
    ),
    Mistake(
        "softmax-over-table",
        lambda q, k, v: _table(q, k).softmax(-1) @ v,
        "You sent the weights φ(k) · φ(q) through a softmax, which also turns the zeros above the diagonal into "
        "weights. They are positive already.",
        "Divide each row by its own sum, and leave the exponential out.",
    ),
    Mistake(
        "exponential",
        lambda q, k, v: _mean(q.exp(), k.exp(), v),
        "You took the exponential for φ. It is positive too, but it is not the φ that was asked for.",
        "φ(x) = elu(x) + 1: the exponential for negative numbers only, and x + 1 for the others.",
    ),
    Mistake(
        "one-inside",
        lambda q, k, v: _mean(_phi(q + 1) - 1, _phi(k + 1) - 1, v),
        "The 1 stands inside: elu(x + 1) can be negative.",
        "φ(x) = elu(x) + 1.",
    ),
    Mistake(
        "keys-as-queries",
        lambda q, k, v: _mean(_phi(k), _phi(q), v),
        "Keys and queries have changed places: the rows of your table are keys.",
        "Row t of the result belongs to query t.",
    ),
    Mistake(
        "without-own-step",
        lambda q, k, v: (_table(q, k).tril(-1) / _table(q, k).tril(-1).sum(-1, keepdim=True)) @ v,
        "The step's own pair is missing. The first step is left with nothing, and 0 / 0 is NaN.",
        "`tril()` keeps the diagonal, `tril(-1)` does not.",
    ),
    Mistake(
        "softmax",
        lambda q, k, v: _softmax(q @ k.mT) @ v,
        "That is softmax attention. Here φ(k) · φ(q) stands in the place of the exponential.",
        "Replace the exponential of a product by a product of two φ.",
    ),
)

LINEAR_ATTENTION = Exercise(
    name="linear_attention",
    arguments=("queries", "keys", "values"),
    reference=fast_weights.linear_attention,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[1.0, 1.0], [0.0, 1.0]]).double(),
            torch.tensor([[0.0, 1.0], [1.0, 0.0]]).double(),
            torch.tensor([[6.0], [12.0]]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="Divide one fast-weight memory by another, and its weights add up to 1, as a softmax's do.",
    advice="Make the table of weights first. Is every entry positive, and does each row add up to 1?",
)


def check_linear_attention(function: Callable[..., Any]) -> Card:
    """Check `linear_attention(queries [T, dk], keys [T, dk], values [T, dv]) -> [T, dv]`, causal, φ = elu + 1.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(LINEAR_ATTENTION, function)
