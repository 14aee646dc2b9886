"""Traversal and shortest path in graphs that are told triple by triple: the DNC's tasks on random graphs.

Every step's input holds a triple, each digit of each label as a one-hot vector, and flags: first the graph, then the
query, then some steps to plan in, then the answer, for which only a flag comes in. The output has the same digits.

Source: graves2016dnc
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch

from memlib.tasks.checks import whole_number
from memlib.tasks.choices import ChoiceTask, one_hot
from memlib.tasks.episode import Episode
from memlib.tasks.graph_world import BASE, Part, Question, ask_shortest, ask_traversal, graph

# Flags behind the digits of an input.
QUERY, ANSWER = 0, 1
FLAGS = 2
TRIES = 1000


@dataclass(frozen=True)
class GraphTask(ChoiceTask):
    """What both tasks share: triples in, triples out.

    Attributes:
        nodes: the largest graph, at least 3; smaller sizes are met as often.
        smallest: graph, if not the smallest in which there is anything to ask.
        neighbours: edges that leave a node, at most; smaller numbers are met as often.
        steps: of the longest walk or path; the lengths are met equally often, as far as a graph has them.
        shortest: walk or path, at most ``steps``.
        planning: steps without input between query and answer.
        digits: of a label.
    """

    nodes: int = 6
    neighbours: int = 3
    steps: int = 5
    planning: int = 0
    digits: int = 1
    smallest: int = 2
    shortest: int = 1
    choices = BASE
    fewest: ClassVar[tuple[int, int]] = (2, 1)

    def __post_init__(self) -> None:
        if not 1 <= self.shortest <= self.steps or not 2 <= self.smallest <= self.nodes:
            raise ValueError(
                f"{type(self).__name__}: expected 1 <= shortest <= steps and 2 <= smallest <= nodes; "
                f"got {self.shortest}, {self.steps}, {self.smallest} and {self.nodes}."
            )
        if self.nodes < 3 or self.neighbours < 1 or self.steps < 1 or self.planning < 0 or self.digits < 1:
            raise ValueError(
                f"{type(self).__name__}: expected nodes >= 3, neighbours, steps and digits >= 1, planning >= 0; "
                f"got {self.nodes}, {self.neighbours}, {self.steps}, {self.digits} and {self.planning}."
            )

    @property
    def width_out(self) -> int:
        """Numbers in an output: three labels."""
        return 3 * BASE * self.digits

    @property
    def width_in(self) -> int:
        """Numbers in an input: three labels and the flags."""
        return self.width_out + FLAGS

    def ask(self, rng: random.Random, nodes: int, neighbours: int) -> Question:
        """One question about a new graph.

        Args:
            rng: the source of randomness.
            nodes: of this graph.
            neighbours: of each node.
        """
        raise NotImplementedError

    def draw(self, batch: int, generator: torch.Generator) -> Episode:
        """Questions about new graphs of one size, which is drawn for the batch.

        Args:
            batch: how many.
            generator: the source of randomness.
        """
        rng = random.Random(int(torch.randint(2**62, (), generator=generator)))
        nodes = rng.randint(max(self.smallest, self.fewest[0]), self.nodes)
        neighbours = rng.randint(min(self.fewest[1], self.neighbours), self.neighbours)
        drawn = [self.ask(rng, nodes, neighbours) for _ in range(whole_number("batch", batch, 1))]
        return encode(drawn, self.planning, self.digits)


@dataclass(frozen=True)
class Traversal(GraphTask):
    """Follow a list of edges: told a node and the labels of edges, name the triples of the walk.

    Source: graves2016dnc
    """

    def ask(self, rng: random.Random, nodes: int, neighbours: int) -> Question:
        """As `GraphTask.ask`."""
        return ask_traversal(rng, graph(rng, nodes, neighbours, self.digits), rng.randint(self.shortest, self.steps))


@dataclass(frozen=True)
class ShortestPath(GraphTask):
    """Find the shortest way: told two nodes, name the triples of the path.

    Source: graves2016dnc
    """

    # Of two nodes, or of a row of edges, there is nothing to choose.
    fewest: ClassVar[tuple[int, int]] = (3, 2)

    def ask(self, rng: random.Random, nodes: int, neighbours: int) -> Question:
        """As `GraphTask.ask`.

        Raises:
            ValueError: no graph of this kind has a single shortest path.
        """
        for _ in range(TRIES):
            found = ask_shortest(rng, graph(rng, nodes, neighbours, self.digits), self.steps, self.shortest)
            if found is not None:
                return found
        raise ValueError(f"no graph of {nodes} nodes with {neighbours} neighbours has a single shortest path.")


def encode(questions: Sequence[Question], planning: int = 0, digits: int = 1) -> Episode:
    """Questions as a batch: the query begins at the same step in all rows; shorter tellings begin later.

    A row whose query is longer answers later, so the flags alone say when.

    Args:
        questions: at least one.
        planning: steps between query and answer.
        digits: of a label.

    Returns:
        An episode of inputs [batch, time, 3 * 10 * digits + 2] and targets [batch, time, 3 * 10 * digits].

    Raises:
        ValueError: there is no question.
    """
    if not questions:
        raise ValueError("encode: expected at least one question, got none.")
    telling = max(len(one.facts) for one in questions)
    width = 3 * BASE * digits
    time = telling + planning + max(len(one.query) + len(one.answer) for one in questions)
    ones: list[tuple[int, ...]] = []
    wanted: list[tuple[int, ...]] = []
    for row, one in enumerate(questions):
        for at, triple in enumerate(one.facts, telling - len(one.facts)):
            ones += [(row, at, place) for place in places(triple, digits)]
        for at, part in enumerate(one.query, telling):
            ones += [(row, at, place) for place in (*places(part, digits), width + QUERY)]
        for at, triple in enumerate(one.answer, telling + len(one.query) + planning):
            ones.append((row, at, width + ANSWER))
            wanted += [(row, at, place) for place in places(triple, digits)]
    inputs = one_hot((len(questions), time, width + FLAGS), ones)
    targets = one_hot((len(questions), time, width), wanted)
    return Episode(inputs, targets, targets.any(-1))


def places(triple: Part, digits: int) -> list[int]:
    """Where a triple's ones stand in a vector: a place for each digit, the highest digit first.

    Args:
        triple: labels, None where nothing is told.
        digits: of a label.
    """
    found = []
    for which, label in enumerate(triple):
        if label is not None:
            values = [label // BASE**power % BASE for power in reversed(range(digits))]
            found += [(which * digits + place) * BASE + value for place, value in enumerate(values)]
    return found
