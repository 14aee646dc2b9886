"""Random graphs in the plane, and what can be asked of them: where a walk leads, and the shortest way (after the DNC).

Nodes are points in a square, each with edges to its nearest neighbours. A node has a random number as its label, and so
has an edge; the edges that leave one node have different labels. A graph is told as triples (source, edge, target).
Labels are drawn anew for every graph, so that nothing can be known of a label but what the graph says.

Differs from the paper: only questions with one shortest path are asked, so that every step of the answer has one
target.

Source: graves2016dnc
"""

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

Edge = tuple[int, int, int]
# A triple of which parts are not told: what a query says.
Part = tuple[int | None, int | None, int | None]
BASE = 10


class Question(NamedTuple):
    """What is told, asked and answered.

    Attributes:
        facts: the triples of the graph, in the order in which they are told.
        query: what is asked, one triple a step, None where a part is left open.
        answer: the triples of the path.
    """

    facts: tuple[Edge, ...]
    query: tuple[Part, ...]
    answer: tuple[Edge, ...]

    def __str__(self) -> str:
        if len(self.query) == 1 and self.query[0][2] is not None:
            return f"What is the shortest way from {self.query[0][0]} to {self.query[0][2]}?"
        return f"Where does one come from {self.query[0][0]} by {', '.join(str(edge) for _, edge, _ in self.query)}?"


@dataclass(frozen=True)
class Graph:
    """A directed graph.

    Attributes:
        edges: triples (source, edge, target) of labels.
        places: of the nodes in the unit square, by label, for drawing.
    """

    edges: tuple[Edge, ...]
    places: dict[int, tuple[float, float]]

    @cached_property
    def leaving(self) -> dict[int, tuple[Edge, ...]]:
        """The edges that leave each node."""
        return {node: tuple(edge for edge in self.edges if edge[0] == node) for node in self.places}

    def walk(self, start: int, labels: tuple[int, ...]) -> tuple[Edge, ...]:
        """The triples met on the way.

        Args:
            start: the first node.
            labels: of the edges to follow.

        Raises:
            ValueError: no edge of that label leaves a node on the way.
        """
        met: list[Edge] = []
        for label in labels:
            node = met[-1][2] if met else start
            found = [edge for edge in self.leaving[node] if edge[1] == label]
            if not found:
                raise ValueError(f"no edge {label} leaves node {node}; it has {[e[1] for e in self.leaving[node]]}.")
            met.append(found[0])
        return tuple(met)

    def shortest(self, start: int) -> dict[int, tuple[Edge, ...] | None]:
        """The one shortest path to each node that can be reached, by breadth first; None where several are as short.

        Args:
            start: the first node.
        """
        length, ways, last = {start: 0}, {start: 1}, dict[int, Edge]()
        waiting = deque([start])
        while waiting:
            node = waiting.popleft()
            for edge in self.leaving[node]:
                there = edge[2]
                if there not in length:
                    length[there], ways[there], last[there] = length[node] + 1, 0, edge
                    waiting.append(there)
                if length[there] == length[node] + 1:
                    ways[there] += ways[node]
        return {node: tuple(_back(node, start, last)) if ways[node] == 1 else None for node in length if node != start}


def _back(node: int, start: int, last: dict[int, Edge]) -> Iterator[Edge]:
    if node != start:
        yield from _back(last[node][0], start, last)
        yield last[node]


def graph(rng: random.Random, nodes: int, neighbours: int, digits: int = 1) -> Graph:
    """Draw a graph.

    Args:
        rng: the source of randomness.
        nodes: how many, at least 2.
        neighbours: of each node, the nearest ones, all if there are fewer.
        digits: of a label; there are 10 ** digits of them.

    Raises:
        ValueError: more nodes or neighbours than labels, or too few.
    """
    labels = BASE**digits
    if not 2 <= nodes <= labels or not 1 <= neighbours <= labels:
        raise ValueError(
            f"graph: expected 2 to {labels} nodes and 1 to {labels} neighbours with labels of {digits} digits; "
            f"got {nodes} and {neighbours}."
        )
    places = {label: (rng.random(), rng.random()) for label in rng.sample(range(labels), nodes)}
    edges: list[Edge] = []
    for node, (x, y) in places.items():
        far = {one: (there[0] - x) ** 2 + (there[1] - y) ** 2 for one, there in places.items() if one != node}
        near = sorted(far, key=far.__getitem__)[:neighbours]
        edges += [(node, label, there) for label, there in zip(rng.sample(range(labels), len(near)), near, strict=True)]
    return Graph(tuple(edges), places)


def ask_traversal(rng: random.Random, drawn: Graph, steps: int) -> Question:
    """Where does one come from a node by these edges? The query tells the first node and one edge a step.

    Args:
        rng: the source of randomness.
        drawn: the graph.
        steps: of the walk, at least 1.

    Raises:
        ValueError: steps below 1.
    """
    if steps < 1:
        raise ValueError(f"ask_traversal: expected at least one step, got {steps}.")
    start = rng.choice(list(drawn.places))
    path: list[Edge] = []
    for _ in range(steps):
        path.append(rng.choice(drawn.leaving[path[-1][2] if path else start]))
    query: list[Part] = [(None if at else start, edge[1], None) for at, edge in enumerate(path)]
    return Question(tuple(rng.sample(drawn.edges, len(drawn.edges))), tuple(query), tuple(path))


def ask_shortest(rng: random.Random, drawn: Graph, longest: int, shortest: int = 1) -> Question | None:
    """What is the shortest way between two nodes? All lengths that the graph has are asked equally often.

    Args:
        rng: the source of randomness.
        drawn: the graph.
        longest: path to ask for.
        shortest: path to ask for.

    Returns:
        A question; None where the graph has no path of such a length that is the only shortest one.
    """
    paths: dict[int, list[tuple[Edge, ...]]] = {}
    for start in drawn.places:
        for path in drawn.shortest(start).values():
            if path is not None and shortest <= len(path) <= longest:
                paths.setdefault(len(path), []).append(path)
    if not paths:
        return None
    path = rng.choice(paths[rng.choice(sorted(paths))])
    facts = tuple(rng.sample(drawn.edges, len(drawn.edges)))
    return Question(facts, ((path[0][0], None, path[-1][2]),), path)
