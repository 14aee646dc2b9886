"""Exercise: read two memories with one key."""

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
    return Case(name, (draw.complex(copies, width), draw.complex(copies, width), key, draw.orders(copies, width)))


def _cases() -> list[Case]:
    return [
        _case("3 copies", 321, 3, 5),
        _case("as many copies as entries", 322, 4, 4),
        _case("more copies than entries", 323, 6, 4),
        _case("a key of any modulus", 324, 3, 5, free=True),
    ]


def _both(reading: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Callable[..., tuple[Tensor, Tensor]]:
    """The same way of reading, from (memory, key, permutations), for both memories."""
    return lambda own, source, key, permutations: (
        reading(own, key, permutations),
        reading(source, key, permutations),
    )


def _chained(own: Tensor, source: Tensor, key: Tensor, permutations: Tensor) -> tuple[Tensor, Tensor]:
    state = holographic.read(own, key, permutations)
    return state, holographic.read(source, state, permutations)


def _turned(memory: Tensor, key: Tensor, permutations: Tensor) -> Tensor:
    """A reading whose key was conjugated before, so that the conjugate of reading turns it back."""
    return holographic.read(memory, key.conj(), permutations)


_reference = _both(holographic.read)

_MISTAKES = (
    Mistake(
        "own-twice",
        lambda o, s, k, p: _reference(o, o, k, p),
        "Both readings come from the sequence's own memory: the first sequence is never looked at.",
        "φ is what `source` holds under the key.",
    ),
    Mistake(
        "source-twice",
        lambda o, s, k, p: _reference(s, s, k, p),
        "Both readings come from the first sequence's memory.",
        "The state is what `own` holds under the key.",
    ),
    Mistake(
        "swapped",
        lambda o, s, k, p: _reference(s, o, k, p),
        "Both readings are right, in the wrong order.",
        "The state comes from `own` and stands first.",
    ),
    Mistake(
        "first-copy",
        _both(lambda m, k, p: holographic.unbind(k[p[0]], m[0])),
        "You read one copy of each memory, the first. The noise is averaged away only over all copies.",
        "Read every copy with its own permuted key, then take the mean.",
    ),
    Mistake(
        "sum",
        _both(lambda m, k, p: len(m) * holographic.read(m, k, p)),
        "You summed over the copies: everything comes out once for each copy.",
        "Average over the copies.",
    ),
    Mistake(
        "added",
        lambda o, s, k, p: holographic.read(o + s, k, p),
        "You added the two memories, or the two readings. Then nothing tells any more what came from which sequence.",
        "Two memories, two results: `return state, phi`.",
    ),
    Mistake(
        "conjugated-twice",
        _both(_turned),
        "The key was conjugated twice, and is itself again: `holographic.read` takes the conjugate on its own, and you "
        "took one before.",
        "Hand the key as it is to `holographic.read`.",
        calls="conj",
    ),
    Mistake(
        "conjugate-source",
        lambda o, s, k, p: (holographic.read(o, k, p), _turned(s, k, p)),
        "The state is right, but φ was read with the key where its conjugate is needed, or with one that was "
        "conjugated twice. One key reads both memories in the same way.",
        "Read `source` exactly as you read `own`.",
    ),
    Mistake(
        "conjugate-own",
        lambda o, s, k, p: (_turned(o, k, p), holographic.read(s, k, p)),
        "φ is right, but the state was read with the key where its conjugate is needed, or with one that was "
        "conjugated twice. One key reads both memories in the same way.",
        "Read `own` exactly as you read `source`.",
    ),
    Mistake(
        "conjugated-memory",
        _both(lambda m, k, p: holographic.read(m.conj(), k, p)),
        "You conjugated the memories as well. Then the turn of the key is not undone, and what was stored comes back "
        "mirrored.",
        "The conjugate belongs to the key alone.",
    ),
    Mistake(
        "conjugated-result",
        _both(lambda m, k, p: holographic.read(m, k, p).conj()),
        "Both results are conjugated: you took the conjugate of the memory (or of the reading), not that of the key.",
        "The key's conjugate times the memory; `torch.vdot` and `.mH` conjugate their first part.",
    ),
    Mistake(
        "no-conjugate",
        _both(lambda m, k, p: (k[p] * m).mean(0)),
        "You bound with the permuted keys where reading needs their conjugates.",
        "The conjugate reads, for both memories.",
    ),
    Mistake(
        "not-permuted",
        _both(lambda m, k, p: holographic.unbind(k, m).mean(0)),
        "The permutations are not used: only the first copy (whose permutation is the identity) is read rightly.",
        "`key[permutations]` has the shape [copies, d]: one permuted key for each copy.",
    ),
    Mistake(
        "no-mean",
        _both(lambda m, k, p: holographic.unbind(k[p], m)),
        "Right for each copy, but you return all the readings. Each memory's answer is one vector.",
        "Average over the copies.",
    ),
    Mistake(
        "chained",
        _chained,
        "You read the first sequence's memory with what the own memory gave. Here one key reads both.",
        "A state is no key: read `source` with `key`.",
    ),
    Mistake(
        "divides",
        _both(lambda m, k, p: (m / k[p]).mean(0)),
        "You divided by the key. For keys of modulus 1 that is the same as the conjugate; for smaller ones it blows "
        "up the noise.",
        "Unbind with the conjugate.",
    ),
)

DUAL_READ = Exercise(
    name="dual_read",
    arguments=("own", "source", "key", "permutations"),
    reference=_reference,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[2, 4j], [6j, 8]], dtype=torch.complex128),
            torch.tensor([[0, 2j], [2j, 4]], dtype=torch.complex128),
            torch.tensor([1, 1j], dtype=torch.complex128),
            torch.tensor([[0, 1], [1, 0]]),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="One key asks both memories; what the first sequence wrote is reached in one step, however long it was.",
    results=("state", "phi"),
)


def check_dual_read(function: Callable[..., Any]) -> Card:
    """Check `dual_read(own [copies, d], source [copies, d], key [d], permutations [copies, d]) -> (state, phi)`.

    Both results are complex vectors [d].

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(DUAL_READ, function)
