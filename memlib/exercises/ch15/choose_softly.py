"""Exercise: one of several things, softly, from scores."""

from collections.abc import Callable
from typing import Any

import torch

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms.programs import soft_select


def _case(name: str, seed: int, choices: int, width: int) -> Case:
    draw = Draw(seed)
    return Case(name, (draw.real(choices, width), draw.real(choices)))


def _cases() -> list[Case]:
    return [
        _case("five things of width 3", 1511, 5, 3),
        _case("as many things as entries", 1512, 4, 4),
        _case("one thing", 1513, 1, 6),
    ]


_MISTAKES = (
    Mistake(
        "hardest",
        lambda v, s: v[s.argmax()],
        "You took the best alone. That is a choice, and a choice has no slope.",
        "Make weights of the scores, multiply each thing by its weight, and add.",
    ),
    Mistake(
        "no-softmax",
        lambda v, s: s @ v,
        "The scores are no weights yet: they may be negative, and do not add up to 1.",
        "Send them through a softmax first.",
    ),
    Mistake(
        "plain-mean",
        lambda v, s: v.mean(0),
        "You took the plain mean: the scores were not asked.",
        "The weights come from the scores: their softmax.",
    ),
    Mistake(
        "not-added",
        lambda v, s: s.softmax(0)[:, None] * v,
        "Each thing has its weight, but they are not added up.",
        "Sum over the choices, the first axis.",
    ),
    Mistake(
        "divided",
        lambda v, s: s / s.sum() @ v,
        "You divided the scores by their sum. They may be negative, and so are such weights.",
        "Send them through a softmax: it makes every weight positive.",
    ),
    Mistake(
        "exp-only",
        lambda v, s: s.exp() @ v,
        "The weights are positive, but do not add up to 1.",
        "Divide by their sum, or use `softmax`.",
    ),
    Mistake(
        "mean-after",
        lambda v, s: (s.softmax(0)[:, None] * v).mean(0),
        "You took the mean of what was weighed already. The weights add up to 1: a sum is the average.",
        "`sum`, not `mean`.",
    ),
)

CHOOSE_SOFTLY = Exercise(
    name="choose_softly",
    arguments=("values", "scores"),
    reference=lambda values, scores: soft_select(values, scores.softmax(0)),
    cases=_cases,
    example=Case(
        "by hand",
        (torch.tensor([[2.0, 0.0], [0.0, 4.0]]).double(), torch.tensor([0.0, 0.0]).double()),
    ),
    mistakes=_MISTAKES,
    lesson="An operation, an operand, a column, a row: all are chosen by this one line.",
    advice="Two steps: weights from the scores, then the weighted sum.",
)


def check_choose_softly(function: Callable[..., Any]) -> Card:
    """Check `choose_softly(values [n, d], scores [n]) -> [d]`, the average under the softmax of the scores.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(CHOOSE_SOFTLY, function)
