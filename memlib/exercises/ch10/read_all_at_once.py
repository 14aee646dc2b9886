"""Exercise: read a memory that fades at every step, without ever building it."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import ANYTHING, Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import fast_weights


def _case(name: str, seed: int, *, steps: int, key: int, value: int, decay: float, rate: float) -> Case:
    draw = Draw(seed)
    return Case(name, (draw.real(steps, key), draw.real(steps, key), draw.real(steps, value), decay, rate))


def _cases() -> list[Case]:
    return [
        _case("four steps", 1011, steps=4, key=3, value=2, decay=0.8, rate=0.5),
        _case("seven steps", 1012, steps=7, key=4, value=5, decay=0.9, rate=1.7),
        _case("as many steps as a key is wide", 1013, steps=4, key=4, value=4, decay=0.5, rate=0.3),
        _case("a memory that does not fade", 1014, steps=5, key=3, value=2, decay=1.0, rate=0.6),
        _case("a memory that forgets at once", 1016, steps=4, key=3, value=2, decay=0.0, rate=0.6),
        _case("a long sequence that fades fast", 1015, steps=80, key=2, value=1, decay=1e-5, rate=0.6),
    ]


def _ages(keys: Tensor) -> Tensor:
    """Age of step i (column) seen from step t (row); negative for steps to come."""
    steps = torch.arange(len(keys))
    return (steps[:, None] - steps[None, :]).double()


def _weighed(queries: Tensor, keys: Tensor, values: Tensor, fade: Tensor, rate: float) -> Tensor:
    return rate * (queries @ keys.mT * fade) @ values


def _steps(keys: Tensor) -> Tensor:
    return torch.arange(len(keys)).double()[:, None]


def _past(keys: Tensor) -> Tensor:
    """1 on and below the diagonal, 0 above."""
    return torch.ones(len(keys), len(keys)).double().tril()


def _fade(keys: Tensor, decay: float) -> Tensor:
    return (decay ** _ages(keys).clamp(min=0)).tril()


def _finite(rows: Tensor) -> Any:
    """The rows, where all of them are numbers; the place of a NaN depends on the order of the products."""
    return rows if bool(rows.isfinite().all()) else ANYTHING


_MISTAKES = (
    Mistake(
        "sees-the-future",
        lambda q, k, v, d, r: _weighed(q, k, v, d ** _ages(k).abs(), r),
        "Steps that come later take part: a step may read only what has been written up to then.",
        "Keep the part of the table on and below the diagonal: row t is the query, column i the key, and i ≤ t.",
    ),
    Mistake(
        "sees-the-future",
        lambda q, k, v, d, r: _weighed(q, k, v, d ** _ages(k), r),
        "Steps that come later take part, with a negative age: the decay makes them larger than 1.",
        "Keep the part of the table on and below the diagonal: row t is the query, column i the key, and i ≤ t.",
    ),
    Mistake(
        "only-the-future",
        lambda q, k, v, d, r: _weighed(q, k, v, (d ** (-_ages(k)).clamp(min=0)).triu(), r),
        "You kept the upper triangle: each step reads itself and what comes after it.",
        "Rows are queries, columns are keys; the past of a row stands to the left of the diagonal.",
    ),
    Mistake(
        "without-own-step",
        lambda q, k, v, d, r: _weighed(q, k, v, _fade(k, d).tril(-1), r),
        "The step's own pair is missing. The memory is written first and read then, so step t reads pair t as well.",
        "`tril()` keeps the diagonal, `tril(-1)` does not.",
    ),
    Mistake(
        "one-too-old",
        lambda q, k, v, d, r: d * fast_weights.causal_attention(q, k, v, d, r),
        "Everything is one step too old. The pair just written has not faded: its age is 0.",
        "The exponent is t - i, so 0 on the diagonal.",
    ),
    Mistake(
        "reads-first",
        lambda q, k, v, d, r: _weighed(q, k, v, (d ** (_ages(k) - 1).clamp(min=0)).tril(-1), r),
        "You read before you write: the step's own pair is missing, and the older ones are one step too young.",
        "The memory is written first and read then: the exponent is t - i, and i = t takes part.",
    ),
    Mistake(
        "age-turned",
        lambda q, k, v, d, r: _finite(_weighed(q, k, v, (d ** -_ages(k)).tril(), r)),
        "The sign of the age is turned: the older a pair, the larger it gets.",
        "Row minus column: t - i is 0 on the diagonal and grows to the left of it.",
    ),
    Mistake(
        "plain",
        lambda q, k, v, d, r: r * (q @ k.mT) @ v,
        "The table is used as it is: steps that come later take part, and nothing fades.",
        "Each product of query t and key i needs the decay to the power t - i, and 0 where i > t.",
    ),
    Mistake(
        "times-age",
        lambda q, k, v, d, r: _weighed(q, k, v, (d * _ages(k)).tril(), r),
        "You multiplied the decay by the age. Each step multiplies by λ once more, so the age is an exponent.",
        "`decay**age`.",
    ),
    Mistake(
        "scaled",
        lambda q, k, v, d, r: fast_weights.causal_attention(q, k, v, d, r / k.shape[-1] ** 0.5),
        "You divided by the root of d_k, as softmax attention does. The formula has no such factor.",
        "The memory is read with the query as it is.",
    ),
    Mistake(
        "single-precision",
        lambda q, k, v, d, r: _weighed(q, k, v, (d ** _ages(k).long()).tril(), r),
        "The formula is right, but its powers have seven digits: a Python float to the power of a tensor of whole "
        "numbers is float32.",
        "Give the ages the kind of number that the keys have: `.to(keys.dtype)`.",
    ),
    Mistake(
        "no-decay",
        lambda q, k, v, d, r: fast_weights.causal_attention(q, k, v, 1.0, r),
        "Nothing fades: the decay is not used.",
        "Multiply the product of query t and key i by the decay to the power t - i.",
    ),
    Mistake(
        "no-rate",
        lambda q, k, v, d, r: fast_weights.causal_attention(q, k, v, d, 1.0),
        "The rate is not used.",
        "Each pair was written with the factor η; it stands before the whole sum.",
    ),
    Mistake(
        "rate-fades",
        lambda q, k, v, d, r: _weighed(q, k, v, ((r * d) ** _ages(k).clamp(min=0)).tril(), 1.0),
        "The rate is inside the power. A pair is multiplied by η once, as it is written, and by λ at each step after.",
        "η λ^(t-i), not (η λ)^(t-i).",
    ),
    Mistake(
        "softmax",
        lambda q, k, v, d, r: r * (q @ k.mT).masked_fill(_ages(k) < 0, -torch.inf).softmax(-1) @ v,
        "There is a softmax. Fast weights are attention without one: a weight may be negative, and the weights need "
        "not add up to 1.",
        "Use the products as they are, times the decay.",
    ),
    Mistake(
        "last-only",
        lambda q, k, v, d, r: fast_weights.causal_attention(q, k, v, d, r)[-1],
        "Only the last step was read. Each step reads the memory as it stands then.",
        "One row for each query: shape [T, dv].",
    ),
    Mistake(
        "last-memory",
        lambda q, k, v, d, r: _weighed(q, k, v, d ** _ages(k)[-1:], r),
        "You read the last memory with all queries. The query of step t meets the memory of step t, which holds "
        "nothing later.",
        "The age of pair i depends on who asks: t - i, not T - i.",
    ),
    Mistake(
        "keys-as-queries",
        lambda q, k, v, d, r: fast_weights.causal_attention(k, q, v, d, r),
        "Keys and queries have changed places: the rows of your table are keys.",
        "Row t of the result belongs to query t: `queries @ keys.T`.",
    ),
    Mistake(
        "overflow",
        lambda q, k, v, d, r: r * (q * d ** _steps(k) @ (k * d ** -_steps(k)).mT).tril() @ v,
        "Right for a few steps. You took the decay apart into λ^t and 1/λ^i; in a long sequence the one becomes 0, the "
        "other infinite, and their product is NaN.",
        "Subtract the steps first, t - i, and take the power of the difference.",
    ),
    Mistake(
        "infinite-future",
        lambda q, k, v, d, r: _weighed(q, k, v, d ** _ages(k) * _past(k), r),
        "Right for a few steps. The ages of steps to come are negative, so their decay grows without end; infinity "
        "times the 0 of your mask is NaN.",
        "`tril` puts zeros, whatever stood there before. Or keep the ages from going below 0.",
    ),
)

READ_ALL_AT_ONCE = Exercise(
    name="read_all_at_once",
    arguments=("queries", "keys", "values", "decay", "rate"),
    reference=fast_weights.causal_attention,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[1.0, 0.0], [1.0, 1.0]]).double(),
            torch.tensor([[1.0, 0.0], [0.0, 1.0]]).double(),
            torch.tensor([[8.0], [4.0]]).double(),
            0.5,
            2.0,
        ),
    ),
    mistakes=_MISTAKES,
    lesson="A matrix that fades and attention with a fading window are one sum, added up in two orders.",
    advice="Make the table of products first: row t, column i. Which entries may be there, and how much of each?",
)


def check_read_all_at_once(function: Callable[..., Any]) -> Card:
    """Check `read_all_at_once(queries [T, dk], keys [T, dk], values [T, dv], decay, rate) -> [T, dv]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(READ_ALL_AT_ONCE, function)
