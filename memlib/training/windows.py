"""Actor-critic where a game is longer than what is learned from at once: windows of steps, the memory carried along.

As in `memlib.training.actor_critic` the agent first acts without gradients, then reads the window again with them.
What comes after a window is estimated by the value of what is seen next; gradients end at its first step. A game that
ends within a window is followed by another, of which the agent begins with an empty memory.

Source: mnih2016, Sec. 4; le2020, App. I
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from memlib.training.actor_critic import A2CConfig, discounted, weighed


class World(Protocol):
    """Several games side by side, each followed by another when it is over; `memlib.tasks.pong.Pong` is one."""

    def reset(self) -> Tensor:
        """What is seen first, [batch, ...]."""
        ...

    def step(self, actions: Tensor) -> Any:
        """What follows [batch] actions: ``observation`` [batch, ...], ``reward`` and ``done``, [batch]."""
        ...


class Player(Protocol):
    """What acts, and what learns from what it did; `memlib.models.game_agent.GameAgent` is one."""

    def __call__(self, x: Tensor, state: Any) -> tuple[Tensor, Tensor, Any]:
        """One step: [batch, ...] -> logits [batch, actions], values [batch], and the next state."""
        ...

    def sequence(self, xs: Tensor, fresh: Tensor, state: Any) -> tuple[Tensor, Tensor, Any]:
        """A window: [batch, time, ...] -> logits [batch, time, actions], values [batch, time], and the last state."""
        ...

    def begun(self, state: Any, fresh: Tensor) -> Any:
        """The state with the rows forgotten whose game begins."""
        ...


@dataclass(frozen=True)
class GAEConfig(A2CConfig):
    """The weights of the loss; the defaults are those of Le et al.'s code.

    Attributes:
        smoothing: τ of the generalised advantage: 1 for the sum of rewards less the value, 0 for one step of it.
    """

    discount: float = 0.99
    value_weight: float = 0.25
    entropy_weight: float = 0.01
    smoothing: float = 0.92


class Place(NamedTuple):
    """Where a window begins.

    Attributes:
        seen: [batch, ...].
        fresh: [batch], whether it is the first of a game.
        state: the memory before it; None where nothing was seen yet.
    """

    seen: Tensor
    fresh: Tensor
    state: Any


class Window(NamedTuple):
    """What an agent saw, did and got.

    Attributes:
        seen: [batch, time, ...].
        fresh: [batch, time], whether it is the first of a game.
        state: the memory before the window.
        actions: [batch, time].
        rewards: [batch, time].
        done: [batch, time], whether a game ended by that action.
        after: [batch], the value of what is seen after the window.
    """

    seen: Tensor
    fresh: Tensor
    state: Any
    actions: Tensor
    rewards: Tensor
    done: Tensor
    after: Tensor


def first(world: World) -> Place:
    """Where the first window begins: all games anew."""
    seen = world.reset()
    return Place(seen, torch.ones(len(seen), dtype=torch.bool), None)


@torch.no_grad()
def play(agent: Player, world: World, place: Place, noise: Float[Tensor, "time batch actions"]) -> tuple[Window, Place]:
    """Play a window; actions are drawn from the agent's probabilities.

    Args:
        agent: on any device.
        world: where it acts.
        place: where it is.
        noise: Gumbel's, on the agent's device; the largest of logits and noise is a draw from their softmax.

    Returns:
        The window, and where the next one begins.
    """
    device = noise.device
    seen, fresh, state = place.seen.to(device), place.fresh.to(device), place.state
    steps = []
    for one in noise:
        logits, _, state = agent(seen, agent.begun(state, fresh))
        action = (logits + one).argmax(-1)
        step = world.step(action.cpu())
        done = step.done.to(device)
        steps.append((seen, fresh, action, step.reward.to(logits), done))
        seen, fresh = step.observation.to(device), done
    after = agent(seen, agent.begun(state, fresh))[1]
    saw, began, actions, rewards, ended = (torch.stack(parts, 1) for parts in zip(*steps, strict=True))
    return Window(saw, began, place.state, actions, rewards, ended, after), Place(seen, fresh, state)


def advantages(
    rewards: Float[Tensor, "batch time"],
    values: Float[Tensor, "batch time"],
    done: Bool[Tensor, "batch time"],
    after: Float[Tensor, " batch"],
    discount: float,
    smoothing: float,
) -> Float[Tensor, "batch time"]:
    """A_t = δ_t + γ τ A_{t+1}, with δ_t = r_t + γ V_{t+1} - V_t; nothing follows where a game is over.

    Args:
        rewards: r.
        values: V.
        done: whether a game ended.
        after: V after the last step.
        discount: γ.
        smoothing: τ. With 1, A_t + V_t is the discounted sum of rewards until the game or the window ends, and what
            the last value promises then.
    """
    going = discount * (~done).to(rewards)
    following = torch.cat([values[:, 1:], after.unsqueeze(1)], 1)
    return discounted(rewards + going * following - values, smoothing * going)


def window_loss(agent: Player, window: Window, config: GAEConfig | None = None) -> Float[Tensor, ""]:
    """The loss of a window that was played, with gradients: the agent reads it again.

    Source: le2020, App. I
    """
    config = config or GAEConfig()
    logits, values, _ = agent.sequence(window.seen, window.fresh, window.state)
    known = (window.rewards, values.detach(), window.done, window.after, config.discount)
    missing = advantages(*known, 1.0) + values.detach() - values
    return weighed(logits, missing, advantages(*known, config.smoothing), window.actions, config)
