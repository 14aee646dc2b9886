"""Exercise: the numerical rank of weights that nobody has trained."""

import math
from collections.abc import Callable
from typing import Any

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake


def _case(name: str, inputs: int, outputs: int) -> Case:
    return Case(name, (inputs, outputs))


def _cases() -> list[Case]:
    return [
        _case("9,216 inputs and 96 outputs", 9216, 96),
        _case("16,384 inputs and 96 outputs", 16384, 96),
        _case("100 inputs and 50 outputs", 100, 50),
        _case("fewer inputs than outputs", 20, 80),
    ]


def _expected(inputs: int, outputs: int) -> float:
    return inputs * outputs / (math.sqrt(inputs) + math.sqrt(outputs)) ** 2


_MISTAKES = (
    Mistake(
        "rank",
        lambda n, m: float(min(n, m)),
        "That is the rank, which random numbers have in full. The numerical rank is less: the directions are not "
        "equally strong.",
        "Divide ‖A‖²_F by the square of the largest singular value.",
    ),
    Mistake(
        "roots-left-out",
        lambda n, m: n * m / (n + m),
        "You added the two numbers under one root. The largest singular value is a sum of two roots, and squaring it "
        "leaves a mixed term.",
        "(√n + √m)² is not n + m.",
    ),
    Mistake(
        "not-squared",
        lambda n, m: n * m / (math.sqrt(n) + math.sqrt(m)),
        "You divided by the largest singular value. It is its square.",
        "Both norms are squared.",
    ),
    Mistake(
        "not-squared",
        lambda n, m: math.sqrt(n * m) / (math.sqrt(n) + math.sqrt(m)),
        "You divided one norm by the other. Each of them is squared.",
        "‖A‖²_F is the number of entries, without a root.",
    ),
    Mistake(
        "not-squared",
        lambda n, m: math.sqrt(n * m) / (math.sqrt(n) + math.sqrt(m)) ** 2,
        "You took ‖A‖_F, the root of the number of entries. It is its square.",
        "Both norms are squared.",
    ),
    Mistake(
        "not-squared",
        lambda n, m: m / (1 + math.sqrt(m / n)),
        "You divided by √n (√n + √m). The square is missing: (1 + √(m/n))², where n is divided out.",
        "Both norms are squared.",
    ),
    Mistake(
        "no-brackets",
        lambda n, m: n * m / math.sqrt(n) + math.sqrt(m),
        "Your division ends at the first root, and the second is added afterwards. The square is missing too.",
        "Put the sum of the roots into brackets, then square it.",
    ),
    Mistake(
        "smallest",
        lambda n, m: n * m / (math.sqrt(n) - math.sqrt(m)) ** 2,
        "You took the difference of the roots: that is the smallest singular value. The result is above the rank, "
        "which cannot be.",
        "The largest one is the sum.",
    ),
    Mistake(
        "frobenius",
        lambda n, m: float(n * m),
        "That is ‖A‖²_F alone.",
        "Divide by the square of the largest singular value.",
    ),
    Mistake(
        "largest",
        lambda n, m: (math.sqrt(n) + math.sqrt(m)) ** 2,
        "That is the square of the largest singular value alone.",
        "It stands below the line; ‖A‖²_F above.",
    ),
    Mistake(
        "upside-down",
        lambda n, m: (math.sqrt(n) + math.sqrt(m)) ** 2 / (n * m),
        "The fraction stands on its head.",
        "The sum of all squares over the largest.",
    ),
)

UNTRAINED_RANK = Exercise(
    name="untrained_rank",
    arguments=("inputs", "outputs"),
    reference=_expected,
    cases=_cases,
    example=_case("by hand", 4, 1),
    mistakes=_MISTAKES,
    lesson="Before training a map from 9,216 numbers to 96 has 79.0 directions, one from 16,384 has 82.8.",
    advice="‖A‖²_F is the number of entries; the largest singular value is √inputs + √outputs.",
)


def check_untrained_rank(function: Callable[..., Any]) -> Card:
    """Check `untrained_rank(inputs, outputs) -> float`, of random entries with mean 0 and variance 1.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(UNTRAINED_RANK, function)
