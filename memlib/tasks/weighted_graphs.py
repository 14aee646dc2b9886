"""Graphs with weights, told edge by edge: the shortest path between two nodes, or the minimum spanning tree.

One drawn sequence of `WeightedShortestPath(nodes=(4, 4), edges=(4, 4), labels=6)`, a row for each step; labels stand
for their one-hot vectors::

    node     node     weight   target
    4        0        4.3      .
    5        3        2.9      .
    4        5        8.1      .
    5        0        3.4      .
    4        .        .        .         from here
    3        .        .        .         to here
    .        .        .        4         4.3 + 3.4 + 2.9 = 10.6, lighter than the 11.0 over node 5 alone
    .        .        .        0
    .        .        .        5
    .        .        .        3

`MinimumSpanningTree` asks nothing: after the edges come its answer's steps, the two nodes of each edge of the tree, one
a step, the lightest edge first (Kruskal's order). Labels are drawn anew for every graph. Weights are real numbers, so
that there is one answer. Where graphs of a batch differ in size, shorter tellings begin later.

Differs from the paper: it draws the number of edges from 6 to 30 whatever the number of nodes, and joins all nodes by a
path first. But 20 nodes need 19 edges, and 5 nodes have no more than 10. `GraphProblem` names two ways to mend it.

Source: le2020, App. H
"""

import heapq
import random
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch

from memlib.tasks.bits import bounds
from memlib.tasks.checks import whole_number
from memlib.tasks.choices import ChoiceTask, one_hot
from memlib.tasks.episode import Episode

COUNTS = ("fitting", "clamped")
# Two nodes' labels and a weight.
Edge = tuple[int, int, float]


class Question(NamedTuple):
    """What is told, asked and answered.

    Attributes:
        edges: in the order in which they are told; each joins both ways.
        query: the nodes asked about, if any.
        answer: nodes.
    """

    edges: tuple[Edge, ...]
    query: tuple[int, ...]
    answer: tuple[int, ...]


