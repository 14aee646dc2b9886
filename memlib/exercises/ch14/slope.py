"""Exercise: the gradient that a halting unit gets, by hand."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake


def _case(name: str, costs: tuple[float, ...], last: int, penalty: float) -> Case:
    return Case(name, (torch.tensor(costs, dtype=torch.float64), last, penalty))


def _cases() -> list[Case]:
    return [
        _case("a halt at the third of five steps", (2.0, 1.5, 0.4, 0.1, 0.0), 3, 0.1),
        _case("a halt at the last step there is", (0.3, 0.9, 0.2, 0.6), 4, 0.05),
        _case("thinking that makes it worse", (0.1, 0.5, 0.9), 3, 0.2),
        _case("a halt at the first step", (1.2, 0.3, 0.4), 1, 0.5),
        _case("free thinking", (1.0, 0.6, 0.3, 0.2), 3, 0.0),
    ]


def _before(costs: Tensor, last: int) -> Tensor:
    return torch.arange(1, len(costs) + 1) < last


def _slope(costs: Tensor, last: int, penalty: float) -> Tensor:
    return torch.where(_before(costs, last), costs - costs[last - 1] - penalty, 0.0)


_MISTAKES = (
    Mistake(
        "last-forgotten",
        lambda c, last, tau: torch.where(_before(c, last), c - tau, 0.0),
        "You forgot that the budget is fixed: what step n takes, the last step loses.",
        "The last step's weight is R = 1 - Σ h. Its change is -1 for each h before it, times its own cost.",
    ),
    Mistake(
        "penalty-sign",
        lambda c, last, tau: torch.where(_before(c, last), c - c[last - 1] + tau, 0.0),
        "The penalty pushes the wrong way: a larger h leaves a smaller remainder, so the cost of thinking falls.",
        "∂(N + R) / ∂h is -1 before the last step.",
    ),
    Mistake(
        "no-penalty",
        lambda c, last, tau: _slope(c, last, 0.0),
        "The price of thinking is missing.",
        "Add τ times the gradient of N + R.",
    ),
    Mistake(
        "last-too",
        lambda c, last, tau: torch.where(torch.arange(1, len(c) + 1) <= last, c - c[last - 1] - tau, 0.0),
        "The last step's own halting probability is used nowhere: its weight is the remainder.",
        "At n = N the gradient is 0.",
    ),
    Mistake(
        "all-steps",
        lambda c, last, tau: c - c[last - 1] - tau,
        "You gave a gradient to steps that were never computed.",
        "After the last step it is 0.",
    ),
    Mistake(
        "upside-down",
        lambda c, last, tau: torch.where(_before(c, last), c[last - 1] - c - tau, 0.0),
        "The difference of the costs is turned: weight moves from the last step to step n.",
        "Cost of step n minus cost of the last.",
    ),
    Mistake(
        "downhill",
        lambda c, last, tau: -_slope(c, last, tau),
        "The sign of all is turned: this is the step downhill, not the gradient.",
        "Cost of step n minus cost of the last, minus τ.",
    ),
    Mistake(
        "from-zero",
        lambda c, last, tau: torch.where(torch.arange(len(c)) < last, c - c[last] - tau, 0.0),
        "You counted the last step from 0. `last` is N, counted from 1.",
        "The cost of the last step is `costs[last - 1]`.",
    ),
    Mistake(
        "next-step",
        lambda c, last, tau: torch.where(_before(c, last), c - c.roll(-1) - tau, 0.0),
        "You compared each step with the next one. What step n takes, the last step loses.",
        "The weight moves between step n and step N; the steps between keep theirs.",
    ),
    Mistake(
        "penalty-everywhere",
        lambda c, last, tau: _slope(c, last, 0.0) - tau,
        "You took τ away at every step. From the last step on, no h changes N + R.",
        "At n = N and after it the gradient is 0.",
    ),
)

SLOPE = Exercise(
    name="slope",
    arguments=("costs", "last", "penalty"),
    reference=_slope,
    cases=_cases,
    example=_case("by hand", (1.0, 0.5, 0.25, 0.0), 3, 0.25),
    mistakes=_MISTAKES,
    lesson="A halting unit learns by comparing its step with the last one taken. No later step is looked at.",
    advice="Write the loss with R put in as 1 - Σ h, and take its derivative.",
)


def check_slope(function: Callable[..., Any]) -> Card:
    """Check `slope(costs [steps], last, penalty) -> [steps]`, the gradient for the halting probabilities.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(SLOPE, function)
