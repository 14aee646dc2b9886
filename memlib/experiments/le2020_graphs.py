"""Hulls, tours, shortest paths and spanning trees: the rows of Table 3 of Le et al.

The figure is the share of steps that are right. Hulls and tours are tested on 5 and on 10 points. Beside each step
figure of tours the paper prints a length; the record holds ours, with the share of answers that are tours at all, for
the paper's way to measure lengths lets an answer pass that is none.

The STM is built with items of 128 x 128, as in the authors' settings: so it has the 1.9 million weights that the table
prints. With the 96 of the text it has 1.1 million.

Source: le2020, Sec. 3.3, App. H
"""

from typing import Any

from memlib.experiments.experiment import Experiment, Published
from memlib.experiments.le2020_rows import Problem, aim

STEPS: dict[str, Any] = {"metric": "steps", "higher_is_better": True}
SIZES = {"at_5": {"sizes": [5]}, "at_10": {"sizes": [10]}}
DRAWN = "drawn anew for every update"
EDGES = "numbers of edges that a graph of so many nodes can have, where the paper draws from 6 to 30"
HULL = Problem(
    "hull",
    "O7",
    "Table 3",
    "the corners of the convex hull of 5 to 20 points, by random labels",
    {"task": "convex-hull", "task_options": {"sizes": list(range(5, 21))}, "tests": SIZES, **STEPS},
    {"task_options": {"sizes": [5, 6], "most": 10}},
    (60, 100_000, 1_000),
    differs=(f"points {DRAWN}, where the paper reads files of Vinyals et al.",),
)
TOURS = Problem(
    "tours",
    "O7",
    "Table 3",
    "the shortest tour through 5 to 10 points, by random labels",
    {"task": "tours", "task_options": {"sizes": list(range(5, 11))}, "tests": SIZES, **STEPS},
    {"task_options": {"sizes": [4, 5], "most": 10}, "tests": {"at_5": {"sizes": [5]}, "at_10": {"sizes": [6]}}},
    (60, 100_000, 1_000),
    differs=(f"points {DRAWN}, where the paper reads files of Vinyals et al.",),
)
PATH = Problem(
    "shortest-path",
    "O8",
    "Table 3",
    "the shortest path in a graph with weights, 5 to 20 nodes by random labels",
    {"task": "weighted-shortest-path", "task_options": {}, **STEPS},
    {"task_options": {"nodes": [3, 4], "edges": [3, 4], "labels": 6}},
    (60, 78_200, 782),
    differs=(f"graphs {DRAWN}, where the paper has 100,000", EDGES),
)
TREE = Problem(
    "spanning-tree",
    "O8",
    "Table 3",
    "the minimum spanning tree of a graph with weights, 5 to 20 nodes by random labels",
    {"task": "spanning-tree", "task_options": {}, **STEPS},
    {"task_options": {"nodes": [3, 4], "edges": [3, 4], "labels": 6}},
    (60, 78_200, 782),
    differs=(f"graphs {DRAWN}, where the paper has 100,000", EDGES),
)
# Of each system: hulls of 5 and 10 points, tours of 5 and 10, shortest path, spanning tree.
TABLE: dict[str, tuple[float, ...]] = {
    "stm": (96.85, 91.88, 73.96, 69.43, 93.43, 94.77),
    "lstm": (89.15, 82.24, 73.15, 62.13, 72.38, 80.11),
    "alstm": (89.92, 85.22, 71.79, 55.51, 76.70, 73.40),
    "dnc": (89.42, 79.47, 73.24, 61.53, 83.59, 82.24),
    "rmc": (93.72, 81.23, 72.83, 37.93, 66.71, 74.98),
}
WEIGHTS = 1_900_000


def _points(problem: Problem, first: int) -> tuple[Experiment, ...]:
    return tuple(
        aim(
            problem,
            system,
            Published("steps_at_5", figures[first]),
            Published("steps_at_10", figures[first + 1]),
            **_as_128(system),
        )
        for system, figures in TABLE.items()
    )


def _as_128(system: str) -> dict[str, Any]:
    if system != "stm":
        return {}
    return {"options": {"size": 128}, "words": "STM: 8 queries, items of 128 x 128", "parameters": WEIGHTS}


def _graphs(problem: Problem, place: int) -> tuple[Experiment, ...]:
    return tuple(
        aim(problem, system, Published("steps", figures[place]), **_as_128(system)) for system, figures in TABLE.items()
    )


EXPERIMENTS: tuple[Experiment, ...] = (
    *_points(HULL, 0),
    *_points(TOURS, 2),
    *_graphs(PATH, 4),
    *_graphs(TREE, 5),
)
