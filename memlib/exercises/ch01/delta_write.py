"""Exercise: write with the delta rule."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import associative


def _case(name: str, seed: int, *lead: int, width_key: int, width_value: int) -> Case:
    draw = Draw(seed)
    memory, key, value = (
        draw.real(*lead, width_key, width_value),
        draw.real(*lead, width_key),
        draw.real(*lead, width_value),
    )
    return Case(name, (memory, key, value, draw.fraction(*lead, 1)), batch=bool(lead))


def _cases() -> list[Case]:
    return [
        _case("one pair", 121, width_key=3, width_value=2),
        _case("a square memory", 122, width_key=4, width_value=4),
        _case("a batch of 5", 123, 5, width_key=3, width_value=4),
        _case("a batch as large as the key is wide", 124, 3, width_key=3, width_value=2),
        _case("two batch dimensions", 125, 2, 5, width_key=3, width_value=2),
    ]


def _outer(key: Tensor, value: Tensor) -> Tensor:
    return torch.einsum("...i,...j->...ij", key, value)


def _change(memory: Tensor, key: Tensor, value: Tensor, strength: Tensor) -> Tensor:
    return associative.delta_write(memory, key, value, strength) - memory


def _length(key: Tensor) -> Tensor:
    return torch.linalg.vector_norm(key, dim=-1)[..., None, None]


_MISTAKES = (
    Mistake(
        "hebbian",
        lambda m, k, v, s: m + _outer(k, s * v),
        "That is the Hebbian rule with a strength: it adds the new value and leaves the old one in place. Reading "
        "the key then gives both.",
        "What does the key recall before the write? Only the difference to that should be added.",
    ),
    Mistake(
        "hebbian-no-strength",
        lambda m, k, v, s: associative.hebbian_write(m, k, v),
        "That is the Hebbian rule: nothing is taken away, and the strength is not used.",
        "Read the memory at the key first; write the difference, times the strength.",
    ),
    Mistake(
        "no-strength",
        lambda m, k, v, s: associative.delta_write(m, k, v, 1.0),
        "You replaced the old value fully: the strength is not used.",
        "With strength 0 nothing may change, with 1 everything at this key. Where does the factor go?",
    ),
    Mistake(
        "strength-on-value",
        lambda m, k, v, s: m + _outer(k, s * v - associative.recall(m, k)),
        "The strength scales only the new value; the old one is taken away in full. With strength 0 you would erase.",
        "The strength belongs to the whole difference.",
    ),
    Mistake(
        "strength-on-old",
        lambda m, k, v, s: m + _outer(k, v - s * associative.recall(m, k)),
        "The strength scales only what is taken away; the new value is added in full.",
        "The strength belongs to the whole difference.",
    ),
    Mistake(
        "decays-memory",
        lambda m, k, v, s: (1 - s[..., None]) * m + _outer(k, s * v),
        "You faded the whole memory by 1 - strength. That forgets every other key too; the delta rule forgets only "
        "what this key recalls.",
        "Leave the memory as it is and add an outer product: key times a difference of values.",
    ),
    Mistake(
        "only-the-change",
        _change,
        "That is the change alone: the old memory is missing, and with it every other pair.",
        "Add it to the memory.",
    ),
    Mistake(
        "sign",
        lambda m, k, v, s: m - _change(m, k, v, s),
        "The difference has the wrong sign: each write drives what is recalled away from the value.",
        "new minus old, or subtract old minus new; not both turned.",
    ),
    Mistake(
        "normalised-key",
        lambda m, k, v, s: m + _change(m, k, v, s) / _length(k),
        "You divided by the key's length. For keys of length 1 nothing changes, but it is not asked for here.",
        "Use the key as it comes.",
    ),
    Mistake(
        "normalised-key",
        lambda m, k, v, s: associative.delta_write(m, associative.unit(k), v, s),
        "You scaled the key to length 1 first. For keys of length 1 nothing changes, but it is not asked for here.",
        "Use the key as it comes.",
    ),
    Mistake(
        "normalised-key",
        lambda m, k, v, s: m + _outer(k, s * (v - associative.recall(m, associative.unit(k)))),
        "You scaled the key to length 1 for the reading, and wrote with the key as it comes.",
        "Use the key as it comes, both times.",
    ),
    Mistake(
        "divided-by-square",
        lambda m, k, v, s: m + _change(m, k, v, s) / _length(k) ** 2,
        "You divided by the key's squared length. That makes the write exact for keys of any length (a normalised "
        "delta rule), but it is not asked for here.",
        "Use the key as it comes.",
    ),
    Mistake(
        "transposed",
        lambda m, k, v, s: m + _change(m, k, v, s).mT,
        "The outer product is turned: rows belong to the key, columns to the value. It even runs where the memory is "
        "square.",
        "key[..., :, None] * difference[..., None, :]",
    ),
    Mistake(
        "old-transposed",
        lambda m, k, v, s: m + _outer(k, s * (v - torch.einsum("...ij,...j->...i", m, k))),
        "You read the old value with `memory @ key`, which sums over the value's axis. It even runs where the memory "
        "is square.",
        "Read as in the exercise on recall: weight the rows by the key.",
    ),
    Mistake(
        "strength-broadcast",
        lambda m, k, v, s: m + s * _outer(k, v - associative.recall(m, k)),
        "Right for one pair. With a batch, a strength of shape [..., 1] does not line up with a memory of shape "
        "[..., dk, dv]: it scales rows of the memory instead of items of the batch.",
        "Scale the difference of values, which has one axis less, before the outer product.",
    ),
)

DELTA_WRITE = Exercise(
    name="delta_write",
    arguments=("memory", "key", "value", "strength"),
    reference=associative.delta_write,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[4.0, 0.0], [1.0, 1.0], [0.0, 2.0]]).double(),
            torch.tensor([2.0, 0.0, 0.0]).double(),
            torch.tensor([0.0, 8.0]).double(),
            torch.tensor([0.5]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="The delta rule writes the error, so that a second value replaces the first instead of joining it.",
)


def check_delta_write(function: Callable[..., Any]) -> Card:
    """Check `delta_write(memory [..., dk, dv], key [..., dk], value [..., dv], strength [..., 1]) -> [..., dk, dv]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(DELTA_WRITE, function)
