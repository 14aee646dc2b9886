"""Exercise: replace a value in a redundant memory."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import holographic


def _case(name: str, seed: int, copies: int, width: int, free: bool = False) -> Case:
    draw = Draw(seed)
    key = draw.complex(width) if free else draw.phases(width)
    return Case(name, (draw.complex(copies, width), key, draw.complex(width), draw.orders(copies, width)))


def _cases() -> list[Case]:
    return [
        _case("3 copies", 241, 3, 5),
        _case("as many copies as entries", 242, 4, 4),
        _case("more copies than entries", 243, 6, 4),
        _case("a key of any modulus", 244, 3, 5, free=True),
    ]


def _error(memory: Tensor, key: Tensor, value: Tensor, permutations: Tensor) -> Tensor:
    return value - holographic.read(memory, key, permutations)


_MISTAKES = (
    Mistake(
        "only-adds",
        lambda m, k, v, p: holographic.write(m, k, v, p),
        "You added the new value without taking the old one away: that is `write`. Reading then gives both, mixed.",
        "What does the memory give for this key before the write? Write only what is missing.",
    ),
    Mistake(
        "own-reading",
        lambda m, k, v, p: m + k[p] * (v - holographic.unbind(k[p], m)),
        "Each copy is corrected by its own reading. For keys of modulus 1 that makes every copy hold this one value "
        "and nothing else: all other pairs are wiped out.",
        "Take the mean over the copies first; one error is written to all.",
    ),
    Mistake(
        "splits-error",
        lambda m, k, v, p: m + k[p] * _error(m, k, v, p) / len(m),
        "You split the error among the copies. The reader averages, so each copy needs all of it.",
        "If every copy's reading moves by the error, by how much does their mean move?",
    ),
    Mistake(
        "permutes-error",
        lambda m, k, v, p: m + (k * _error(m, k, v, p))[p],
        "You permuted the error together with the key. Values are never permuted: the reader turns only the key's "
        "angles back, and would find the error in the wrong order.",
        "Permute the key first, then bind the error to it.",
    ),
    Mistake(
        "conjugate",
        lambda m, k, v, p: m + k[p].conj() * _error(m, k, v, p),
        "You bound the error with the conjugate key. The conjugate reads; the key writes.",
        "Bind as `write` does: with the permuted key itself.",
    ),
    Mistake(
        "replaces-memory",
        lambda m, k, v, p: k[p] * v,
        "The old memory is gone: you return the new pair alone. Every other pair is lost.",
        "Add a change to the memory.",
    ),
    Mistake(
        "only-the-change",
        lambda m, k, v, p: k[p] * _error(m, k, v, p),
        "That is the change alone: the old memory is missing.",
        "Add it to the memory.",
    ),
    Mistake(
        "not-permuted",
        lambda m, k, v, p: m + k * _error(m, k, v, p),
        "You read with the permuted keys, but wrote with the plain key into every copy.",
        "Each copy is written with its own permutation of the key, as it is read.",
    ),
    Mistake(
        "only-erases",
        lambda m, k, v, p: m + k[p] * (-holographic.read(m, k, p)),
        "You took the old value away, and did not write the new one.",
        "Erase and write at once: bind the difference of the two values.",
    ),
    Mistake(
        "sign",
        lambda m, k, v, p: m - k[p] * _error(m, k, v, p),
        "The difference has the wrong sign: each write drives what is read away from the new value.",
        "New minus old is added.",
    ),
    Mistake(
        "unbound",
        lambda m, k, v, p: m + _error(m, k, v, p),
        "The difference is added without being bound to the key.",
        "Bind it to the permuted key first.",
    ),
    Mistake(
        "read-without-conjugate",
        lambda m, k, v, p: m + k[p] * (v - holographic.bind(k[p], m).mean(0)),
        "The old value was read without the conjugate, so that something else is taken away.",
        "Read as in the exercise before.",
    ),
    Mistake(
        "sum-of-readings",
        lambda m, k, v, p: m + k[p] * (v - len(m) * holographic.read(m, k, p)),
        "You took away the sum of the copies' readings, not their mean: too much, once for every further copy.",
        "Average over the copies.",
    ),
    Mistake(
        "plain-read",
        lambda m, k, v, p: m + k[p] * (v - holographic.unbind(k, m).mean(0)),
        "You wrote with the permuted keys, but read every copy with the plain key.",
        "Read each copy with its own permutation of the key.",
    ),
)

OVERWRITE = Exercise(
    name="overwrite",
    arguments=("memory", "key", "value", "permutations"),
    reference=holographic.overwrite,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[2, 4j], [6j, 8]], dtype=torch.complex128),
            torch.tensor([1, 1j], dtype=torch.complex128),
            torch.tensor([0, 1], dtype=torch.complex128),
            torch.tensor([[0, 1], [1, 0]]),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="The delta rule again: read, take the difference, and write it to every copy.",
)


def check_overwrite(function: Callable[..., Any]) -> Card:
    """Check `overwrite(memory [copies, d], key [d], value [d], permutations [copies, d]) -> [copies, d]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(OVERWRITE, function)
