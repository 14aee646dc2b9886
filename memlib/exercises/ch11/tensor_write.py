"""Exercise: a write under two keys of any length that goes exactly as far as its strength says."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import ANYTHING, Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import fast_weights


def _case(name: str, seed: int, *, entity: int, relation: int, value: int, strength: float) -> Case:
    draw = Draw(seed)
    memory = draw.real(entity, relation, value)
    return Case(name, (memory, draw.real(entity), draw.real(relation), draw.real(value), strength))


def _cases() -> list[Case]:
    return [
        _case("a small memory", 1111, entity=2, relation=3, value=4, strength=0.6),
        _case("axes of one width", 1112, entity=4, relation=4, value=4, strength=0.3),
        _case("a full replacement", 1113, entity=3, relation=5, value=2, strength=1.0),
    ]


def _square(vector: Tensor) -> float:
    return float(vector @ vector)


def _exact(memory: Tensor, s: Tensor, r: Tensor, v: Tensor, strength: float) -> Tensor:
    return fast_weights.tensor_write(memory, s, r, v, strength / (_square(s) * _square(r)))


def _added(memory: Tensor, s: Tensor, r: Tensor, change: Tensor) -> Tensor:
    return memory + s[:, None, None] * r[:, None] * change


def _read(memory: Tensor, s: Tensor, r: Tensor) -> Tensor:
    return fast_weights.tensor_read(memory, s, r)


def _scaled(scale: Callable[[Tensor, Tensor], float]) -> Callable[..., Tensor]:
    """A write whose change is divided by something of the keys."""
    return lambda f, s, r, v, b: fast_weights.tensor_write(f, s, r, v, b / scale(s, r))


def _turned(memory: Tensor, s: Tensor, r: Tensor, v: Tensor, strength: float) -> Any:
    """The keys in each other's place, where that can be told."""
    return _exact(memory, r, s, v, strength) if len(s) == len(r) else ANYTHING


_MISTAKES = (
    Mistake(
        "lengths-ignored",
        _scaled(lambda s, r: 1.0),
        "That is the write of the chapter. Reading the keys afterwards goes β|s|²|r|² of the way, not β.",
        "Read your memory after the write with the same keys. By how much is the way too long?",
    ),
    Mistake(
        "not-squared",
        _scaled(lambda s, r: float(s.norm() * r.norm())),
        "You divided by the lengths of the keys. Each key stands in the way of a write twice: once to write, once to "
        "read.",
        "Divide by the squared lengths.",
    ),
    Mistake(
        "times-not-divided",
        _scaled(lambda s, r: 1 / (_square(s) * _square(r))),
        "You multiplied by the squared lengths. The chapter's write goes too far by that factor already.",
        "Divide the change by it.",
    ),
    Mistake(
        "divided-twice",
        _scaled(lambda s, r: (_square(s) * _square(r)) ** 2),
        "You divided by the fourth power of the lengths.",
        "Each length comes in twice, once from the write and once from the read: divide by the squares, once.",
    ),
    Mistake(
        "width-for-length",
        _scaled(lambda s, r: float(len(s))),
        "You divided by the width, as the authors' code does. That is right only for keys whose squared lengths "
        "happen to have the width for a product.",
        "What would make it right for keys of any length is in the keys, not in their width.",
    ),
    Mistake(
        "sum-of-squares",
        _scaled(lambda s, r: _square(s) + _square(r)),
        "You divided by |s|² + |r|². That is the squared length of the two keys end to end, not of their product.",
        "What is (s ⊗ r) · (s ⊗ r)?",
    ),
    Mistake(
        "one-key-only",
        _scaled(lambda s, r: _square(s)),
        "You divided by the squared length of the entity, but not of the relation.",
        "The squared length of s ⊗ r is a product of two numbers.",
    ),
    Mistake(
        "one-key-only",
        _scaled(lambda s, r: _square(r)),
        "You divided by the squared length of the relation, but not of the entity.",
        "The squared length of s ⊗ r is a product of two numbers.",
    ),
    Mistake(
        "adds",
        lambda f, s, r, v, b: _added(f, s, r, b * v / (_square(s) * _square(r))),
        "You added the value to what was there. The old value stays, and both are read together.",
        "Write the difference between the value and what the keys read now.",
    ),
    Mistake(
        "all-fades",
        lambda f, s, r, v, b: (1 - b) * f + b * _added(0 * f, s, r, v / (_square(s) * _square(r))),
        "You let the whole memory fade by 1 - β. The mixture of old and new is meant for what these two keys read; "
        "other keys may not notice.",
        "Add to the memory, along s ⊗ r only: the difference between v and what is read.",
    ),
    Mistake(
        "change-only",
        lambda f, s, r, v, b: _exact(f, s, r, v, b) - f,
        "That is the change alone. What was in the memory is gone.",
        "Add the change to the memory.",
    ),
    Mistake(
        "old-divided",
        lambda f, s, r, v, b: _added(
            f,
            s,
            r,
            b * (v - _read(f, s, r) / (_square(s) * _square(r))) / (_square(s) * _square(r)),
        ),
        "You divided what is read by the lengths too. What the keys read is v̂ as it comes.",
        "Divide the difference v - v̂ once, as a whole.",
    ),
    Mistake(
        "no-strength",
        lambda f, s, r, v, b: _exact(f, s, r, v, 1.0),
        "The strength is not used: every write replaces fully.",
        "Multiply the difference by β.",
    ),
    Mistake(
        "strength-on-value-only",
        lambda f, s, r, v, b: _added(f, s, r, (b * v - _read(f, s, r)) / (_square(s) * _square(r))),
        "The strength multiplies the value alone, so the old value is taken away fully and only a part of the new "
        "one comes in.",
        "β stands before the whole difference.",
    ),
    Mistake(
        "read-with-unit-keys",
        lambda f, s, r, v, b: _exact(f, s / s.norm(), r / r.norm(), v, b),
        "You made the keys short before you read. Then the write is exact for the short keys; the keys as they come "
        "read something else.",
        "Read with s and r as they are. Only the change needs scaling.",
    ),
    Mistake(
        "sign",
        lambda f, s, r, v, b: _exact(f, s, r, v, -b),
        "The difference has the wrong sign: the write goes away from the value.",
        "Value minus what is read.",
    ),
    Mistake(
        "keys-swapped",
        _turned,
        "Entity and relation have changed places.",
        "The first axis of the memory belongs to s, the second to r.",
    ),
    Mistake(
        "bounded",
        lambda f, s, r, v, b: fast_weights.bound_norm(_exact(f, s, r, v, b)),
        "The write is right, and then you scaled the memory back into the ball. That is the next step of the chapter, "
        "not part of the write.",
        "Return the memory before it is bounded.",
    ),
)

TENSOR_WRITE = Exercise(
    name="tensor_write",
    arguments=("memory", "s", "r", "v", "strength"),
    reference=_exact,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.zeros(2, 1, 1).double(),
            torch.tensor([2.0, 0.0]).double(),
            torch.tensor([1.0]).double(),
            torch.tensor([8.0]).double(),
            0.5,
        ),
    ),
    mistakes=_MISTAKES,
    lesson="A write meets its own keys twice, so their squared lengths multiply the strength; divide them out, and β "
    "is again the share that is replaced.",
    advice="Read your memory with s and r after the write: it must give v̂ + β (v - v̂), v̂ what they read before.",
)


def check_tensor_write(function: Callable[..., Any]) -> Card:
    """Check `tensor_write(memory [d1, d2, dv], s [d1], r [d2], v [dv], strength) -> [d1, d2, dv]`, keys of any length.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(TENSOR_WRITE, function)
