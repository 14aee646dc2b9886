"""What the total reward in unknown graphs is to be compared with: chance, a hand-written explorer, the true map.

The explorer keeps a table of what it has tried. It takes an untried action to be a certain number of steps from the
goal, and goes the shortest way in the map that it has so far. With a large number it explores only where it knows no
way; with a small one also where the way that it knows is long. With the true map the same planner goes shortest ways,
and nobody can get more.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from memlib.tasks.graph_navigation import GraphNavigation

UNKNOWN = -1
# As many steps as no way has: explore only where no way is known.
LAST_RESORT = 99.0
# The guess with which the explorer gets most, in graphs of five places and three actions.
BEST_GUESS = 2.5


def ways(
    known: Int[Tensor, "batch states actions"], goal: Int[Tensor, " batch"], guess: float = LAST_RESORT
) -> Float[Tensor, "batch states actions"]:
    """Steps to the goal by each action in each place, if one goes on by the shortest known way.

    Args:
        known: where an action leads, the place itself where it leads nowhere, -1 where it was not tried.
        goal: the place to go to.
        guess: the steps that an untried action is taken to need.
    """
    batch, states = known.shape[:2]
    there = torch.arange(states, device=known.device) == goal.unsqueeze(1)
    left = torch.full((batch, states), LAST_RESORT + states, device=known.device).masked_fill(there, 0.0)
    steps = left.unsqueeze(2).expand(known.shape)
    for _ in range(states):
        steps = 1 + left.gather(1, known.clamp(min=0).flatten(1)).reshape(known.shape)
        steps = steps.masked_fill(known == UNKNOWN, guess)
        left = steps.amin(-1).masked_fill(there, 0.0)
    return steps


class Walk(NamedTuple):
    """What a walker got, and the map that it ended with.

    Attributes:
        rewards: [batch, time].
        known: [batch, states, actions], -1 where nothing was tried; all -1 for chance.
    """

    rewards: Tensor
    known: Tensor

    @property
    def total(self) -> Tensor:
        """The sum of each walker's rewards, [batch]."""
        return self.rewards.sum(1)


def walk(
    world: GraphNavigation, generator: torch.Generator, guess: float | None = LAST_RESORT, with_map: bool = False
) -> Walk:
    """Walk through one episode in every graph.

    Args:
        world: where.
        generator: of everything random; ties between actions are broken by it.
        guess: see `ways`; None for actions by chance.
        with_map: whether the true map is known from the beginning.
    """
    state = world.reset(generator)
    offsets = world.offsets(world.config.steps, generator)
    rows = torch.arange(world.batch, device=world.graphs.device)
    known = world.graphs.clone() if with_map else torch.full_like(world.graphs, UNKNOWN)
    rewards = []
    for t in range(world.config.steps):
        tie = torch.rand(world.batch, world.actions, generator=generator).to(world.graphs.device)
        # A tie is a thousandth of a step at most: it never decides between two ways of different lengths.
        action = (tie if guess is None else ways(known, state.goal, guess)[rows, state.place] + 1e-3 * tie).argmin(-1)
        new, reward = world.step(state, action, offsets[t])
        if guess is not None:
            known[rows, state.place, action] = torch.where(
                _seen(state.goal, new.goal, reward),
                torch.where(reward > 0, state.goal, torch.where(reward < 0, state.place, new.place)),
                known[rows, state.place, action],
            )
        state = new
        rewards.append(reward)
    return Walk(torch.stack(rewards, 1), known)


def _seen(goal: Tensor, new_goal: Tensor, reward: Tensor) -> Bool[Tensor, " batch"]:
    """Whether it can be told where the action led: not if the agent was put elsewhere without a reward."""
    return (reward != 0) | (goal == new_goal)
