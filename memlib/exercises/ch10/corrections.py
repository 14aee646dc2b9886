"""Exercise: the corrections of all delta-rule writes, from one triangular system."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import associative


def _case(name: str, seed: int, *, steps: int, key: int, value: int) -> Case:
    draw = Draw(seed)
    return Case(name, (draw.real(steps, key), draw.real(steps, value), draw.fraction(steps)))


def _cases() -> list[Case]:
    return [
        _case("three writes", 1031, steps=3, key=4, value=2),
        _case("eight writes with narrow keys", 1032, steps=8, key=3, value=2),
        _case("as many writes as entries", 1033, steps=4, key=4, value=4),
        _case("one write", 1034, steps=1, key=3, value=2),
    ]


def _one_by_one(keys: Tensor, values: Tensor, strengths: Tensor) -> Tensor:
    """What each delta write adds under its key, from the memory as it stands."""
    memory, written = torch.zeros(keys.shape[-1], values.shape[-1], dtype=keys.dtype), []
    for key, value, strength in zip(keys, values, strengths, strict=True):
        written.append(strength * (value - associative.recall(memory, key)))
        memory = associative.delta_write(memory, key, value, strength.reshape(1))
    return torch.stack(written)


def _solved(system: Tensor, wanted: Tensor) -> Tensor:
    return torch.linalg.solve(system, wanted)


def _one(keys: Tensor) -> Tensor:
    return torch.eye(len(keys), dtype=keys.dtype)


def _overlaps(keys: Tensor) -> Tensor:
    return keys @ keys.mT


def _rows(strengths: Tensor) -> Tensor:
    return strengths[:, None]


def _root(strengths: Tensor) -> Tensor:
    return strengths[:, None].sqrt()


_MISTAKES = (
    Mistake(
        "hebbian",
        lambda k, v, b: _rows(b) * v,
        "Those are the right-hand sides, β v: nothing is taken away for what the memory recalls already. Or you solved "
        "with upper=True: then torch looks only at the diagonal and above it, and L stands below.",
        "A correction is what is missing at that step. Solve the system for it, with upper=False.",
    ),
    Mistake(
        "diagonal-kept",
        lambda k, v, b: _solved(_one(k) + (_rows(b) * _overlaps(k)).tril(), _rows(b) * v),
        "The diagonal is in your L: each write reads itself before it is written.",
        "Only what was written before counts, i < t: `tril(-1)`.",
    ),
    Mistake(
        "no-identity",
        lambda k, v, b: _solved((_rows(b) * _overlaps(k)).tril(), _rows(b) * v),
        "The identity is missing: you solved L U = B V, with the diagonal of the products in place of the 1s.",
        "The correction itself stands on the left side too: it is the I of I + L.",
    ),
    Mistake(
        "upper-triangle",
        lambda k, v, b: _solved(_one(k) + (_rows(b) * _overlaps(k)).triu(1), _rows(b) * v),
        "You kept the upper triangle: each write is corrected by those that come after it.",
        "Row t holds the products with earlier keys; they stand left of the diagonal.",
    ),
    Mistake(
        "all-steps",
        lambda k, v, b: _solved(_one(k) + (_rows(b) * _overlaps(k)).fill_diagonal_(0), _rows(b) * v),
        "Both triangles are in your system: each write is corrected by earlier and by later ones.",
        "Later writes are not there yet: keep what stands below the diagonal.",
    ),
    Mistake(
        "strength-on-columns",
        lambda k, v, b: _solved(_one(k) + (_overlaps(k) * b).tril(-1), _rows(b) * v),
        "The strengths multiply the columns of K Kᵀ, so that each write is corrected with the strength of the earlier "
        "one. It is the strength of the write that is being made.",
        "B stands on the left of K Kᵀ: it scales rows, `strengths[:, None] * ...`.",
    ),
    Mistake(
        "strength-not-on-values",
        lambda k, v, b: _solved(_one(k) + (_rows(b) * _overlaps(k)).tril(-1), v),
        "The strengths are in L, but not on the right side: β multiplies the whole difference, the value too.",
        "The right side is B V.",
    ),
    Mistake(
        "strength-not-in-system",
        lambda k, v, b: _solved(_one(k) + _overlaps(k).tril(-1), _rows(b) * v),
        "The strengths are on the right side, but not in L: β multiplies the whole difference, what is recalled too.",
        "L is the lower part of B K Kᵀ.",
    ),
    Mistake(
        "no-strength",
        lambda k, v, b: _one_by_one(k, v, torch.ones_like(b)),
        "The strengths are not used: each write would replace fully. Or B stands on the diagonal, where I belongs, and "
        "cancels.",
        "β_t multiplies row t of K Kᵀ and of V; the diagonal of the system stays 1.",
    ),
    Mistake(
        "strength-afterwards",
        lambda k, v, b: _rows(b) * _one_by_one(k, v, torch.ones_like(b)),
        "You solved without the strengths and multiplied by them afterwards. But a weak write leaves more for the "
        "later ones to correct.",
        "The strengths belong into the system: on the rows of K Kᵀ and of V.",
    ),
    Mistake(
        "strength-afterwards",
        lambda k, v, b: _rows(b) * _solved(_one(k) + (_rows(b) * _overlaps(k)).tril(-1), v),
        "The strengths are in L, but on the right side they came too late: you multiplied the solution by them, not V.",
        "(I + L) U = B V: scale the rows of V first, then solve.",
    ),
    Mistake(
        "strength-root",
        lambda k, v, b: _solved(_one(k) + (_root(b) * _overlaps(k) * _root(b).mT).tril(-1), _rows(b) * v),
        "You put the root of the strength on the rows and on the columns of K Kᵀ. That makes it symmetric, but each "
        "write is then corrected with the strength of the earlier one too.",
        "B stands on the left of K Kᵀ, whole: it scales rows.",
    ),
    Mistake(
        "strength-root",
        lambda k, v, b: _solved(_one(k) + (_root(b) * _overlaps(k) * _root(b).mT).tril(-1), _root(b) * v),
        "You scaled keys and values by the root of the strength. What comes out are corrections under those shorter "
        "keys; under the keys themselves they need the root once more.",
        "Or scale rows only: B K Kᵀ on the left, B V on the right.",
    ),
    Mistake(
        "strength-both-sides",
        lambda k, v, b: _solved(_one(k) + (_rows(b) * _overlaps(k) * b).tril(-1), _rows(b) * v),
        "The strengths scale the rows of K Kᵀ and its columns as well. An earlier strength is in u_i already.",
        "B stands on the left of K Kᵀ only: it scales rows.",
    ),
    Mistake(
        "strength-left-out",
        lambda k, v, b: _one_by_one(k, v, b) / _rows(b),
        "Those are the errors before each write. A correction is β times the error: what is really written.",
        "β_t multiplies the whole difference.",
    ),
    Mistake(
        "multiplied",
        lambda k, v, b: (_one(k) + (_rows(b) * _overlaps(k)).tril(-1)) @ (_rows(b) * v),
        "You multiplied by I + L. U is unknown, so the system must be solved for it.",
        "`torch.linalg.solve_triangular` goes the other way.",
    ),
    Mistake(
        "sign",
        lambda k, v, b: _solved(_one(k) - (_rows(b) * _overlaps(k)).tril(-1), _rows(b) * v),
        "The sign of L is turned. What is recalled is taken away; brought to the left side it is added.",
        "I + L.",
    ),
    Mistake(
        "values-for-corrections",
        lambda k, v, b: _rows(b) * (v - _overlaps(k).tril(-1) @ v),
        "You took away what a Hebbian memory of the values would recall. The memory holds corrections, not values.",
        "u stands on both sides of the equation, so it must be solved, not computed in one product.",
    ),
    Mistake(
        "first-order",
        lambda k, v, b: _rows(b) * (v - _overlaps(k).tril(-1) @ (_rows(b) * v)),
        "You put β v for the corrections on the right side. That is the first step of an iteration; it is exact for "
        "two writes only.",
        "u stands on both sides of the equation, so it must be solved, not computed in one product.",
    ),
    Mistake(
        "memory",
        lambda k, v, b: k.mT @ _one_by_one(k, v, b),
        "That is the memory after all writes. Asked for are the corrections, one row a write.",
        "Stop one product earlier.",
    ),
)

CORRECTIONS = Exercise(
    name="corrections",
    arguments=("keys", "values", "strengths"),
    reference=_one_by_one,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[1.0, 0.0], [1.0, 1.0]]).double(),
            torch.tensor([[4.0], [8.0]]).double(),
            torch.tensor([0.5, 0.25]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="Once the corrections are known, overwriting is adding: the delta rule becomes attention over them.",
    advice="Write the second correction down by hand: u_2 = β_2 (v_2 - (k_1 · k_2) u_1).",
)


def check_corrections(function: Callable[..., Any]) -> Card:
    """Check `corrections(keys [T, dk], values [T, dv], strengths [T]) -> [T, dv]`, starting from an empty memory.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(CORRECTIONS, function)
