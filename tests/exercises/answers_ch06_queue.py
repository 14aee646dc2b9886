"""Chapter 6, the free list and the queue that is kept by hand: right and wrong answers."""

import torch

from memlib.exercises import ch06
from tests.exercises.answers import Answers


def offer(usage):
    values = usage.tolist()
    result = []
    for i, u in enumerate(values):
        share = 1 - u
        for j, other in enumerate(values):
            if other < u or (other == u and j < i):
                share *= other
        result.append(share)
    return torch.tensor(result, dtype=torch.float64)


def offer_in_place(usage):
    usage.copy_(offer(usage))
    return usage


def listed(usage, largest_first=False, passed=None):
    """What the slots of the sorted list take."""
    taken, left = [], 1.0
    for u in sorted(usage.tolist(), reverse=largest_first):
        taken.append((1 - u) * left)
        left *= u if passed is None else passed(u)
    return torch.tensor(taken, dtype=torch.float64)


def back(usage, taken, largest_first=False):
    result = torch.zeros_like(usage)
    result[usage.argsort(stable=True, descending=largest_first)] = taken
    return result


def own(usage):
    ordered = usage.sort().values
    return back(usage, (1 - ordered) * ordered.cumprod(0))


def freest_alone(usage):
    result = torch.zeros_like(usage)
    result[usage.argmin()] = 1
    return result


OFFER = Answers(
    ch06.check_offer,
    offer,
    (
        ("left-in-order", listed),
        ("put-back-wrong", lambda u: listed(u)[u.argsort(stable=True)]),
        ("busiest-first", lambda u: back(u, listed(u, True), True)),
        ("not-sorted", lambda u: (1 - u) * torch.cat([torch.ones(1).double(), u[:-1]]).cumprod(0)),
        (
            "all-others",
            lambda u: torch.stack([(1 - u[i]) * u[torch.arange(len(u)) != i].prod() for i in range(len(u))]),
        ),
        ("divided-out", lambda u: back(u, (lambda s: (1 - s) * s.cumprod(0) / s)(u.sort().values))),
        ("own-usage", own),
        ("free-passed-on", lambda u: back(u, listed(u, passed=lambda one: 1 - one))),
        ("nothing-passed-on", lambda u: 1 - u),
        ("shared-out", lambda u: (1 - u) / torch.sum(1 - u)),
        ("one-slot", freest_alone),
        ("dtype", lambda u: offer(u).float()),
        ("wrong-values", lambda u: 2 * offer(u) + 0.1),
    ),
    offer_in_place,
)


def queue(arrives):
    return torch.tensor([0.0, 1, 1, 0, 1, 0] if arrives else [1.0, 0, 1, 0, 0, 1])


def gates(arrives=(0, 1, 1, 0, 1, 0), leaves=(1, 0, 0, 0, 0, 1)):
    return lambda arriving: list(arrives if arriving else leaves)


QUEUE = Answers(
    ch06.check_queue,
    queue,
    (
        ("never-frees", gates(leaves=(0, 0, 0, 0, 0, 1))),
        ("frees-who-waits", gates(arrives=(1, 1, 1, 0, 1, 0))),
        ("frees-the-wrong-one", gates((1, 1, 1, 0, 1, 0), (0, 0, 0, 0, 0, 1))),
        ("writes-nothing-down", gates(arrives=(0, 0, 0, 0, 1, 0))),
        ("writes-when-one-leaves", gates(leaves=(1, 1, 1, 0, 0, 1))),
        ("writes-by-content", gates(arrives=(0, 1, 0, 0, 1, 0))),
        ("walks-on-arrival", gates(arrives=(0, 1, 1, 0, 0, 1))),
        ("stays", gates(leaves=(1, 0, 0, 0, 1, 0))),
        ("walks-back", gates(leaves=(1, 0, 0, 1, 0, 0))),
        ("exception", lambda arrives: [1, 2, 3]),
        ("exception", lambda arrives: "both"),
        ("exception", lambda arrives: [0, 1, 1, 1, 1, 1]),
        ("wrong-values", gates(arrives=(0, 1, 0.5, 0, 1, 0))),
    ),
)
