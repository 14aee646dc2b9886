"""Exercise: undo a binding."""

from collections.abc import Callable
from typing import Any

import torch

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import holographic


def _cases() -> list[Case]:
    circle, free, batch = Draw(201), Draw(202), Draw(203)
    return [
        Case("a key of modulus 1", (circle.phases(5), circle.complex(5))),
        Case("a key of any modulus", (free.complex(4), free.complex(4))),
        Case("a batch of keys", (batch.complex(2, 3, 6), batch.complex(2, 3, 6)), batch=True),
    ]


_MISTAKES = (
    Mistake(
        "no-conjugate",
        lambda key, memory: holographic.bind(key, memory),
        "Right shape, but you bound with the key where unbinding needs its conjugate: each entry is turned twice the "
        "same way instead of there and back.",
        "Binding turns an entry by the key's angle. Which number turns it back by the same angle?",
    ),
    Mistake(
        "divides",
        lambda key, memory: memory / key,
        "You divided by the key. For keys of modulus 1 that is the same as the conjugate; for others it is not: an "
        "entry with a small modulus would be blown up, noise and all.",
        "Which number turns back by the same angle, and is no larger than the key itself?",
    ),
    Mistake(
        "conjugated-memory",
        lambda key, memory: key * memory.conj(),
        "You conjugated the memory. The angle of the key is then right, but what you read is the mirror image of the "
        "value.",
        "Take the conjugate of the other factor.",
    ),
    Mistake(
        "conjugated-both",
        lambda key, memory: (key * memory).conj(),
        "You conjugated both factors: that is the conjugate of a binding, and no unbinding.",
        "Only the key turns back.",
    ),
    Mistake(
        "real-part",
        lambda key, memory: holographic.unbind(key, memory).real,
        "You kept only the real part. Values are complex: half of each entry is lost.",
        "Return the complex product as it is.",
    ),
    Mistake(
        "summed",
        lambda key, memory: holographic.unbind(key, memory).sum(-1),
        "You summed over the entries: that is the inner product of key and memory, one number. Unbinding keeps the "
        "entries apart.",
        "The result is as wide as the key.",
    ),
    Mistake(
        "normalised-key",
        lambda key, memory: holographic.unbind(key / key.abs(), memory),
        "You scaled the key to modulus 1 first. For keys of modulus 1 nothing changes, but it is not asked for here.",
        "Use the key as it comes.",
    ),
    Mistake(
        "modulus",
        lambda key, memory: key.abs() * memory,
        "You multiplied by the key's modulus: that scales, and turns nothing back.",
        "Binding is undone by a turn. `abs` forgets the angle.",
    ),
)

UNBIND = Exercise(
    name="unbind",
    arguments=("key", "memory"),
    reference=holographic.unbind,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([1j, -1 + 0j, 1 + 1j], dtype=torch.complex128),
            torch.tensor([2j, 3 + 0j, 4 + 0j], dtype=torch.complex128),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="The conjugate turns each entry back; for a key of modulus 1 the value returns exactly.",
)


def check_unbind(function: Callable[..., Any]) -> Card:
    """Check `unbind(key [..., d], memory [..., d]) -> [..., d]`, all complex.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(UNBIND, function)