@dataclass(frozen=True)
class GraphProblem(ChoiceTask):
    """Edges in, nodes out.

    Attributes:
        nodes: the fewest and the most, equally likely; the paper has 5 to 20.
        edges: the fewest and the most; the paper has 6 to 30.
        count: how the number of edges is drawn: "fitting" (evenly from those of the range that a graph of so many
            nodes can have, at least enough to join them) or "clamped" (evenly from the whole range as in the paper,
            then as near to it as the graph allows: more graphs are bare paths, or complete).
        weights: the smallest and the largest; the paper has 1 to 10.
        labels: that there are; the paper has 40.

    Source: le2020, App. H
    """

    nodes: tuple[int, int] = (5, 20)
    edges: tuple[int, int] = (6, 30)
    count: str = "fitting"
    weights: tuple[float, float] = (1.0, 10.0)
    labels: int = 40

    def __post_init__(self) -> None:
        name = type(self).__name__
        for field in ("nodes", "edges"):
            object.__setattr__(self, field, bounds(field, getattr(self, field)))
        object.__setattr__(self, "weights", tuple(self.weights))
        if self.nodes[0] < 2 or self.nodes[1] > whole_number("labels", self.labels, 2):
            raise ValueError(f"{name}: expected nodes from 2 to labels = {self.labels}, got {self.nodes}.")
        if self.count not in COUNTS:
            raise ValueError(f"{name}: expected count in {', '.join(COUNTS)}; got {self.count!r}.")
        if len(self.weights) != 2 or not 0 <= self.weights[0] < self.weights[1]:
            raise ValueError(f"{name}: expected weights as (smallest, largest), at least 0; got {self.weights}.")
        impossible = [n for n in range(self.nodes[0], self.nodes[1] + 1) if len(self._fitting(n)) == 0]
        if self.count == "fitting" and impossible:
            raise ValueError(f"{name}: no graph of {impossible[0]} nodes is joined by {self.edges} edges.")

    @property
    def choices(self) -> int:
        """The labels."""
        return self.labels

    @property
    def width_out(self) -> int:
        """The labels."""
        return self.labels

    @property
    def width_in(self) -> int:
        """Two labels and a weight."""
        return 2 * self.labels + 1

    def _fitting(self, nodes: int) -> range:
        """Numbers of edges that are in the range and possible."""
        return range(max(self.edges[0], nodes - 1), min(self.edges[1], nodes * (nodes - 1) // 2) + 1)

    def graph(self, rng: random.Random) -> tuple[Edge, ...]:
        """The edges of a new graph in a random order: a path through all nodes, and more at random.

        Args:
            rng: the source of randomness.
        """
        nodes = rng.randint(*self.nodes)
        if self.count == "fitting":
            wanted = rng.choice(self._fitting(nodes))
        else:
            wanted = min(max(rng.randint(*self.edges), nodes - 1), nodes * (nodes - 1) // 2)
        path = rng.sample(range(self.labels), nodes)
        others = [(path[i], path[j]) for i in range(nodes) for j in range(i + 2, nodes)]
        pairs = [*pairwise(path), *rng.sample(others, wanted - nodes + 1)]
        rng.shuffle(pairs)
        turned = [pair if rng.random() < 0.5 else pair[::-1] for pair in pairs]
        return tuple((a, b, rng.uniform(*self.weights)) for a, b in turned)

    def ask(self, edges: tuple[Edge, ...], rng: random.Random) -> Question:
        """A question about a graph, answered.

        Args:
            edges: of the graph.
            rng: the source of randomness.
        """
        raise NotImplementedError

    def questions(self, count: int, generator: torch.Generator) -> list[Question]:
        """Questions about new graphs, to be kept as a data set; the paper has 100,000 and 10,000 for tests.

        Args:
            count: how many.
            generator: the source of randomness.
        """
        rng = random.Random(int(torch.randint(2**62, (), generator=generator)))
        return [self.ask(self.graph(rng), rng) for _ in range(whole_number("count", count, 1))]

    def draw(self, batch: int, generator: torch.Generator) -> Episode:
        """A batch of new questions; arguments as of `questions`."""
        return self.encode(self.questions(batch, generator))

    def encode(self, questions: list[Question]) -> Episode:
        """Questions as a batch: all answers begin at the same step.

        Args:
            questions: at least one.

        Raises:
            ValueError: there is none.
        """
        if not questions:
            raise ValueError(f"{type(self).__name__}: expected at least one question, got none.")
        told = max(len(one.edges) + len(one.query) for one in questions)
        shape = (len(questions), told + max(len(one.answer) for one in questions))
        ones: list[tuple[int, ...]] = []
        wanted: list[tuple[int, ...]] = []
        weights = torch.zeros(*shape)
        for row, one in enumerate(questions):
            first = told - len(one.edges) - len(one.query)
            for at, (a, b, weight) in enumerate(one.edges, first):
                ones += [(row, at, a), (row, at, self.labels + b)]
                weights[row, at] = weight
            ones += [(row, at, node) for at, node in enumerate(one.query, first + len(one.edges))]
            wanted += [(row, at, node) for at, node in enumerate(one.answer, told)]
        inputs, targets = one_hot((*shape, self.width_in), ones), one_hot((*shape, self.width_out), wanted)
        inputs[..., -1] = weights
        return Episode(inputs, targets, targets.any(-1))


@dataclass(frozen=True)
class WeightedShortestPath(GraphProblem):
    """Name the nodes of the lightest path between two, both ends included. Options as of `GraphProblem`."""

    def ask(self, edges: tuple[Edge, ...], rng: random.Random) -> Question:
        """As `GraphProblem.ask`; any two nodes."""
        start, goal = rng.sample(sorted({node for a, b, _ in edges for node in (a, b)}), 2)
        return Question(edges, (start, goal), shortest_path(edges, start, goal))


@dataclass(frozen=True)
class MinimumSpanningTree(GraphProblem):
    """Name the nodes of the lightest edges that join all. Options as of `GraphProblem`."""

    def ask(self, edges: tuple[Edge, ...], rng: random.Random) -> Question:
        """As `GraphProblem.ask`; nothing is left to chance."""
        return Question(edges, (), tuple(node for a, b, _ in spanning_tree(edges) for node in (a, b)))


def shortest_path(edges: tuple[Edge, ...], start: int, goal: int) -> tuple[int, ...]:
    """The nodes of the lightest path, by Dijkstra's algorithm: the nearest node not yet settled is settled next.

    Args:
        edges: of the graph.
        start: the first node.
        goal: the last one.

    Raises:
        ValueError: there is no path.
    """
    near: dict[int, list[tuple[int, float]]] = {}
    for a, b, weight in edges:
        near.setdefault(a, []).append((b, weight))
        near.setdefault(b, []).append((a, weight))
    waiting, settled = [(0.0, start, start)], dict[int, int]()
    while waiting and goal not in settled:
        far, node, before = heapq.heappop(waiting)
        if node not in settled:
            settled[node] = before
            for there, weight in near.get(node, ()):
                heapq.heappush(waiting, (far + weight, there, node))
    if goal not in settled:
        raise ValueError(f"shortest_path: no path leads from {start} to {goal}.")
    path = [goal]
    while path[-1] != start:
        path.append(settled[path[-1]])
    return tuple(path[::-1])


def spanning_tree(edges: tuple[Edge, ...]) -> tuple[Edge, ...]:
    """The lightest edges that join all nodes, by Kruskal's algorithm: the lightest edge that joins two parts is next.

    Args:
        edges: of the graph.
    """
    part = {node: node for a, b, _ in edges for node in (a, b)}
    kept: list[Edge] = []
    for edge in sorted(edges, key=lambda edge: edge[2]):
        one, other = part[edge[0]], part[edge[1]]
        if one != other:
            kept.append(edge)
            part = {node: one if name == other else name for node, name in part.items()}
    return tuple(kept)
