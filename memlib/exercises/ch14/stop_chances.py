"""Exercise: the same numbers read as chances to stop."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.mechanisms.halting import chance_weights, halting_weights


def _case(name: str, *numbers: float) -> Case:
    return Case(name, (torch.tensor(numbers, dtype=torch.float64),))


def _cases() -> list[Case]:
    return [
        _case("four steps", 0.2, 0.5, 0.25, 0.3),
        _case("six steps", 0.1, 0.15, 0.4, 0.05, 0.6, 0.35),
        _case("a sure second step", 0.3, 1.0, 0.5),
        _case("two steps", 0.4, 0.2),
    ]


def _chances(probabilities: Tensor) -> Tensor:
    chances: Tensor = chance_weights(probabilities)
    return chances


def _reached(probabilities: Tensor) -> Tensor:
    going = (1 - probabilities[:-1]).cumprod(0)
    return torch.cat([torch.ones(1, dtype=probabilities.dtype), going])


def _rest_too_late(probabilities: Tensor) -> Tensor:
    chances = probabilities * _reached(probabilities)
    return torch.cat([chances[:-1], (1 - chances.sum())[None]])


_MISTAKES = (
    Mistake(
        "no-rest",
        lambda h: h * _reached(h),
        "The chances do not add up to 1: whoever comes to the last step stops there, whatever its number says.",
        "The last chance is all that is left.",
    ),
    Mistake(
        "reached",
        _reached,
        "That is the chance to come to a step. To stop there one must also stop.",
        "Multiply by the chance to stop.",
    ),
    Mistake(
        "budget",
        lambda h: halting_weights(h, 0.01)[0],
        "Those are the weights of adaptive computation time, which add the numbers up. Here a number is the chance to "
        "stop of one that has come so far.",
        "Multiply the chances of going on.",
    ),
    Mistake(
        "going-on-too-soon",
        lambda h: h * (1 - h).cumprod(0),
        "You multiplied by the chance of going on at the step itself. One who stops at n has gone on before n only.",
        "The product runs over j < n.",
    ),
    Mistake(
        "shared-out",
        lambda h: h * _reached(h) / (h * _reached(h)).sum(),
        "You made the sum 1 by dividing. The rest belongs to the last step alone.",
        "Only the last chance changes.",
    ),
    Mistake(
        "turned",
        lambda h: _chances(1 - h),
        "The number is the chance to stop, not to go on.",
        "Going on has the chance 1 - λ.",
    ),
    Mistake(
        "one-before",
        lambda h: h * torch.cat([torch.ones_like(h[:1]), 1 - h[:-1]]),
        "You multiplied by the chance of going on at the step just before. One must have gone on at all steps before.",
        "The product runs over every j < n.",
    ),
    Mistake(
        "rest-too-late",
        _rest_too_late,
        "The last chance is what all steps leave, its own included. Whoever comes to the last step stops there.",
        "The last chance is 1 less the chances before it.",
    ),
    Mistake(
        "divided",
        lambda h: h / h.sum(),
        "You divided the numbers by their sum. A step that is seldom reached must count less, however high its number.",
        "Multiply by the chance to come to the step.",
    ),
)

STOP_CHANCES = Exercise(
    name="stop_chances",
    arguments=("probabilities",),
    reference=_chances,
    cases=_cases,
    example=_case("by hand", 0.5, 0.5, 0.75),
    mistakes=_MISTAKES,
    lesson="Every number has a gradient here, also that of a step that is seldom reached.",
    advice="Keep a number `reached` that starts at 1 and shrinks by 1 - λ at each step.",
)


def check_stop_chances(function: Callable[..., Any]) -> Card:
    """Check `stop_chances(probabilities [steps]) -> [steps]`, the chance to stop at each step.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(STOP_CHANCES, function)
