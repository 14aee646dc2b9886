"""Finding a goal in an unknown graph, again and again for thirty steps: all graphs at once.

An agent stands in a place, sees the goal's name and its own place's, and picks one of three actions. Which action leads
where differs from graph to graph: it can only be found out by trying, and what was found out must be remembered. At the
goal it is rewarded, and goal and agent are put elsewhere; so they are after six steps without reward.

The paper and the code of its runs differ in four details of the environment. Each is an option of `NavigationConfig`.

Source: schlag2021, Sec. 4.2, App. I
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from memlib.tasks.checks import whole_number

REWARD_INPUTS = ("sum", "last", "none")


@dataclass(frozen=True)
class NavigationConfig:
    """The rules of the environment; the defaults are the paper's.

    Attributes:
        steps: of an episode.
        reward: for arriving at the goal.
        penalty: for an action that leads nowhere.
        patience: after more steps than this without reward, goal and agent are put elsewhere.
        reset_timer_on_goal: whether arriving starts that count anew. In the code it goes on.
        hidden_no_action_flag: whether the input's flag for "no action yet" falls on its constant bit, where it cannot
            be seen, and its own bit stays 0. So it is in the code.
        reward_input: the last input: "sum" of all rewards so far (the paper), the "last" one, or "none": always 0, as
            in the code, which means the last reward but has cleared it by then.
        forget_action_on_goal: whether the last action is forgotten on arrival, as it is when patience ends. Not in the
            code; the paper does not say.
    """

    steps: int = 30
    reward: float = 10.0
    penalty: float = 0.05
    patience: int = 5
    reset_timer_on_goal: bool = True
    hidden_no_action_flag: bool = False
    reward_input: str = "sum"
    forget_action_on_goal: bool = False

    def __post_init__(self) -> None:
        whole_number("steps", self.steps, 1)
        whole_number("patience", self.patience, 0)
        if self.reward_input not in REWARD_INPUTS:
            raise ValueError(f"expected reward_input of {', '.join(REWARD_INPUTS)}; got {self.reward_input!r}.")

    @classmethod
    def paper(cls) -> "NavigationConfig":
        """As the paper's text has it."""
        return cls()

    @classmethod
    def official(cls) -> "NavigationConfig":
        """As the code of the published runs has it."""
        return cls(reset_timer_on_goal=False, hidden_no_action_flag=True, reward_input="none")


class NavigationState(NamedTuple):
    """Where every agent is.

    Attributes:
        goal: [batch], a place.
        place: [batch], never the goal.
        action: [batch], the last one; -1 for none.
        timer: [batch], steps without reward.
        shown: [batch], the reward as the next input shows it.
        step: done so far.
    """

    goal: Tensor
    place: Tensor
    action: Tensor
    timer: Tensor
    shown: Tensor
    step: int


class GraphNavigation:
    """One agent in each of many graphs; a step is a few operations on tensors.

    Args:
        graphs: [batch, states, actions], from a place and an action to a place, itself where the action leads nowhere;
            `memlib.tasks.graph_sampler` draws them.
        config: the rules.
        dtype: of the inputs and rewards.

    Raises:
        ValueError: graphs has another shape, or names a place that is not there.
    """

    def __init__(
        self,
        graphs: Int[Tensor, "batch states actions"],
        config: NavigationConfig | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        if graphs.ndim != 3 or graphs.shape[1] < 2 or graphs.is_floating_point():
            raise ValueError(f"expected graphs [batch, states, actions] of places, got {tuple(graphs.shape)}.")
        if int(graphs.min()) < 0 or int(graphs.max()) >= graphs.shape[1]:
            raise ValueError(f"expected places from 0 to {graphs.shape[1] - 1} in every graph.")
        self.graphs, self.config, self.dtype = graphs, config or NavigationConfig(), dtype
        self.batch, self.states, self.actions = graphs.shape
        self._leads = graphs.reshape(-1)
        self._row = torch.arange(self.batch, device=graphs.device) * (self.states * self.actions)

    @property
    def width(self) -> int:
        """Of an input: goal, place, no action, action, 1, time, reward."""
        return 2 * self.states + 1 + self.actions + 3

    def offsets(self, count: int, generator: torch.Generator) -> Int[Tensor, "count two batch"]:
        """What places anew, drawn ahead: how far the new goal is from the old one, and the agent from the new goal.

        Counted along the places in a ring, so that a number from 1 to states - 1 never gives the same place.
        """
        drawn = torch.randint(1, self.states, (count, 2, self.batch), generator=generator)
        return drawn.to(self.graphs.device)

    def reset(self, generator: torch.Generator) -> NavigationState:
        """The start of an episode: a goal anywhere, the agent anywhere else."""
        device = self.graphs.device
        goal = torch.randint(self.states, (self.batch,), generator=generator).to(device)
        place = (goal + self.offsets(1, generator)[0, 1]) % self.states
        nothing = torch.zeros_like(goal)
        return NavigationState(goal, place, nothing - 1, nothing, nothing.to(self.dtype), 0)

    def observe(self, state: NavigationState) -> Float[Tensor, "batch width"]:
        """What the agents are told.

        Source: schlag2021, App. I
        """
        n, hidden = self.states, self.config.hidden_no_action_flag
        x = torch.zeros(self.batch, self.width, dtype=self.dtype, device=self.graphs.device)
        # No action is -1, hence the place before the first action's.
        x.scatter_(1, torch.stack([state.goal, state.place + n, state.action + (2 * n + 1)], 1), 1.0)
        if hidden:
            x[:, 2 * n] = 0.0
        x[:, -3] = 1.0
        x[:, -2] = state.step / self.config.steps
        x[:, -1] = state.shown
        return x

    def step(
        self, state: NavigationState, action: Int[Tensor, " batch"], offsets: Int[Tensor, "two batch"]
    ) -> tuple[NavigationState, Float[Tensor, " batch"]]:
        """Every agent acts once.

        Args:
            state: of all agents.
            action: that each of them takes.
            offsets: one row of `offsets`, for those that are put elsewhere.

        Returns:
            The next state and the rewards.

        Source: schlag2021, Sec. 4.2, App. I
        """
        rules = self.config
        target = self._leads[self._row + state.place * self.actions + action]
        arrived, nowhere = target == state.goal, target == state.place
        timer = state.timer + 1
        timer = timer.masked_fill(arrived, 0) if rules.reset_timer_on_goal else torch.where(arrived, state.timer, timer)
        expired = timer > rules.patience
        placed = arrived | expired
        goal = (state.goal + offsets[0]) % self.states
        place = torch.where(placed, (goal + offsets[1]) % self.states, target)
        reward = arrived.to(self.dtype) * rules.reward - nowhere.to(self.dtype) * rules.penalty
        shown = state.shown
        if rules.reward_input != "none":
            shown = reward + shown if rules.reward_input == "sum" else reward
        return NavigationState(
            torch.where(placed, goal, state.goal),
            place,
            action.masked_fill(placed if rules.forget_action_on_goal else expired, -1),
            timer.masked_fill(expired, 0),
            shown,
            state.step + 1,
        ), reward
