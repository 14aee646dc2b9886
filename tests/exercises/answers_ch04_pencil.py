"""Chapter 4, the exercises with pencil and paper: right and wrong answers."""

import math

import torch

from memlib.exercises import ch04
from tests.exercises.answers import Answers


def matrix(entries):
    """From (c, s), cosine and sine of (length + 1) times the angle, to a matrix."""

    def answer(length, angle):
        turn = (length + 1) * angle
        return torch.tensor(entries(math.cos(turn), math.sin(turn)), dtype=torch.float64)

    return answer


reversal_matrix = matrix(lambda c, s: [[c, s], [s, -c]])

REVERSAL_MATRIX = Answers(
    ch04.check_reversal_matrix,
    reversal_matrix,
    (
        ("counted-from-0", lambda n, a: reversal_matrix(n - 2, a)),
        ("off-by-one", lambda n, a: reversal_matrix(n - 1, a)),
        ("rotation", matrix(lambda c, s: [[c, -s], [s, c]])),
        ("rotation", matrix(lambda c, s: [[c, s], [-s, c]])),
        ("sign", matrix(lambda c, s: [[c, -s], [-s, -c]])),
        ("minus-lost", matrix(lambda c, s: [[c, s], [s, c]])),
        ("swapped-rows", matrix(lambda c, s: [[s, -c], [c, s]])),
        ("mirrored", matrix(lambda c, s: [[-c, -s], [-s, c]])),
        ("no-angle", lambda n, a: reversal_matrix(n, 1.0)),
        ("degrees", lambda n, a: reversal_matrix(n, a * math.pi / 180)),
        ("identity", lambda n, a: torch.tensor([[1.0, 0.0], [0.0, 1.0]]).double()),
        ("dtype", lambda n, a: reversal_matrix(n, a).float()),
        ("shape", lambda n, a: reversal_matrix(n, a)[0]),
        ("type", lambda n, a: reversal_matrix(n, a).tolist()),
        ("wrong-values", lambda n, a: 3 * reversal_matrix(n, a)),
    ),
)


def temperature_for(gap, n, share):
    return -gap / (math.log(1 / share - 1) - math.log(n - 1))


TEMPERATURE_FOR = Answers(
    ch04.check_temperature_for,
    temperature_for,
    (
        ("reciprocal", lambda gap, n, share: 1 / temperature_for(gap, n, share)),
        ("two-places", lambda gap, n, share: gap / math.log(share / (1 - share))),
        ("n-others", lambda gap, n, share: temperature_for(gap, n + 1, share)),
        ("divided-by-others", lambda gap, n, share: gap / (math.log(share / (1 - share)) - math.log(n - 1))),
        ("odds-turned", lambda gap, n, share: temperature_for(gap, n, 1 - share)),
        ("no-odds", lambda gap, n, share: gap / math.log((n - 1) * share)),
        ("binary-logarithm", lambda gap, n, share: temperature_for(gap, n, share) * math.log(2)),
        ("multiplied", lambda gap, n, share: gap * math.log((n - 1) * share / (1 - share))),
        ("no-logarithm", lambda gap, n, share: gap * (1 - share) / share / (n - 1)),
        ("negative", lambda gap, n, share: -temperature_for(gap, n, share)),
        ("type", lambda gap, n, share: torch.tensor(temperature_for(gap, n, share))),
        ("wrong-value", lambda gap, n, share: gap),
    ),
)
