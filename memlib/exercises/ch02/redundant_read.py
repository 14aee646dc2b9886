"""Exercise: read a redundant memory."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import holographic


def _case(name: str, seed: int, copies: int, width: int) -> Case:
    draw = Draw(seed)
    return Case(name, (draw.complex(copies, width), draw.complex(width), draw.orders(copies, width)))


def _cases() -> list[Case]:
    return [
        _case("3 copies", 231, 3, 5),
        _case("as many copies as entries", 232, 4, 4),
        _case("more copies than entries", 233, 6, 4),
        _case("a single copy", 234, 1, 5),
    ]


def _turned(memory: Tensor, key: Tensor, permutations: Tensor) -> Tensor:
    """What each copy gives, before the mean."""
    return torch.stack([holographic.unbind(key[p], m) for p, m in zip(permutations, memory, strict=True)])


_MISTAKES = (
    Mistake(
        "sum",
        lambda m, k, p: holographic.read(m, k, p) * len(m),
        "You summed over the copies: the value comes out once for each copy. The noise is not smaller against it, but "
        "the result is too large.",
        "Average: every copy holds the whole value.",
    ),
    Mistake(
        "permutes-memory",
        lambda m, k, p: (k.conj() * m.gather(-1, p)).mean(0),
        "You permuted the memory. The write permuted the key, so it is the key that must be permuted again.",
        "Index the key with each copy's permutation; leave the copies as they are.",
    ),
    Mistake(
        "permutes-reading",
        lambda m, k, p: _turned(m, k, p).gather(-1, p.argsort(-1)).mean(0),
        "You put the entries of each copy, or of its reading, back in order. The value was never permuted; nothing "
        "needs to be put back.",
        "Read each copy with its permuted key, and take the mean as it is.",
    ),
    Mistake(
        "permutes-reading",
        lambda m, k, p: _turned(m, k, p).gather(-1, p).mean(0),
        "You permuted each reading. The value was never permuted; it stands in its own order in every copy.",
        "Read each copy with its permuted key, and take the mean as it is.",
    ),
    Mistake(
        "divides",
        lambda m, k, p: (m / k[p]).mean(0),
        "You divided by the key. For keys of modulus 1 that is the same as the conjugate; for others it is not: an "
        "entry with a small modulus would be blown up, noise and all.",
        "Unbind with the conjugate, as in the first exercise of this chapter.",
    ),
    Mistake(
        "inverse-permutation",
        lambda m, k, p: holographic.read(m, k, p.argsort(-1)),
        "You used the inverse permutations. The read repeats what the write did to the key; only the angle is turned "
        "back, by the conjugate.",
        "Index the key with `permutations` as they come.",
    ),
    Mistake(
        "not-permuted",
        lambda m, k, p: holographic.unbind(k, m).mean(0),
        "The permutations are not used: only the first copy (whose permutation is the identity) is read rightly, the "
        "others give noise.",
        "Each copy has its own permutation of the key: `key[permutations]` has the shape [copies, d].",
    ),
    Mistake(
        "first-copy",
        lambda m, k, p: holographic.unbind(k[p[0]], m[0]),
        "You read the first copy alone. It holds the value, but the noise is averaged away only over all copies.",
        "Read each copy, then take the mean.",
    ),
    Mistake(
        "no-conjugate",
        lambda m, k, p: holographic.bind(k[p], m).mean(0),
        "You bound with the permuted keys where unbinding needs their conjugates.",
        "Unbind, as in the first exercise of this chapter.",
    ),
    Mistake(
        "no-mean",
        lambda m, k, p: holographic.unbind(k[p], m),
        "Right for each copy, but you return all the readings. The memory's answer is one vector.",
        "Average over the copies.",
    ),
    Mistake(
        "wrong-axis",
        lambda m, k, p: holographic.unbind(k[p], m).mean(-1),
        "You averaged over the entries of each copy instead of over the copies.",
        "The result keeps the width d: average away the axis of the copies, -2.",
    ),
    Mistake(
        "conjugated-memory",
        lambda m, k, p: (k[p] * m.conj()).mean(0),
        "You conjugated the memory instead of the key.",
        "Only the key turns back.",
    ),
    Mistake(
        "one-permutation",
        lambda m, k, p: holographic.unbind(k[p[-1]], m).mean(0),
        "You used the last permutation for every copy.",
        "Copy s goes with row s of `permutations`.",
    ),
    Mistake(
        "real-part",
        lambda m, k, p: holographic.read(m, k, p).real,
        "You kept only the real part. Values are complex: half of each entry is lost.",
        "Return the complex mean as it is.",
    ),
)

REDUNDANT_READ = Exercise(
    name="read",
    check="redundant_read",
    arguments=("memory", "key", "permutations"),
    reference=holographic.read,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[2, 4j], [6j, 8]], dtype=torch.complex128),
            torch.tensor([1, 1j], dtype=torch.complex128),
            torch.tensor([[0, 1], [1, 0]]),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="Every copy holds the value under another key; the mean keeps the value and thins the noise.",
)


def check_redundant_read(function: Callable[..., Any]) -> Card:
    """Check `read(memory [copies, d], key [d], permutations [copies, d]) -> [d]`, complex but for the indices.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(REDUNDANT_READ, function)
