"""Exercise: how many programs there are to choose from."""

from collections.abc import Callable
from math import prod
from typing import Any

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake


def _cases() -> list[Case]:
    return [
        Case("two steps", (3, 2, 4)),
        Case("three steps", (3, 3, 4)),
        Case("one step", (5, 1, 2)),
        Case("four steps on two inputs", (2, 4, 3)),
    ]


def _count(inputs: int, steps: int, operations: int) -> int:
    return prod(operations * (inputs + t) ** 2 for t in range(steps))


_MISTAKES = (
    Mistake(
        "no-results",
        lambda n, t, o: (o * n**2) ** t,
        "Every step chooses among the inputs alone. Results of earlier steps are operands too.",
        "How many places are there at the third step?",
    ),
    Mistake(
        "one-operand",
        lambda n, t, o: prod(o * (n + i) for i in range(t)),
        "A step has two operands, and each is chosen by itself.",
        "The number of places counts twice.",
    ),
    Mistake(
        "added",
        lambda n, t, o: sum(o * (n + i) ** 2 for i in range(t)),
        "You added the choices of the steps. Each choice of one step goes with each of the next.",
        "Multiply over the steps.",
    ),
    Mistake(
        "sees-itself",
        lambda n, t, o: prod(o * (n + i + 1) ** 2 for i in range(t)),
        "A step cannot use its own result: it is not there yet.",
        "At the first step there are the inputs alone.",
    ),
    Mistake(
        "all-at-once",
        lambda n, t, o: (o * (n + t - 1) ** 2) ** t,
        "You let every step see the results of all steps. The first one sees none.",
        "At step t, counted from 1, there are inputs + t - 1 places.",
    ),
    Mistake(
        "two-places",
        lambda n, t, o: prod(o * (n + i) * (n + i - 1) for i in range(t)),
        "You gave a step two different operands. It may take the same place twice, as in a + a.",
        "Each of the two operands is chosen among all places.",
    ),
    Mistake(
        "no-order",
        lambda n, t, o: prod(o * (n + i) * (n + i + 1) // 2 for i in range(t)),
        "You let the order of the operands not matter. A step has a left and a right one, and a - b is not b - a.",
        "Each of the two operands is chosen among all places.",
    ),
    Mistake(
        "one-operation",
        lambda n, t, o: o * prod((n + i) ** 2 for i in range(t)),
        "You chose the operation once, for all steps. Each step chooses its own.",
        "The operations count at every step.",
    ),
    Mistake(
        "last-step",
        lambda n, t, o: o * (n + t - 1) ** 2,
        "Those are the choices of the last step alone.",
        "Multiply over the steps.",
    ),
)

COUNT_PROGRAMS = Exercise(
    name="count_programs",
    arguments=("inputs", "steps", "operations"),
    reference=_count,
    cases=_cases,
    example=Case("by hand", (2, 1, 3)),
    mistakes=_MISTAKES,
    lesson="Two steps more are many thousand times as many programs; the soft program weighs all of them at once.",
    advice="Count the choices of one step, operation, left and right; then multiply over the steps.",
)


def check_count_programs(function: Callable[..., Any]) -> Card:
    """Check `count_programs(inputs, steps, operations) -> int`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(COUNT_PROGRAMS, function)
