"""Exercise: what a network that thought pays."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.mechanisms.halting import halting_weights, ponder_cost


def _case(name: str, *rows: tuple[float, ...]) -> Case:
    return Case(name, (torch.tensor(rows, dtype=torch.float64),))


def _cases() -> list[Case]:
    return [
        _case("three inputs, some of them hard", (0.2, 0.5, 0.7, 0.6), (0.9, 0.3, 0.8, 0.1), (0.1, 0.1, 0.2, 0.9)),
        _case("one input", (0.4, 0.3, 0.6)),
        _case("inputs that are sure at once", (0.995, 0.2), (0.999, 0.4)),
        _case("an input that is never ready", (0.05, 0.05, 0.1), (0.3, 0.9, 0.4)),
    ]


def _halted(probabilities: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    weights, steps, remainder = halting_weights(probabilities, 0.01)
    return weights, steps.double(), remainder


def _cost(probabilities: Tensor) -> Tensor:
    _, steps, remainder = halting_weights(probabilities, 0.01)
    return ponder_cost(steps, remainder).sum()


def _average(probabilities: Tensor) -> Tensor:
    weights = _halted(probabilities)[0]
    return (weights * torch.arange(1, weights.shape[1] + 1)).sum()


def _past_the_end(probabilities: Tensor) -> Tensor:
    more = torch.cat([probabilities, torch.ones_like(probabilities[:, :1])], 1)
    return _cost(more)


_MISTAKES = (
    Mistake(
        "steps-only",
        lambda h: _halted(h)[1].sum(),
        "You counted the steps. That number jumps, and nothing can be learned from it: the remainders are missing.",
        "Add R, which has a gradient, to each N.",
    ),
    Mistake(
        "remainder-only",
        lambda h: _halted(h)[2].sum(),
        "Those are the remainders alone. They have the gradient, but the cost is N + R.",
        "Add the number of steps.",
    ),
    Mistake(
        "average-step",
        _average,
        "You took the mean number of the step under the weights. It would push weight to the first steps, but it is "
        "not the paper's cost.",
        "N + R, for each input.",
    ),
    Mistake(
        "mean",
        lambda h: _cost(h) / len(h),
        "You took the mean over the inputs. A sequence pays for each of its inputs.",
        "Sum over time.",
    ),
    Mistake(
        "from-zero",
        lambda h: _cost(h) - len(h),
        "You counted the steps from 0. A network that answers at once has taken one.",
        "N is at least 1.",
    ),
    Mistake(
        "own-number",
        lambda h: (_halted(h)[1] + h.gather(1, _halted(h)[1].long().unsqueeze(1) - 1).squeeze(1)).sum(),
        "You added the last step's own halting probability. R is what the steps before it have left.",
        "R = 1 - the sum of the numbers before the last step.",
    ),
    Mistake(
        "no-epsilon",
        lambda h: (halting_weights(h, 0.0)[1] + halting_weights(h, 0.0)[2]).sum(),
        "You went on until the whole budget was spent. It counts as spent when no more than ε is left.",
        "Compare the sums with 0.99.",
    ),
    Mistake(
        "past-the-end",
        _past_the_end,
        "An input that is never ready took one step more than there are.",
        "N is at most the number of steps, and the last of them gets the rest.",
    ),
    Mistake(
        "left-after",
        lambda h: (_halted(h)[1] + 1 - (h * (torch.arange(h.shape[1]) < _halted(h)[1][:, None])).sum(1)).sum(),
        "You took R after the last step. It is what the steps before the last have left.",
        "R = 1 - the sum of the numbers before the last step.",
    ),
)

PONDERED = Exercise(
    name="pondered",
    arguments=("probabilities",),
    reference=_cost,
    cases=_cases,
    example=_case("by hand", (0.5, 0.25, 0.75), (1.0, 0.5, 0.5)),
    mistakes=_MISTAKES,
    lesson="N says what was spent, R is what the network can change smoothly. Both stand in one number.",
    advice="First N and R of each row; then one sum.",
)


def check_pondered(function: Callable[..., Any]) -> Card:
    """Check `pondered(probabilities [time, steps]) -> number`, Σ_t (N + R) with ε = 0.01.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(PONDERED, function)
