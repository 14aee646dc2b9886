"""Chapter 14, adaptive computation time: right and wrong answers."""

import torch

from memlib.exercises import ch14
from tests.exercises.answers import Answers
from tests.exercises.answers_ch14_spend import PONDERED, SPEND, spend, zeros


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
        ("times-less", lambda n: 1 / (1 - rows_saved(n))),
        ("one-row-waits", lambda n: 1 - n.sum() / n.max(0).values.sum()),
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


def slope_from_zero(costs, last, penalty):
    found = zeros(costs)
    found[:last] = costs[:last] - costs[last] - penalty
    return found


def slope_to_the_next(costs, last, penalty):
    found = zeros(costs)
    for n in range(last - 1):
        found[n] = costs[n] - costs[n + 1] - penalty
    return found


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
        ("downhill", slope_of(lambda c, end, tau: end + tau - c)),
        ("from-zero", slope_from_zero),
        ("next-step", slope_to_the_next),
        ("penalty-everywhere", lambda c, last, tau: slope(c, last, 0.0) - tau),
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
        ("one-before", lambda h: torch.stack([h[0], *(h[n] * (1 - h[n - 1]) for n in range(1, len(h)))])),
        ("rest-too-late", lambda h: torch.cat([(p := stop_chances(h))[:-1], p[-1:] * (1 - h[-1])])),
        ("divided", lambda h: h / sum(h)),
        ("wrong-values", lambda h: stop_chances(h).flip(0)),
    ),
    stop_chances_in_place,
)

ALL = (SPEND, PONDERED, ROWS_SAVED, SLOPE, STOP_CHANCES)
LIBRARY: dict[str, object] = {}
