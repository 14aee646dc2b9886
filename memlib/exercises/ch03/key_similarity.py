"""Exercise: how alike the keys of a sentence's steps are."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.models import auto_encoder


def _cases() -> list[Case]:
    draw = Draw(331)
    lengths = 0.5 + draw.real(4, 1).abs()
    return [
        Case("two keys", (draw.complex(2, 5),)),
        Case("five keys", (draw.complex(5, 3),)),
        Case("keys of modulus 1", (draw.phases(4, 6),)),
        Case("one key with several lengths", (lengths * draw.phases(6),)),
    ]


def _library(keys: Tensor) -> float:
    return float(auto_encoder.key_similarity(keys[None], torch.ones(1, len(keys), dtype=torch.bool)))


def _unit(keys: Tensor) -> Tensor:
    return keys / torch.linalg.vector_norm(keys, dim=-1, keepdim=True)


def _pairs(products: Tensor) -> Tensor:
    """The entries of a table [time, time] that belong to two different steps."""
    return products[~torch.eye(len(products), dtype=torch.bool)]


def _cosines(keys: Tensor) -> Tensor:
    return (_unit(keys) @ _unit(keys).mH).real


def _less_ones(table: Tensor) -> float:
    """The mean over pairs of a table whose diagonal is taken for ones."""
    steps = len(table)
    return ((table.sum() - steps) / (steps * (steps - 1))).item()


def _gram(keys: Tensor) -> Tensor:
    return (keys @ keys.mH).real


_ONE_LENGTH = (
    "You divided by one number for the whole table. Then the keys still differ in length, and the more steps there "
    "are, the smaller is what comes out: one key for all steps does not give 1.",
    "Each key has a length of its own: `dim=-1, keepdim=True`.",
)
_TRIANGLE_ZEROS = (
    "`triu` puts zeros below the diagonal, and `.mean()` counts them. The sum is that of the pairs, but it is divided "
    "by all T² entries of the table.",
    "Divide the sum by the number of pairs, T(T - 1)/2.",
)
_TRIANGLE_DIAGONAL = (
    "`triu` keeps the diagonal unless it is told otherwise: each key's likeness to itself, a 1, is in your sum.",
    "`torch.triu(table, diagonal=1)` starts beside the diagonal; it holds T(T - 1)/2 pairs.",
)

_MISTAKES = (
    Mistake(
        "diagonal",
        lambda keys: _cosines(keys).mean().item(),
        "You compared each key with itself too. Those are all 1 and lift the mean, the more so in a short sentence.",
        "Leave the diagonal of the table out, and count only what is left.",
    ),
    Mistake(
        "no-conjugate",
        lambda keys: _pairs((_unit(keys) @ _unit(keys).mT).real).mean().item(),
        "The conjugate is missing: a complex key is then not even like itself. The square of i is -1, but i and i are "
        "one key.",
        "`.mH` transposes and conjugates, `.mT` only transposes.",
    ),
    Mistake(
        "absolute",
        lambda keys: _pairs((_unit(keys) @ _unit(keys).mH).abs()).mean().item(),
        "You took the modulus of the inner product, not its real part. Independent keys would then not average to 0, "
        "and a key and its opposite would count as one.",
        "`.real`, not `.abs()`.",
    ),
    Mistake(
        "absolute-real",
        lambda keys: _pairs(_cosines(keys).abs()).mean().item(),
        "You took the absolute value of each cosine. Independent keys would then not average to 0, and a key and its "
        "opposite would count as one.",
        "Keep the sign.",
    ),
    Mistake(
        "not-normalised",
        lambda keys: _pairs((keys @ keys.mH).real).mean().item(),
        "The lengths of the keys are still in it: long keys count more, and one key for all steps does not give 1.",
        "Divide each key by its length first.",
    ),
    Mistake(
        "divided-by-width",
        lambda keys: _pairs((keys @ keys.mH).real).mean().item() / keys.shape[-1],
        "You divided by the width. That is the squared length for keys of modulus 1 only; `bound` lets smaller "
        "ones through.",
        "Divide each key by its own length.",
    ),
    Mistake(
        "normalised-entries",
        lambda keys: _pairs((torch.sgn(keys) @ torch.sgn(keys).mH).real).mean().item() / keys.shape[-1],
        "You brought each entry to modulus 1. It is the key as a whole that should have length 1.",
        "One length for each key: the root of the sum of all squared moduli.",
    ),
    Mistake(
        "neighbours",
        lambda keys: _cosines(keys).diagonal(1).mean().item(),
        "You compared only steps that follow one another.",
        "Every two different steps are a pair.",
    ),
    Mistake(
        "half",
        lambda keys: 0.5 * _library(keys),
        "Half of it: you summed over each pair once, and divided by the number of pairs that are counted twice.",
        "T(T - 1) ordered pairs, or half as many if each counts once.",
    ),
    Mistake(
        "counts-diagonal",
        lambda keys: _library(keys) * (1 - 1 / len(keys)),
        "The sum leaves the diagonal out, but you divided by all T² entries of the table.",
        "How many pairs of different steps are there?",
    ),
    Mistake(
        "sum",
        lambda keys: _library(keys) * len(keys) * (len(keys) - 1),
        "You summed over the pairs; asked for is the mean.",
        "Divide by the number of pairs.",
    ),
    Mistake("norm-of-all", lambda keys: _pairs(_gram(keys / keys.norm())).mean().item(), *_ONE_LENGTH),
    Mistake("norm-of-all", lambda keys: _less_ones(_gram(keys / keys.norm())), *_ONE_LENGTH),
    Mistake("norm-of-all", lambda keys: _pairs(_gram(keys) / _gram(keys).norm()).mean().item(), *_ONE_LENGTH),
    Mistake("norm-of-all", lambda keys: _pairs(_gram(keys) / (keys @ keys.mH).norm()).mean().item(), *_ONE_LENGTH),
    Mistake("norm-of-all", lambda keys: _pairs(_gram(keys) / _gram(keys).abs().max()).mean().item(), *_ONE_LENGTH),
    Mistake(
        "norm-of-columns",
        lambda keys: _pairs(_gram(keys / torch.linalg.vector_norm(keys, dim=0))).mean().item(),
        "You divided each column by its length: the entries at one place of all keys, not the entries of one key.",
        "The steps stand along the first axis. The length of a key is taken over the last, `dim=-1`.",
    ),
    Mistake("triangle-zeros", lambda keys: _cosines(keys).triu(1).mean().item(), *_TRIANGLE_ZEROS),
    Mistake("triangle-diagonal", lambda keys: _cosines(keys).triu().mean().item(), *_TRIANGLE_DIAGONAL),
    Mistake(
        "triangle-diagonal",
        lambda keys: 2 * _cosines(keys).triu().sum().item() / (len(keys) * (len(keys) - 1)),
        *_TRIANGLE_DIAGONAL,
    ),
    Mistake(
        "triangle-diagonal",
        lambda keys: 2 * _cosines(keys).triu().sum().item() / (len(keys) * (len(keys) + 1)),
        *_TRIANGLE_DIAGONAL,
    ),
    Mistake(
        "distance",
        lambda keys: 1 - _library(keys),
        "That is a distance: 0 where all keys are one. A similarity is 1 there.",
        "Leave out the `1 -`.",
    ),
)

KEY_SIMILARITY = Exercise(
    name="similarity",
    check="key_similarity",
    arguments=("keys",),
    reference=_library,
    cases=_cases,
    example=Case("by hand", (torch.tensor([[1, 1j], [1j, 1j], [2, 2j]], dtype=torch.complex128),)),
    mistakes=_MISTAKES,
    lesson="1 says that everything was written under one key; a memory with one key holds one thing.",
    advice="Make the table of all cosines, then ask which of its entries belong to two different steps.",
)


def check_key_similarity(function: Callable[..., Any]) -> Card:
    """Check `similarity(keys [time, d], complex) -> float`, the mean cosine over pairs of different steps.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(KEY_SIMILARITY, function)
