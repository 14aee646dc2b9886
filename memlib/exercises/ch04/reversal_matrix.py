"""Exercise: the matrix that turns the code of a step into the code of the place where reversal must look."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake

_GIVEN = ((5, 0.4), (3, 0.3), (10, 0.25), (2, 1.1), (7, 0.05))


def _cases() -> list[Case]:
    return [Case(f"n = {length}, angle = {angle}", (length, angle)) for length, angle in _GIVEN]


def _codes(places: Tensor, angle: float) -> Tensor:
    """A row for each place: (cos, sin) of place times angle."""
    turn = angle * places.double()
    return torch.stack([turn.cos(), turn.sin()], -1)


def _solved(length: int, angle: float) -> Tensor:
    """From two steps, which may lie outside the sequence: the law holds for them too."""
    steps = torch.tensor([1, 2])
    return torch.linalg.solve(_codes(steps, angle), _codes(length + 1 - steps, angle)).mT


def _reflection(turn: float) -> Tensor:
    c, s = math.cos(turn), math.sin(turn)
    return torch.tensor([[c, s], [s, -c]], dtype=torch.float64)


def _rotation(turn: float) -> Tensor:
    c, s = math.cos(turn), math.sin(turn)
    return torch.tensor([[c, -s], [s, c]], dtype=torch.float64)


_MISTAKES = (
    Mistake(
        "counted-from-0",
        lambda n, a: _reflection((n - 1) * a),
        "You counted places from 0: step t would look at place n - 1 - t. Here places count from 1.",
        "Step 1 looks at place n. What is the sum of the two?",
    ),
    Mistake(
        "off-by-one",
        lambda n, a: _reflection(n * a),
        "One too few: step t would look at place n - t, and the last step at place 0, which is not there.",
        "Step 1 looks at place n. What is the sum of the two?",
    ),
    Mistake(
        "rotation",
        lambda n, a: _rotation((n + 1) * a),
        "That is a rotation: step t looks at place n + 1 + t. The steps must run against the places.",
        "The angle of the step is taken away from (n + 1) times the angle. Which signs change?",
    ),
    Mistake(
        "rotation",
        lambda n, a: _rotation(-(n + 1) * a),
        "That is a rotation back: step t looks at place t - (n + 1). The steps must run against the places.",
        "The angle of the step is taken away from (n + 1) times the angle, not the other way round.",
    ),
    Mistake(
        "sign",
        lambda n, a: _reflection(-(n + 1) * a),
        "A sign of a sine is turned: step t would look at place -(n + 1) - t.",
        "cos(x - y) = cos x cos y + sin x sin y, and sin(x - y) = sin x cos y - cos x sin y.",
    ),
    Mistake(
        "minus-lost",
        lambda n, a: _reflection((n + 1) * a) * torch.tensor([[1.0, 1.0], [1.0, -1.0]]).double(),
        "A minus is lost: sin(x - y) = sin x cos y - cos x sin y, so the last entry is -cos.",
        "Put t = n + 1 in: the sine of angle 0 must be 0.",
    ),
    Mistake(
        "swapped-rows",
        lambda n, a: _reflection((n + 1) * a).flip(0),
        "The two rows are swapped: the first gives the cosine, the second the sine.",
        "A code is (cos, sin), in this order.",
    ),
    Mistake(
        "mirrored",
        lambda n, a: -_reflection((n + 1) * a),
        "All signs are turned: your query points away from the right place, so that it gets the smallest score.",
        "At t = 0 the first column must be the code of place n + 1.",
    ),
    Mistake(
        "no-angle",
        lambda n, a: _reflection(float(n + 1)),
        "The angle between two places is missing: you turned by n + 1 radians.",
        "Place i stands at i times the angle.",
    ),
    Mistake(
        "degrees",
        lambda n, a: _reflection(math.radians((n + 1) * a)),
        "The angle is in radians already.",
        "`math.cos` wants radians.",
    ),
    Mistake(
        "identity",
        lambda n, a: torch.eye(2).double(),
        "That looks at place t itself: it copies.",
        "The query of step t should be the code of place n + 1 - t.",
    ),
)

REVERSAL_MATRIX = Exercise(
    name="reversal_matrix",
    arguments=("length", "angle"),
    reference=_solved,
    cases=_cases,
    example=Case("by hand", (2, math.pi / 6)),
    mistakes=_MISTAKES,
    lesson="With codes on a circle, counting backwards is one small matrix: dot-product attention can reverse.",
    advice="Write cos and sin of (n + 1)·angle - t·angle with the rules for a difference; p_t is there already.",
)


def check_reversal_matrix(function: Callable[..., Any]) -> Card:
    """Check `reversal_matrix(length: int, angle: float) -> [2, 2]`, with W p_t = p_(length + 1 - t) for every t.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(REVERSAL_MATRIX, function)
