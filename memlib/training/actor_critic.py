"""Advantage actor-critic for agents with a memory: act without gradients, then go through the episode once with them.

Acting is a loop, since each action decides what is seen next. Learning need not be one: once the episode is known, an
agent that can read a whole sequence in parallel goes through it a second time with gradients. The numbers are the
same, because the actions are kept and everything else is a function of what was seen.

Source: schlag2021, App. I
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from memlib.tasks.graph_navigation import GraphNavigation


class Agent(Protocol):
    """What acts, and what learns from what it did."""

    def __call__(self, x: Tensor, state: Any) -> tuple[Tensor, Tensor, Any]:
        """One step: [batch, width] -> logits [batch, actions], values [batch], and the next state; None at first."""
        ...

    def sequence(self, xs: Tensor, state: Any) -> tuple[Tensor, Tensor, Any]:
        """A whole episode: [batch, time, width] -> logits [batch, time, actions], values [batch, time], state."""
        ...


@dataclass(frozen=True)
class A2CConfig:
    """The weights of the loss; the defaults are the paper's.

    Attributes:
        discount: of a reward one step later.
        value_weight: of the squared error of the values.
        entropy_weight: of the reward for undecided actions.
    """

    discount: float = 0.9
    value_weight: float = 0.1
    entropy_weight: float = 0.03


class Episode(NamedTuple):
    """What an agent saw, did and got.

    Attributes:
        inputs: [batch, time, width].
        actions: [batch, time].
        rewards: [batch, time].
    """

    inputs: Tensor
    actions: Tensor
    rewards: Tensor

    @property
    def total(self) -> Tensor:
        """The sum of each agent's rewards, [batch]."""
        return self.rewards.sum(1)


def returns(rewards: Float[Tensor, "batch time"], discount: float) -> Float[Tensor, "batch time"]:
    """R_t = r_t + discount R_{t+1}, with nothing after the last step.

    Args:
        rewards: r.
        discount: from 0 to 1.

    Raises:
        ValueError: the discount is outside.
    """
    if not 0 <= discount <= 1:
        raise ValueError(f"expected a discount from 0 to 1, got {discount}.")
    return discounted(rewards, torch.full_like(rewards, discount))


def discounted(
    amounts: Float[Tensor, "batch time"],
    factors: Float[Tensor, "batch time"],
    after: Float[Tensor, " batch"] | None = None,
) -> Float[Tensor, "batch time"]:
    """R_t = a_t + f_t R_{t+1}: amounts with all that follows them, each step of it discounted by its own factor.

    Args:
        amounts: a.
        factors: f, 0 where nothing follows.
        after: R after the last step; nothing when None.
    """
    following = torch.zeros_like(amounts[:, 0]) if after is None else after
    sums = []
    for amount, factor in zip(reversed(amounts.unbind(1)), reversed(factors.unbind(1)), strict=True):
        following = amount + factor * following
        sums.append(following)
    return torch.stack(sums[::-1], 1)


def a2c_loss(
    logits: Float[Tensor, "batch time actions"],
    values: Float[Tensor, "batch time"],
    actions: Int[Tensor, "batch time"],
    rewards: Float[Tensor, "batch time"],
    config: A2CConfig | None = None,
) -> Float[Tensor, ""]:
    """The mean loss of a step.

    With the advantage A = R - V, of which the policy's term takes the value alone:
    -A log p(action) + value_weight A² - entropy_weight H(p).

    Args:
        logits: of the actions.
        values: V.
        actions: that were taken.
        rewards: that followed.
        config: the weights.

    Source: schlag2021, App. I
    """
    config = config or A2CConfig()
    advantage = returns(rewards, config.discount) - values
    return weighed(logits, advantage, advantage, actions, config)


def weighed(
    logits: Float[Tensor, "batch time actions"],
    missing: Float[Tensor, "batch time"],
    advantage: Float[Tensor, "batch time"],
    actions: Int[Tensor, "batch time"],
    config: A2CConfig,
) -> Float[Tensor, ""]:
    """The three terms of the loss together, the mean of a step.

    Args:
        logits: of the actions.
        missing: by what the values fall short of their targets, with the values' gradients.
        advantage: of the actions that were taken, of which the value alone is used.
        actions: that were taken.
        config: the weights.
    """
    log_p = functional.log_softmax(logits, -1)
    taken = log_p.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    entropy = -(log_p.exp() * log_p).sum(-1)
    policy = -advantage.detach() * taken
    return (policy + config.value_weight * missing.square() - config.entropy_weight * entropy).mean()


@torch.no_grad()
def rollout(agent: Agent, world: GraphNavigation, generator: torch.Generator) -> Episode:
    """Play one episode in every graph; actions are drawn from the agent's probabilities.

    Args:
        agent: with an empty memory at the start.
        world: where it acts.
        generator: of everything random, on the CPU.
    """
    steps = world.config.steps
    state = world.reset(generator)
    offsets = world.offsets(steps, generator)
    # The largest of logits + Gumbel noise is a draw from the softmax of the logits.
    noise = torch.empty(steps, world.batch, world.actions).exponential_(generator=generator).log_().neg_()
    noise = noise.to(world.graphs.device, world.dtype)
    inputs = torch.empty(world.batch, steps, world.width, device=world.graphs.device, dtype=world.dtype)
    actions, rewards = [], []
    memory: Any = None
    for t in range(steps):
        inputs[:, t] = world.observe(state)
        logits, _, memory = agent(inputs[:, t], memory)
        action = (logits + noise[t]).argmax(-1)
        state, reward = world.step(state, action, offsets[t])
        actions.append(action)
        rewards.append(reward)
    return Episode(inputs, torch.stack(actions, 1), torch.stack(rewards, 1))


def episode_loss(agent: Agent, episode: Episode, config: A2CConfig | None = None) -> Float[Tensor, ""]:
    """The loss of an episode that was played, with gradients: the agent reads it again, all at once."""
    logits, values, _ = agent.sequence(episode.inputs, None)
    return a2c_loss(logits, values, episode.actions, episode.rewards, config)
