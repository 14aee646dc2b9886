"""Chapter 14, adaptive computation time: right and wrong answers."""

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
        ("wrong-values", lambda h: 2 * pondered(h)),
    ),
)


def rows_saved(steps):
    done = waited = 0
    for column in steps.T:
        done += int(column.sum())
        waited += len(column) * int(column.max())
    return torch.tensor(1 - done / waited, dtype=torch.float64)


def share_of_columns(steps):
    parts = [1 - float(column.sum()) / (len(column) * float(column.max())) for column in steps.T]
    return torch.tensor(sum(parts) / len(parts), dtype=torch.float64)


ROWS_SAVED = Answers(
    ch14.check_rows_saved,
    rows_saved,
    (
        ("share-done", lambda n: 1 - rows_saved(n)),
        ("one-maximum", lambda n: 1 - n.double().mean() / n.max()),
        ("slowest-row", lambda n: 1 - n.double().sum() / (n.shape[0] * n.sum(1).max())),
        ("mean-of-shares", share_of_columns),
        ("rows-saved", lambda n: (n.shape[0] * n.max(0).values.sum() - n.sum()).double()),
        ("turned", lambda n: rows_saved(n.T)),
        ("wrong-values", lambda n: rows_saved(n) + 1),
    ),
)


def slope(costs, last, penalty):
    found = zeros(costs)
    for n in range(last - 1):
        found[n] = costs[n] - costs[last - 1] - penalty
    return found


def slope_in_place(costs, last, penalty):
    costs -= costs[last - 1].clone() + penalty
    costs[last - 1 :] = 0
    return costs


def slope_of(change, steps=None):
    def answer(costs, last, penalty):
        found = zeros(costs)
        for n in range(last - 1 if steps is None else steps(costs, last)):
            found[n] = change(costs[n], costs[last - 1], penalty)
        return found

    return answer


SLOPE = Answers(
    ch14.check_slope,
    slope,
    (
        ("last-forgotten", slope_of(lambda c, end, tau: c - tau)),
        ("penalty-sign", slope_of(lambda c, end, tau: c - end + tau)),
        ("no-penalty", slope_of(lambda c, end, tau: c - end)),
        ("last-too", slope_of(lambda c, end, tau: c - end - tau, lambda costs, last: last)),
        ("all-steps", slope_of(lambda c, end, tau: c - end - tau, lambda costs, last: len(costs))),
        ("upside-down", slope_of(lambda c, end, tau: end - c - tau)),
        ("wrong-values", slope_of(lambda c, end, tau: 2 * (c - end - tau))),
    ),
    slope_in_place,
)


def stop_chances(probabilities):
    chances, reached = zeros(probabilities), 1.0
    for n, stop in enumerate(probabilities):
        chances[n] = reached * stop if n < len(probabilities) - 1 else reached
        reached = reached * (1 - stop)
    return chances


def stop_chances_in_place(probabilities):
    probabilities[-1] = 1
    return stop_chances(probabilities)


def walked(keep):
    def answer(probabilities):
        chances, reached = zeros(probabilities), 1.0
        for n, stop in enumerate(probabilities):
            chances[n] = keep(reached, stop)
            reached = reached * (1 - stop)
        return chances

    return answer


STOP_CHANCES = Answers(
    ch14.check_stop_chances,
    stop_chances,
    (
        ("no-rest", walked(lambda reached, stop: reached * stop)),
        ("reached", walked(lambda reached, stop: reached)),
        ("budget", lambda h: spend(h, 0.01)),
        ("going-on-too-soon", walked(lambda reached, stop: reached * (1 - stop) * stop)),
        (
            "shared-out",
            lambda h: (made := walked(lambda reached, stop: reached * stop)(h)) / made.sum(),
        ),
        ("turned", lambda h: stop_chances(1 - h)),
        ("wrong-values", lambda h: stop_chances(h).flip(0)),
    ),
    stop_chances_in_place,
)

ALL = (SPEND, PONDERED, ROWS_SAVED, SLOPE, STOP_CHANCES)
LIBRARY: dict[str, object] = {}
