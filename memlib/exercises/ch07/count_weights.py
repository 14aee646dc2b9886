"""Exercise: how many weights a memory network has, tied in two ways."""

from collections.abc import Callable
from typing import Any

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake


def _case(name: str, *given: Any) -> Case:
    return Case(name, given)


def _cases() -> list[Case]:
    return [
        _case("adjacent tying with three hops", 177, 20, 3, 50, "adjacent"),
        _case("layer-wise tying with three hops", 177, 20, 3, 50, "layer-wise"),
        _case("adjacent tying with one hop", 30, 7, 1, 10, "adjacent"),
        _case("layer-wise tying with five hops", 40, 6, 5, 12, "layer-wise"),
    ]


def _counted(tables: int, ages: int, maps: int, vocabulary: int, width: int, memory: int) -> int:
    return tables * vocabulary * width + ages * memory * width + maps * width**2


def _weights(vocabulary: int, width: int, hops: int, memory: int, tying: str) -> int:
    counts = (hops + 1, hops + 1, 0) if tying == "adjacent" else (4, 2, 1)
    return _counted(*counts, vocabulary, width, memory)


def _other(adjacent: Callable[[int], tuple[int, int, int]], layers: Callable[[int], tuple[int, int, int]]) -> Any:
    """A count with other numbers of tables, of tables of ages, and of maps, by the number of hops."""

    def count(vocabulary: int, width: int, hops: int, memory: int, tying: str) -> int:
        counts = adjacent(hops) if tying == "adjacent" else layers(hops)
        return _counted(*counts, vocabulary, width, memory)

    return count


def _adjacent(hops: int) -> tuple[int, int, int]:
    return hops + 1, hops + 1, 0


def _layers(hops: int) -> tuple[int, int, int]:
    return 4, 2, 1


_MISTAKES = (
    Mistake(
        "no-ages",
        _other(lambda k: (k + 1, 0, 0), lambda k: (4, 0, 1)),
        "The vectors of the ages are missing: T_A and T_C, one for each age, tied as A and C are.",
        "Each different table of words for sentences has a table of ages beside it.",
    ),
    Mistake(
        "ages-once",
        _other(lambda k: (k + 1, 1, 0), lambda k: (4, 1, 1)),
        "You counted one table of ages. T_A and T_C are two, and each further table of words has one of its own.",
        "Each different table of words for sentences has a table of ages beside it.",
    ),
    Mistake(
        "two-tables-of-ages",
        _other(lambda k: (k + 1, 2, 0), _layers),
        "With adjacent tying the ages are tied as the words are: a table of ages for each of the K + 1 tables.",
        "Each different table of words for sentences has a table of ages beside it.",
    ),
    Mistake(
        "layers-per-hop",
        _other(_adjacent, lambda k: (2 * k + 2, 2 * k, k)),
        "With layer-wise tying you counted A, C, their ages and H once for each hop. All hops share them.",
        "The number of hops does not appear.",
    ),
    Mistake(
        "map-everywhere",
        _other(lambda k: (k + 1, k + 1, 1), _layers),
        "The map H belongs to layer-wise tying alone. With adjacent tying the next question is u + o.",
        "No map with adjacent tying.",
    ),
    Mistake(
        "untied",
        _other(lambda k: (2 * k + 2, 2 * k, 0), lambda k: (2 * k + 2, 2 * k, 1)),
        "You counted every hop by itself. With tying most of these tables are the same one.",
        "Adjacent: C of a hop is A of the next. Write down which tables are different.",
    ),
    Mistake(
        "question-and-answer",
        _other(lambda k: (k + 3, k + 1, 0), _layers),
        "With adjacent tying the question has no table of its own, and neither has the answer: they take A of the "
        "first hop and C of the last.",
        "How many different tables are there with one hop?",
    ),
    Mistake(
        "one-too-few",
        _other(lambda k: (k, k, 0), _layers),
        "With K hops there are K + 1 tables: A of the first, then C of each.",
        "With one hop there are A and C.",
    ),
    Mistake(
        "no-map",
        _other(_adjacent, lambda k: (4, 2, 0)),
        "The linear map H between the hops is missing with layer-wise tying.",
        "H has d times d numbers, and all hops share it.",
    ),
    Mistake(
        "two-tables",
        _other(_adjacent, lambda k: (2, 2, 1)),
        "With layer-wise tying the question and the answer have tables of their own, B and W.",
        "A, C, B and W.",
    ),
    Mistake(
        "map-per-hop",
        _other(_adjacent, lambda k: (4, 2, k)),
        "There is one H for all hops.",
        "Layer-wise tying shares everything between the hops.",
    ),
    Mistake(
        "ages-of-all",
        _other(_adjacent, lambda k: (4, 4, 1)),
        "A question has no age, and neither has an answer: only A and C have tables of ages.",
        "How many tables of ages are there with layer-wise tying?",
    ),
)

COUNT_WEIGHTS = Exercise(
    name="count_weights",
    arguments=("vocabulary", "width", "hops", "memory", "tying"),
    reference=_weights,
    cases=_cases,
    example=Case("by hand", (10, 2, 1, 5, "layer-wise")),
    mistakes=_MISTAKES,
    lesson="With layer-wise tying more hops cost no more weights.",
    advice="List the different tables: words for sentences, question, answer; ages; the map.",
)


def check_count_weights(function: Callable[..., Any]) -> Card:
    """Check `count_weights(vocabulary, width, hops, memory, tying) -> int`, all weights of a memory network.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(COUNT_WEIGHTS, function)
