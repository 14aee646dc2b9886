"""Chapter 14, spending the budget and the bill: right and wrong answers."""

import torch

from memlib.exercises import ch14
from tests.exercises.answers import Answers


def zeros(like):
    return torch.zeros_like(like, dtype=torch.float64)


def spend(probabilities, epsilon):
    weights, left = zeros(probabilities), 1.0
    for n, h in enumerate(probabilities):
        if left - h <= epsilon or n == len(probabilities) - 1:
            weights[n] = left
            return weights
        weights[n] = h
        left = left - h
    return weights


def spend_in_place(probabilities, epsilon):
    total = 0.0
    for n, h in enumerate(probabilities.clone()):
        if total + h >= 1 - epsilon or n == len(probabilities) - 1:
            probabilities[n] = 1 - total
            probabilities[n + 1 :] = 0
            return probabilities
        total += h
    return probabilities


def last_of(probabilities, epsilon=0.01):
    return min(int((probabilities.cumsum(0) < 1 - epsilon).sum()) + 1, len(probabilities))


def spend_own(probabilities, epsilon):
    weights = probabilities.clone()
    weights[last_of(probabilities, epsilon) :] = 0
    return weights


def spend_late(probabilities, epsilon):
    weights, total = zeros(probabilities), 0.0
    for n, h in enumerate(probabilities):
        if total >= 1 - epsilon or n == len(probabilities) - 1:
            weights[n] = 1 - total
            return weights
        weights[n] = h
        total += h
    return weights


def spend_on(probabilities, epsilon):
    weights, left = zeros(probabilities), torch.tensor(1.0).double()
    for n, h in enumerate(probabilities):
        weights[n] = torch.minimum(h, left)
        left = left - weights[n]
    return weights


def spend_unless_ready(probabilities, epsilon):
    weights, left = zeros(probabilities), 1.0
    for n, h in enumerate(probabilities):
        if left - h <= epsilon:
            weights[n] = left
            return weights
        weights[n] = h
        left = left - h
    return weights


def spend_less(probabilities, epsilon):
    weights, left = zeros(probabilities), 1 - epsilon
    for n, h in enumerate(probabilities):
        if left - h <= 0 or n == len(probabilities) - 1:
            weights[n] = left
            return weights
        weights[n] = h
        left = left - h
    return weights


SPEND = Answers(
    ch14.check_spend,
    spend,
    (
        ("no-remainder", spend_own),
        ("shared-out", lambda h, e: spend_own(h, e) / spend_own(h, e).sum()),
        ("no-epsilon", lambda h, e: spend(h, 0.0)),
        ("one-late", spend_late),
        ("remainder-after", spend_on),
        ("softmax", lambda h, e: torch.softmax(h, 0)),
        ("never-ready", spend_unless_ready),
        ("epsilon-kept", spend_less),
        ("to-the-end", lambda h, e: torch.cat([h[:-1], 1 - h[:-1].sum(0, keepdim=True)])),
        (
            "chances",
            lambda h, e: torch.stack([*(h[n] * (1 - h[:n]).prod() for n in range(len(h) - 1)), (1 - h[:-1]).prod()]),
        ),
        ("wrong-values", lambda h, e: spend(h, e).flip(0)),
    ),
    spend_in_place,
)


def halted(row):
    last = last_of(row)
    return last, 1 - row[: last - 1].sum()


def pondered(probabilities):
    return sum(sum(halted(row)) for row in probabilities)


def average(probabilities):
    rows = [spend(row, 0.01) for row in probabilities]
    return sum((n + 1) * p for row in rows for n, p in enumerate(row))


def pondered_otherwise(epsilon=0.01, clamped=True, after=0):
    def answer(probabilities):
        total = 0.0
        for row in probabilities:
            last = int((row.cumsum(0) < 1 - epsilon).sum()) + 1
            last = min(last, len(row)) if clamped else last
            total = total + last + 1 - row[: last - 1 + after].sum()
        return total

    return answer


PONDERED = Answers(
    ch14.check_pondered,
    pondered,
    (
        ("steps-only", lambda h: torch.tensor(float(sum(last_of(row) for row in h)), dtype=torch.float64)),
        ("remainder-only", lambda h: sum(halted(row)[1] for row in h)),
        ("average-step", average),
        ("mean", lambda h: pondered(h) / h.shape[0]),
        ("from-zero", lambda h: sum(halted(row)[0] - 1 + halted(row)[1] for row in h)),
        ("own-number", lambda h: sum(last_of(row) + row[last_of(row) - 1] for row in h)),
        ("no-epsilon", pondered_otherwise(epsilon=0.0)),
        ("past-the-end", pondered_otherwise(clamped=False)),
        ("left-after", pondered_otherwise(after=1)),
        ("wrong-values", lambda h: 2 * pondered(h)),
    ),
)
