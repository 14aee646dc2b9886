"""Exercise: the weights of the steps, from their halting probabilities."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.mechanisms.halting import chance_weights, halting_weights


def _case(name: str, *numbers: float, epsilon: float = 0.01) -> Case:
    return Case(name, (torch.tensor(numbers, dtype=torch.float64), epsilon))


def _cases() -> list[Case]:
    return [
        _case("a halt at the third of five steps", 0.2, 0.35, 0.7, 0.6, 0.5),
        _case("a halt that only epsilon allows", 0.5, 0.45, 0.045, 0.8, 0.7),
        _case("a network that is never ready", 0.05, 0.1, 0.02, 0.1),
        _case("a sure first step", 0.997, 0.3, 0.6),
        _case("a large epsilon", 0.3, 0.5, 0.4, 0.9, epsilon=0.25),
        _case("a last number above what is left", 0.6, 0.9, 0.9),
    ]


def _weights(probabilities: Tensor, epsilon: float) -> Tensor:
    weights: Tensor = halting_weights(probabilities, epsilon)[0]
    return weights


def _last(probabilities: Tensor, epsilon: float) -> int:
    return int(halting_weights(probabilities, epsilon)[1])


def _no_remainder(probabilities: Tensor, epsilon: float) -> Tensor:
    return torch.where(torch.arange(len(probabilities)) < _last(probabilities, epsilon), probabilities, 0.0)


def _shared_out(probabilities: Tensor, epsilon: float) -> Tensor:
    kept = _no_remainder(probabilities, epsilon)
    return kept / kept.sum()


def _one_late(probabilities: Tensor, epsilon: float) -> Tensor:
    last = min(_last(probabilities, epsilon) + 1, len(probabilities))
    weights = torch.where(torch.arange(len(probabilities)) < last - 1, probabilities, 0.0)
    weights[last - 1] = 1 - weights.sum()
    return weights


def _unfinished(probabilities: Tensor, epsilon: float) -> Tensor:
    ready = probabilities.sum() >= 1 - epsilon
    return _weights(probabilities, epsilon) if ready else probabilities


def _epsilon_kept(probabilities: Tensor, epsilon: float) -> Tensor:
    weights = _weights(probabilities, epsilon)
    return torch.where(torch.arange(len(weights)) == _last(probabilities, epsilon) - 1, weights - epsilon, weights)


_MISTAKES = (
    Mistake(
        "no-remainder",
        _no_remainder,
        "The last step kept its own halting probability, so the weights do not add up to 1.",
        "The last step gets what the steps before it left of the budget.",
    ),
    Mistake(
        "shared-out",
        _shared_out,
        "You divided all weights by their sum. Then every weight depends on the last number, and none is a halting "
        "probability any more.",
        "Leave the steps before the last as they are; the last gets the rest.",
    ),
    Mistake(
        "no-epsilon",
        lambda h, epsilon: _weights(h, 0.0),
        "You went on until the whole budget of 1 was spent. It counts as spent when less than ε is left.",
        "Compare the sum with 1 - ε.",
    ),
    Mistake(
        "one-late",
        _one_late,
        "You took one step more than it needs: N is the step whose number brings the sum to 1 - ε, not the one after.",
        "Is the number of step n in the sum when you ask whether to stop at n?",
    ),
    Mistake(
        "remainder-after",
        lambda h, epsilon: h.cumsum(0).clamp(max=1).diff(prepend=torch.zeros(1, dtype=h.dtype)),
        "You spend the budget to its end, over as many steps as it lasts. After the step N nothing is computed at all.",
        "From N + 1 on all weights are 0, and N gets all that is left.",
    ),
    Mistake(
        "softmax",
        lambda h, epsilon: h.softmax(0),
        "A softmax gives every step a weight, so none may be left out of the computation.",
        "Add the numbers up and stop.",
    ),
    Mistake(
        "never-ready",
        _unfinished,
        "A network that is never ready gets weights that do not add up to 1. Whoever comes to the last step there is "
        "must stop.",
        "The last step takes what is left, ready or not.",
    ),
    Mistake(
        "epsilon-kept",
        _epsilon_kept,
        "You spent a budget of 1 - ε. The weights must add up to 1: ε only says when to stop.",
        "The remainder is 1 less the weights before.",
    ),
    Mistake(
        "to-the-end",
        lambda h, epsilon: torch.cat([h[:-1], (1 - h[:-1].sum())[None]]),
        "Nobody stopped: all steps kept their numbers, and the last there is took the rest, which may be below 0.",
        "Stop at the first step by which the sum reaches 1 - ε.",
    ),
    Mistake(
        "chances",
        lambda h, epsilon: chance_weights(h),
        "You read the numbers as chances to stop. Here they are added up.",
        "Step n takes h_n of the budget, whatever went before.",
    ),
)

SPEND = Exercise(
    name="spend",
    arguments=("probabilities", "epsilon"),
    reference=_weights,
    cases=_cases,
    example=_case("by hand", 0.5, 0.25, 0.75, 0.5),
    mistakes=_MISTAKES,
    lesson="All weights but the last are the network's own numbers, and the sum is always 1.",
    advice="Walk through the steps with a number `left` that starts at 1.",
)


def check_spend(function: Callable[..., Any]) -> Card:
    """Check `spend(probabilities [steps], epsilon) -> [steps]`, the weights of the steps.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(SPEND, function)
