"""Chapter 10, the corrections of the delta rule: a right answer as a loop, and wrong ones."""

import torch

from memlib.exercises import ch10
from tests.exercises.answers import Answers


def corrections(keys, values, strengths):
    rows = []
    for t in range(len(keys)):
        known = sum(((keys[i] @ keys[t]) * rows[i] for i in range(t)), torch.zeros_like(values[t]))
        rows.append(strengths[t] * (values[t] - known))
    return torch.stack(rows)


def corrections_in_place(keys, values, strengths):
    for t in range(len(keys)):
        values[t] -= sum((keys[i] @ keys[t]) * values[i] for i in range(t))
        values[t] *= strengths[t]
    return values


def system(make, right=lambda values, strengths: strengths[:, None] * values):
    """Solve (I + make(K Kᵀ, β)) U = right(V, β)."""

    def answer(keys, values, strengths):
        left = torch.eye(len(keys), dtype=keys.dtype) + make(keys @ keys.T, strengths)
        return torch.linalg.inv(left) @ right(values, strengths)

    return answer


def without_identity(keys, values, strengths):
    left = torch.tril(torch.diag(strengths) @ keys @ keys.T)
    return torch.linalg.solve_triangular(left, torch.diag(strengths) @ values, upper=False)


def left_side(keys, strengths):
    """I + L."""
    return torch.eye(len(keys), dtype=keys.dtype) + torch.tril(strengths[:, None] * (keys @ keys.T), -1)


def strengths_on_the_diagonal(keys, values, strengths):
    left = left_side(keys, strengths)
    left.diagonal().copy_(strengths)
    return torch.linalg.solve_triangular(left, strengths[:, None] * values, upper=False)


def one_product(inner):
    def answer(keys, values, strengths):
        below = torch.tril(keys @ keys.T, -1)
        return strengths[:, None] * (values - below @ inner(values, strengths))

    return answer


CORRECTIONS = Answers(
    ch10.check_corrections,
    corrections,
    (
        ("hebbian", lambda k, v, b: torch.diag(b) @ v),
        ("diagonal-kept", system(lambda o, b: (b[:, None] * o).tril())),
        ("no-identity", without_identity),
        ("upper-triangle", system(lambda o, b: (b[:, None] * o).triu(1))),
        ("all-steps", system(lambda o, b: b[:, None] * (o - o.diag().diag()))),
        ("strength-on-columns", system(lambda o, b: (o @ torch.diag(b)).tril(-1))),
        ("strength-not-on-values", system(lambda o, b: (b[:, None] * o).tril(-1), lambda v, b: v)),
        ("strength-not-in-system", system(lambda o, b: o.tril(-1))),
        ("no-strength", system(lambda o, b: o.tril(-1), lambda v, b: v)),
        ("hebbian", lambda k, v, b: torch.linalg.solve_triangular(left_side(k, b), torch.diag(b) @ v, upper=True)),
        ("no-strength", strengths_on_the_diagonal),
        ("strength-afterwards", lambda k, v, b: b[:, None] * corrections(k, v, torch.ones_like(b))),
        ("strength-afterwards", lambda k, v, b: b[:, None] * torch.linalg.solve(left_side(k, b), v)),
        ("strength-root", system(lambda o, b: (torch.outer(b, b).sqrt() * o).tril(-1))),
        (
            "strength-root",
            lambda k, v, b: corrections((b**0.5)[:, None] * k, (b**0.5)[:, None] * v, torch.ones_like(b)),
        ),
        ("strength-both-sides", system(lambda o, b: (torch.outer(b, b) * o).tril(-1))),
        ("strength-left-out", lambda k, v, b: torch.diag(1 / b) @ corrections(k, v, b)),
        ("multiplied", lambda k, v, b: left_side(k, b) @ (b[:, None] * v)),
        ("sign", system(lambda o, b: -(b[:, None] * o).tril(-1))),
        ("values-for-corrections", one_product(lambda v, b: v)),
        ("first-order", one_product(lambda v, b: b[:, None] * v)),
        ("memory", lambda k, v, b: k.T @ corrections(k, v, b)),
        ("shape", lambda k, v, b: corrections(k, v, b).sum(0)),
        ("wrong-values", lambda k, v, b: corrections(k, v, b**2)),
        ("exception", lambda k, v, b: torch.linalg.solve_triangular(k @ k.T, b * v, upper=False)),
    ),
    corrections_in_place,
)
