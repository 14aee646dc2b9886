"""Exercise: from where to where one can get, in any number of steps."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake


def _ring(places: int) -> Tensor:
    return torch.eye(places).double().roll(1, 1)


def _random(places: int, edges: int, seed: int) -> Tensor:
    source = torch.Generator().manual_seed(seed)
    leads = torch.zeros(places, places).double()
    chosen = torch.randperm(places * places, generator=source)[:edges]
    leads.view(-1)[chosen] = 1
    return leads.fill_diagonal_(0)


def _cases() -> list[Case]:
    path = _ring(6)
    path[-1] = 0
    two = torch.block_diag(_ring(2), _ring(3))
    return [
        Case("five places, not all of them connected", (_random(5, 6, 1244),)),
        Case("a ring of four", (_ring(4),)),
        Case("a one-way street through six places", (path,)),
        Case("two islands", (two,)),
        Case("eight places with many connections", (_random(8, 30, 1242),)),
        Case("a ring of twenty", (_ring(20),)),
        Case("two islands with rings of twelve and thirteen", (torch.block_diag(_ring(12), _ring(13)),)),
    ]


def _search(leads: Tensor) -> Tensor:
    """Walk from each place until nothing new is found."""
    found, rows = torch.zeros_like(leads), leads.tolist()
    for start in range(len(leads)):
        seen, waiting = {start}, [start]
        while waiting:
            here = waiting.pop()
            new = {j for j in range(len(leads)) if rows[here][j] > 0} - seen
            seen |= new
            waiting += new
        found[start, sorted(seen)] = 1
    return found


def _one(leads: Tensor) -> Tensor:
    return torch.eye(len(leads), dtype=leads.dtype)


def _sign(counts: Tensor) -> Tensor:
    return (counts > 0).to(counts.dtype)


def _squared(paths: Tensor) -> Tensor:
    for _ in range(len(paths)):
        paths = _sign(paths @ paths)
    return paths


def _never_put_back(leads: Tensor) -> Tensor:
    counts = leads + _one(leads)
    for _ in range(len(leads)):
        counts = counts @ counts
    return _sign(counts)


def _power(paths: Tensor, exponent: int) -> Tensor:
    result = _one(paths)
    for _ in range(exponent):
        result = _sign(result @ paths)
    return result


_MISTAKES = (
    Mistake(
        "no-identity",
        _squared,
        "Your table says where one can be after exactly so many steps. In a ring of four, after any number of steps "
        "one is in one place only.",
        "Let the walker stay: add the identity before you multiply.",
    ),
    Mistake(
        "exactly-n-steps",
        lambda a: _power(a, len(a)),
        "Your table says where one can be after exactly n steps, not within n.",
        "Let the walker stay: add the identity before you multiply.",
    ),
    Mistake(
        "staying-too-late",
        lambda a: _sign(_squared(a) + _one(a)),
        "You let the walker stay at the very end only: here, or exactly so many steps away. What takes fewer is "
        "missing.",
        "Add the identity before you multiply.",
    ),
    Mistake(
        "at-least-one-step",
        lambda a: _sign(a @ _search(a)),
        "Your walker must take a step, so a place from which no way leads back cannot be reached from itself. No step "
        "at all counts too.",
        "Begin with the identity.",
    ),
    Mistake(
        "overflow",
        _never_put_back,
        "Right where the numbers of ways stay small. In large cities they become infinite, and infinity times 0 is "
        "NaN.",
        "Put the entries back to 0 and 1 after each product, not at the end.",
    ),
    Mistake(
        "one-step",
        lambda a: _sign(a + _one(a)),
        "That is one step. Ways may be longer.",
        "Multiply the table with itself: two steps, then four, then eight.",
    ),
    Mistake(
        "two-steps",
        lambda a: _power(a + _one(a), 2),
        "That is two steps at most. With n places a way may need n - 1.",
        "Go on multiplying.",
    ),
    Mistake(
        "counts",
        lambda a: torch.linalg.matrix_power(a + _one(a), len(a)),
        "Those are numbers of ways. Asked for is whether there is one: 0 or 1.",
        "Compare with 0, and do it after each product: the numbers of ways overflow.",
    ),
    Mistake(
        "turned",
        lambda a: _search(a.mT),
        "The table is turned: entry (i, j) must say whether j can be reached from i.",
        "Connections are one-way. Rows are where one starts.",
    ),
    Mistake(
        "two-way",
        lambda a: _search(a + a.mT),
        "You walk against the one-way streets.",
        "Do not add the transpose.",
    ),
    Mistake(
        "without-staying",
        lambda a: _search(a) * (1 - _one(a)),
        "The diagonal is 0. Each place can be reached from itself: by staying.",
        "The identity belongs in.",
    ),
)

REACHABLE = Exercise(
    name="reachable",
    arguments=("leads",),
    reference=_search,
    cases=_cases,
    example=Case("by hand", (torch.tensor([[0, 1, 0], [0, 0, 1], [0, 0, 0]]).double(),)),
    mistakes=_MISTAKES,
    lesson="Within n steps is a power of I + A; exactly n steps is a power of A, and the paper's test asks for that.",
    advice="Within one step: I + A. Within two: its square. How often must it be squared for n places?",
)


def check_reachable(function: Callable[..., Any]) -> Card:
    """Check `reachable(leads [n, n]) -> [n, n]`, 1 where the second place can be reached from the first, else 0.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(REACHABLE, function)
