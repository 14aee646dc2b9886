"""Exercise: the squared norm of a memory after a write, from the norm before it and a few small vectors."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import fast_weights


def _of(memory: Tensor, s: Tensor, r: Tensor, v: Tensor) -> tuple[Tensor, ...]:
    """What the exercise is given of a write."""
    return memory.square().sum(), fast_weights.tensor_read(memory, s, r), v, s, r


def _case(name: str, seed: int, *, entity: int, relation: int, value: int, scale: float = 0.4) -> Case:
    draw = Draw(seed)
    memory = scale * draw.real(entity, relation, value)
    return Case(name, _of(memory, draw.real(entity), draw.real(relation), draw.real(value)))


def _cases() -> list[Case]:
    return [
        _case("a small memory", 1141, entity=2, relation=3, value=4),
        _case("a larger memory", 1142, entity=5, relation=4, value=6, scale=0.1),
        _case("a value of one entry", 1143, entity=3, relation=2, value=1),
        _case("axes of one width", 1144, entity=3, relation=3, value=3),
    ]


def _key(s: Tensor, r: Tensor) -> Tensor:
    return (s @ s) * (r @ r)


def _expanded(square: Tensor, old: Tensor, v: Tensor, s: Tensor, r: Tensor) -> Tensor:
    change = v - old
    return square + 2 * old @ change + _key(s, r) * change @ change


def _by(mixed: Callable[..., Tensor], key: Callable[..., Tensor] = _key) -> Callable[..., Tensor]:
    """The expansion with another middle term, or another squared length of the key."""
    return lambda n, old, v, s, r: n + mixed(old, v) + key(s, r) * (v - old).square().sum()


def _right(old: Tensor, v: Tensor) -> Tensor:
    return 2 * old @ (v - old)


_MISTAKES = (
    Mistake(
        "no-two",
        _by(lambda old, v: old @ (v - old)),
        "The middle term is there once. In the square of a sum the mixed product comes twice.",
        "|a + b|² = |a|² + 2 a · b + |b|².",
    ),
    Mistake(
        "value-for-reading",
        _by(lambda old, v: 2 * v @ (v - old)),
        "The middle term holds the value. The product of the memory with k ⊗ u is what the key reads before the "
        "write, times u.",
        "v̂ · u: the memory meets the write only in what its key reads.",
    ),
    Mistake(
        "value-for-correction",
        lambda n, old, v, s, r: n + 2 * old @ v + _key(s, r) * v @ v,
        "You added the value to the memory. What is added is the correction, u = v - v̂.",
        "Make u first, and use it in both terms.",
    ),
    Mistake(
        "key-missing",
        _by(_right, lambda s, r: torch.ones_like(s[0])),
        "The lengths of the keys play no part, so this holds for unit keys alone: the last term is |u|², which for "
        "them is the same as |F|² - |v̂|² + |v|² for the whole.",
        "What is added is k ⊗ u, and its squared norm is |k|²|u|², with |k|² = |s|²|r|².",
    ),
    Mistake(
        "one-key-only",
        _by(_right, lambda s, r: s @ s),
        "The squared length of the entity is there, that of the relation is not.",
        "|s ⊗ r|² = |s|²|r|².",
    ),
    Mistake(
        "one-key-only",
        _by(_right, lambda s, r: r @ r),
        "The squared length of the relation is there, that of the entity is not.",
        "|s ⊗ r|² = |s|²|r|².",
    ),
    Mistake(
        "correction-not-squared",
        lambda n, old, v, s, r: n + _right(old, v) + _key(s, r) * (v - old).norm(),
        "In the last term the length of u is not squared.",
        "`u @ u` is |u|²; `u.norm()` is |u|.",
    ),
    Mistake(
        "two-everywhere",
        lambda n, old, v, s, r: n + 2 * (old @ (v - old) + _key(s, r) * (v - old).square().sum()),
        "The last term is there twice. Only the mixed product comes twice.",
        "|a + b|² = |a|² + 2 a · b + |b|².",
    ),
    Mistake(
        "sum-of-keys",
        _by(_right, lambda s, r: s @ s + r @ r),
        "You took |s|² + |r|² for the key. It is the product s ⊗ r, so the squared lengths multiply.",
        "|s ⊗ r|² = |s|²|r|².",
    ),
    Mistake(
        "lengths-not-squared",
        _by(_right, lambda s, r: _key(s, r).sqrt()),
        "The lengths of the keys are not squared.",
        "The squared norm of k ⊗ u is |k|²|u|².",
    ),
    Mistake(
        "norm",
        lambda *given: _expanded(*given).sqrt(),
        "That is the norm. Asked for is its square.",
        "Leave the root out: the squared norm is what is kept from step to step.",
    ),
    Mistake(
        "sign",
        _by(lambda old, v: -2 * old @ (v - old)),
        "The middle term has the wrong sign: the correction is added to the memory.",
        "|F + k ⊗ u|².",
    ),
    Mistake(
        "no-mixed-term",
        _by(lambda old, v: torch.zeros_like(v[0])),
        "You added the squared norms. That holds only where memory and write are at right angles.",
        "The mixed term is 2 v̂ · u; it is 0 only if the key reads nothing, or something at right angles to u.",
    ),
    Mistake(
        "key-in-mixed-term",
        lambda n, old, v, s, r: n + _key(s, r) * (2 * old @ (v - old) + (v - old) @ (v - old)),
        "The length of the key stands in the middle term too. There it is in v̂ already: v̂ is read with that key.",
        "|F|² + 2 v̂ · u + |k|²|u|².",
    ),
    Mistake(
        "bounded",
        lambda *given: _expanded(*given).clamp(max=1),
        "You cut the result off at 1. That is the norm after the bound; asked for is the norm that the bound divides "
        "by.",
        "Return the squared norm of F', before it is scaled back.",
    ),
)

SQUARE_NORM = Exercise(
    name="square_norm",
    arguments=("square", "old", "value", "s", "r"),
    reference=_expanded,
    cases=_cases,
    example=Case(
        "by hand",
        _of(
            torch.tensor([[[3.0]], [[1.0]]]).double(),
            torch.tensor([1.0, 0.0]).double(),
            torch.tensor([1.0]).double(),
            torch.tensor([5.0]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="The norm of a memory can be kept up to date although the memory is never built: that is what makes the "
    "bound free.",
    advice="Expand |F + k ⊗ u|² with u = v - v̂. What does the memory's product with k ⊗ u come to?",
)


def check_square_norm(function: Callable[..., Any]) -> Card:
    """Check `square_norm(square [], old [dv], value [dv], s [d1], r [d2]) -> []`, before the bound.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(SQUARE_NORM, function)
