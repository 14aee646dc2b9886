"""What an agent with a Fast Weight Memory gains when it plays first and learns from the episode afterwards.

Source: schlag2021, Sec. 4.2; schlag2021, App. I
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from memlib.benchmarks.benchmark import Benchmark, Case, Goal, Side, Work
from memlib.experiments import meta_rl
from memlib.models.fwm_core import FWMCore
from memlib.models.navigation_agent import NavigationAgent
from memlib.tasks.graph_navigation import GraphNavigation, NavigationConfig
from memlib.tasks.graph_sampler import drawing, sample
from memlib.training.actor_critic import a2c_loss, episode_loss, rollout

Settings = Mapping[str, Any]
Way = Callable[[NavigationAgent, GraphNavigation, torch.Generator], Tensor]
SIZES = {"core": "fwm", "hidden": 32, "memory": 16, "reads": 3, "graphs": 600, "steps": 30}


def play_then_read(settings: Settings, dtype: torch.dtype = torch.float32) -> Work:
    """The library's way: play without gradients on the list of writes, then read the episode at once."""

    def loss(agent: NavigationAgent, world: GraphNavigation, generator: torch.Generator) -> Tensor:
        return episode_loss(agent, rollout(agent, world, generator))

    return _iteration(settings, loss, dtype)


def step_by_step(settings: Settings, dtype: torch.dtype = torch.float32) -> Work:
    """The straightforward way: the whole memory written, bounded and read at each step, gradients kept all along."""
    return _iteration(settings, _played_with_gradients, dtype)


def _played_with_gradients(agent: NavigationAgent, world: GraphNavigation, generator: torch.Generator) -> Tensor:
    core, steps = agent.core, world.config.steps
    assert isinstance(core, FWMCore)
    memory = core.fwm.initial_state(world.batch)
    # Everything random is drawn ahead and in one order, as `rollout` draws it: both sides play the same games.
    state, offsets = world.reset(generator), world.offsets(steps, generator)
    noise = torch.empty(steps, world.batch, world.actions).exponential_(generator=generator).log_().neg_()
    noise = noise.to(world.dtype)
    logits, values, actions, rewards = [], [], [], []
    for t in range(steps):
        y, memory = core.fwm(world.observe(state), memory)
        scores = agent.policy(y)
        action = (scores.detach() + noise[t]).argmax(-1)
        state, reward = world.step(state, action, offsets[t])
        logits.append(scores)
        values.append(agent.value(y).squeeze(-1))
        actions.append(action)
        rewards.append(reward)
    return a2c_loss(torch.stack(logits, 1), torch.stack(values, 1), torch.stack(actions, 1), torch.stack(rewards, 1))


def _iteration(settings: Settings, way: Way, dtype: torch.dtype) -> Work:
    """An episode in every graph, the loss, backward, Adam; each call plays other games."""
    draw = drawing(0)
    graphs = torch.stack([sample(draw) for _ in range(settings["graphs"])])
    world = GraphNavigation(graphs, replace(NavigationConfig.official(), steps=settings["steps"]), dtype)
    agent = meta_rl.agent(settings, world.width, world.actions).to(dtype)
    optimiser = torch.optim.Adam(agent.parameters(), lr=1e-3, eps=1e-4)
    generator = torch.Generator().manual_seed(0)

    def call() -> Tensor:
        loss = way(agent, world, generator)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.detach()

    weights = sum(p.numel() for p in agent.parameters())
    memory = settings["memory"] ** 3
    return Work(call, describe=lambda loss: {"weights": f"{weights:,}", "memory of one agent": f"{memory:,} numbers"})


SIDES = (
    Side("plain", "the tensor at each step, with gradients", step_by_step),
    Side("ours", "play on the list of writes, then read at once", play_then_read),
)
BENCHMARK = Benchmark(
    name="meta-rl",
    module=__name__,
    title="Agents with a Fast Weight Memory, 600 of them for 30 steps",
    question=(
        "An agent acts step by step, since each action decides what it sees next. The straightforward way writes and "
        "reads a memory of 16 x 16 x 16 numbers at each step, for each of 600 agents, and keeps all of it for the way "
        "back. The library plays without gradients on the list of writes, then reads the episode once, in parallel. "
        "What is gained over a whole training iteration (30 steps in 600 graphs, loss, backward, Adam)? On both sides "
        "the same environment moves all agents at once; both play the same games and compute the same loss."
    ),
    cases=(Case("iteration", "One training iteration, 600 agents, 30 steps", SIDES, "plain", SIZES, agree=1e-4),),
    goals=(
        Goal("at least 8 times as fast as step by step", "iteration", "plain", "ours", at_least=8),
        Goal("step by step needs at least 12 times the memory", "iteration", "plain", "ours", None, 12, "added"),
    ),
    rounds=5,
    minutes="two minutes",
)
