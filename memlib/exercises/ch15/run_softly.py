"""Exercise: add, subtract and multiply at once, on operands that are averages themselves."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms.programs import soft_apply

_OPERATIONS = (torch.add, torch.sub, torch.mul)


def _case(name: str, seed: int, places: int) -> Case:
    draw = Draw(seed)
    weights = [draw.real(count).softmax(0) for count in (3, places, places)]
    return Case(name, (draw.real(places), *weights))


def _cases() -> list[Case]:
    return [_case("three values", 1521, 3), _case("five values", 1522, 5), _case("one value", 1523, 1)]


def _run(values: Tensor, operations: Tensor, left: Tensor, right: Tensor) -> Tensor:
    return soft_apply(_OPERATIONS, operations, (left @ values)[None], (right @ values)[None])[0]


def _pairs(values: Tensor, operations: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """Elementwise: each value with itself, weighed by both."""
    a, b = left * values, right * values
    return (operations[0] * (a + b) + operations[1] * (a - b) + operations[2] * a * b).sum()


_MISTAKES = (
    Mistake(
        "hard-operation",
        lambda v, o, a, b: _OPERATIONS[o.argmax()](a @ v, b @ v),
        "You ran the likeliest operation alone. Run all three, and average what they give.",
        "Multiply each result by its operation's weight.",
    ),
    Mistake(
        "hard-operands",
        lambda v, o, a, b: soft_apply(_OPERATIONS, o, v[a.argmax()][None], v[b.argmax()][None])[0],
        "You took the likeliest operands. They are averages too.",
        "The left operand is the sum of all values, each times its weight in `left`.",
    ),
    Mistake(
        "changed-places",
        lambda v, o, a, b: _run(v, o, b, a),
        "Left and right have changed places. A difference notices.",
        "Subtract the right operand from the left one.",
    ),
    Mistake(
        "not-averaged",
        lambda v, o, a, b: _run(v, torch.ones_like(o), a, b),
        "You added up the results of all operations as if each were certain.",
        "Each result counts by its operation's weight.",
    ),
    Mistake(
        "pairs",
        _pairs,
        "You worked on each value by itself and added up at the end. For a product that is something else.",
        "First two numbers, the operands; then the operations on them.",
    ),
    Mistake(
        "hard",
        lambda v, o, a, b: _OPERATIONS[o.argmax()](v[a.argmax()], v[b.argmax()]),
        "You took the likeliest of everything. That is a line of an ordinary program, and it has no slope.",
        "Operands are averages under `left` and `right`, the result is one under `operations`.",
    ),
    Mistake(
        "softmax-again",
        lambda v, o, a, b: _run(v, o.softmax(0), a, b),
        "You sent the operations' weights through a softmax. They are weights already.",
        "Use `operations` as it is; its sum is 1.",
    ),
    Mistake(
        "softmax-of-all",
        lambda v, o, a, b: _run(v, o.softmax(0), a.softmax(0), b.softmax(0)),
        "You sent the weights through a softmax. They are weights already.",
        "Use them as they are; each of the three adds up to 1.",
    ),
    Mistake(
        "another-order",
        lambda v, o, a, b: _run(v, o[[0, 2, 1]], a, b),
        "Subtract and multiply have changed places.",
        "The weights are of add, subtract and multiply, in this order.",
    ),
)

RUN_SOFTLY = Exercise(
    name="run_softly",
    arguments=("values", "operations", "left", "right"),
    reference=_run,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([2.0, 4.0]).double(),
            torch.tensor([0.5, 0.0, 0.5]).double(),
            torch.tensor([1.0, 0.0]).double(),
            torch.tensor([0.5, 0.5]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="With weights of 0 and 1 this is one line of an ordinary program.",
    advice="First the two operands, each one number. Then three results. Then their average.",
)


def check_run_softly(function: Callable[..., Any]) -> Card:
    """Check `run_softly(values [n], operations [3], left [n], right [n]) -> []`, for add, subtract and multiply.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(RUN_SOFTLY, function)
