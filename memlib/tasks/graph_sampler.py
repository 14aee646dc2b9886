"""Random graphs to find one's way in: five places, three actions, ten one-way connections.

A graph is a table: from a place and an action to the place where it leads, or to the place itself where the action
leads nowhere. The sampler draws edges until each place can be left and entered, and rejects what fails a test. The
paper's test asks that a power of the adjacency matrix has no zero, which is more than that every place can be reached
from every other: a connected graph whose cycles all have lengths with a common factor, such as 2 and 4, fails it.
`reachable` is the mended test.

Source: schlag2021, Listing 1
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor

from memlib.tasks.checks import whole_number

STATES, ACTIONS = 5, 3
AUTHORS_SEED = 666
ATTEMPTS = 10_000
Draw = Callable[[int], int]
Test = Callable[[Int[Tensor, "states actions"]], bool]


def drawing(seed: int) -> Draw:
    """A function that draws whole numbers below its argument, from a generator with this seed."""
    generator = torch.Generator().manual_seed(whole_number("seed", seed))
    return lambda below: int(torch.randint(below, (), generator=generator))


def authors_drawing(seed: int = AUTHORS_SEED) -> Draw:
    """The same from numpy's old generator, which the authors used: with it `sample` gives their very graphs."""
    state = np.random.RandomState(whole_number("seed", seed, 0))
    return lambda below: int(state.randint(0, below))


def candidate(draw: Draw, states: int = STATES, actions: int = ACTIONS) -> Int[Tensor, "states actions"]:
    """One graph, not yet tested: each place first gets an edge out, then one more edge in.

    Args:
        draw: from a number to a whole number below it.
        states: how many places, at least 2.
        actions: how many actions, at least 3, so that a free one is left at every moment.

    Returns:
        The place to which each action leads; the place itself where it leads nowhere.

    Raises:
        TypeError, ValueError: states is no whole number of at least 2, or actions none of at least 3.

    Source: schlag2021, Listing 1
    """
    states, actions = whole_number("states", states, 2), whole_number("actions", actions, 3)
    table = [[place] * actions for place in range(states)]
    for place in range(states):
        # Drawn among the other places, in their order.
        target = draw(states - 1)
        table[place][draw(actions)] = target + (target >= place)
    for place in range(states):
        free = [(a, s) for a in range(actions) for s in range(states) if s != place and table[s][a] == s]
        action, source = free[draw(len(free))]
        table[source][action] = place
    return torch.tensor(table)


def adjacency(graph: Int[Tensor, "*batch states actions"]) -> Bool[Tensor, "*batch states states"]:
    """Whether some action leads from the first place to the second."""
    places = torch.arange(graph.shape[-2], device=graph.device)
    leads = (graph.unsqueeze(-1) == places).any(-2)
    return leads & ~torch.eye(len(places), dtype=torch.bool, device=graph.device)


def primitive(graph: Int[Tensor, "states actions"]) -> bool:
    """The paper's test: the adjacency matrix, squared as many times as there are places, has no zero.

    Source: schlag2021, Listing 1
    """
    return _no_zero(adjacency(graph))


def reachable(graph: Int[Tensor, "states actions"]) -> bool:
    """The mended test: every place can be reached from every other. Staying counts, hence the identity is added."""
    return _no_zero(adjacency(graph) | torch.eye(graph.shape[-2], dtype=torch.bool, device=graph.device))


def _no_zero(paths: Bool[Tensor, "states states"]) -> bool:
    power = paths.double()
    for _ in range(len(paths)):
        # Only zero or not matters; without the clamp the counts of paths overflow.
        power = (power @ power).clamp(max=1)
    return bool((power > 0).all())


def has_twins(graph: Int[Tensor, "states actions"]) -> bool:
    """Whether two actions lead from one place to the same other place, which the paper says are excluded."""
    for place, row in enumerate(graph.tolist()):
        targets = [target for target in row if target != place]
        if len(set(targets)) < len(targets):
            return True
    return False


def sample(
    draw: Draw, accept: Test = primitive, states: int = STATES, actions: int = ACTIONS
) -> Int[Tensor, "states actions"]:
    """One graph that passes a test.

    Args:
        draw: from a number to a whole number below it; `drawing` makes one.
        accept: `primitive` (the paper's) or `reachable` (mended).
        states: how many places.
        actions: how many actions.

    Raises:
        ValueError: no graph passed in 10,000 attempts.

    Source: schlag2021, Listing 1
    """
    for _ in range(ATTEMPTS):
        graph = candidate(draw, states, actions)
        if accept(graph):
            return graph
    raise ValueError(f"none of {ATTEMPTS} graphs of {states} places and {actions} actions passed the test.")


class Graphs(NamedTuple):
    """Graphs to learn on, and others to test on.

    Attributes:
        train: [count, states, actions].
        test: [count, states, actions]; none of them is among `train`.
    """

    train: Tensor
    test: Tensor


def graphs(
    draw: Draw,
    train: int = 600,
    test: int = 600,
    accept: Test = primitive,
    states: int = STATES,
    actions: int = ACTIONS,
) -> Graphs:
    """Test graphs first, then training graphs, each drawn until it is no test graph.

    With ``authors_drawing()`` and the defaults these are the graphs of the published runs.

    Raises:
        TypeError, ValueError: a count is no whole number of at least 1.
        ValueError: in 10,000 attempts no graph was found that is no test graph.
    """
    train, test = whole_number("train", train, 1), whole_number("test", test, 1)
    tests = torch.stack([sample(draw, accept, states, actions) for _ in range(test)])
    return Graphs(others(draw, train, tests, accept), tests)


def others(
    draw: Draw, count: int, known: Int[Tensor, "known states actions"], accept: Test = primitive
) -> Int[Tensor, "count states actions"]:
    """More graphs, each drawn until it is none of those that are known.

    Args:
        draw: from a number to a whole number below it.
        count: how many.
        known: graphs that are not to come again.
        accept: as in `sample`.

    Raises:
        ValueError: in 10,000 attempts no other graph was found.
    """
    seen = {tuple(graph.flatten().tolist()) for graph in known}

    def new(graph: Tensor) -> bool:
        return accept(graph) and tuple(graph.flatten().tolist()) not in seen

    return torch.stack([sample(draw, new, *known.shape[1:]) for _ in range(whole_number("count", count, 1))])


def distances(graph: Int[Tensor, "states actions"]) -> Int[Tensor, "states states"]:
    """Steps on the shortest way from each place to each other; as many as there are places where there is none."""
    count = graph.shape[-2]
    far = torch.full((count, count), count)
    reached = torch.eye(count, dtype=torch.bool, device=graph.device)
    leads = adjacency(graph).double()
    for steps in range(count):
        far[reached.cpu() & (far > steps)] = steps
        reached = reached | ((reached.double() @ leads) > 0)
    return far
