"""Exercise: bring the modulus of a key's entries down to at most 1."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import holographic


def _cases() -> list[Case]:
    some, zero, inside, batch = Draw(211), Draw(212), Draw(213), Draw(214)
    with_zero = zero.complex(5)
    with_zero[2] = 0
    return [
        Case("a key with entries inside and outside the circle", (1.2 * some.complex(8),)),
        Case("a key with an entry 0", (with_zero,)),
        Case("a key that lies inside", (0.2 * inside.phases(3),)),
        Case("a batch of keys", (batch.complex(2, 3, 6),), batch=True),
    ]


def _parts(key: Tensor) -> Tensor:
    return torch.complex(key.real.clamp(-1, 1), key.imag.clamp(-1, 1))


_MISTAKES = (
    Mistake(
        "always-normalises",
        lambda key: key / key.abs(),
        "You brought every entry to modulus 1. That enlarges the small ones (and an entry 0 has no direction: NaN). "
        "An entry inside the circle stays as it is.",
        "Divide by the modulus only where it is above 1. What would you divide by elsewhere?",
    ),
    Mistake(
        "normalises-but-zero",
        torch.sgn,
        "You brought every entry except 0 to modulus 1. That enlarges the small ones; an entry inside the circle stays "
        "as it is.",
        "Divide by the modulus only where it is above 1. What would you divide by elsewhere?",
    ),
    Mistake(
        "multiplies",
        lambda key: key * key.abs().clamp(min=1),
        "You multiplied by the factor: entries outside the circle move further out. In our text of the paper it reads "
        "that way; its purpose is a modulus of at most 1.",
        "Divide.",
    ),
    Mistake(
        "per-part",
        _parts,
        "You cut the real and the imaginary part separately. That bounds a square, not a circle, and turns the "
        "direction of the entries that it cuts.",
        "Both parts must shrink by one factor: the modulus of the entry decides.",
    ),
    Mistake(
        "whole-vector",
        lambda key: key / torch.linalg.vector_norm(key, dim=-1, keepdim=True).clamp(min=1),
        "You used the length of the whole key. The bound holds for each entry by itself.",
        "`abs` of a complex tensor gives one modulus for each entry.",
    ),
    Mistake(
        "largest-entry",
        lambda key: key / key.abs().amax(-1, keepdim=True).clamp(min=1),
        "You divided all entries by the largest modulus. The small ones shrink too, though they needed no change.",
        "Each entry has its own factor.",
    ),
    Mistake(
        "minimum",
        lambda key: key / key.abs().clamp(max=1),
        "The bound is the wrong way round: entries inside the circle are enlarged, those outside stay.",
        "Which of min and max leaves a divisor of 1 where the modulus is small?",
    ),
    Mistake(
        "modulus-only",
        lambda key: key.abs().clamp(max=1),
        "You returned the bounded modulus. The direction is gone.",
        "Scale the complex entry itself.",
    ),
    Mistake(
        "replaced-by-one",
        lambda key: torch.where(key.abs() > 1, 1, key),
        "Every entry outside the circle became the number 1: the direction is gone.",
        "Modulus 1, but the old angle: divide the entry by its modulus.",
    ),
    Mistake(
        "squared-modulus",
        lambda key: key / key.abs().square().clamp(min=1),
        "You divided by the squared modulus: a large entry comes out smaller than 1.",
        "One root is missing: |z| is the root of the sum of squares.",
    ),
    Mistake(
        "softened",
        lambda key: key / (1 + key.abs()),
        "You divided by 1 + |key|: every entry shrinks, also those inside the circle.",
        "Take the larger of the two, not their sum.",
    ),
)

BOUND = Exercise(
    name="bound",
    arguments=("key",),
    reference=holographic.bound,
    cases=_cases,
    example=Case("by hand", (torch.tensor([3 + 4j, 0.6 + 0j, 0.9 + 1.2j], dtype=torch.complex128),)),
    mistakes=_MISTAKES,
    lesson="No entry can amplify, and every direction is kept.",
)


def check_bound(function: Callable[..., Any]) -> Card:
    """Check `bound(key [..., d]) -> [..., d]`, complex.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(BOUND, function)
