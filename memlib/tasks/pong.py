"""Pong on an emulated Atari: several games at once, seen every n-th frame, as small grey pictures.

A point is won or lost by a ball that moves; one picture does not tell where to. A player who sees every frame must
remember over hundreds of them what mattered, one who sees every 32nd must guess what happened in between.

One step of four games, with what its tensors hold::

    pong = Pong(4, seed=0)
    seen = pong.reset()                     [4, 1, 80, 80], from 0 to 1
    step = pong.step(torch.tensor([0, 2, 2, 3]))
    step.observation                        [4, 1, 80, 80]; of a game that is over, the first of the next one
    step.reward                             [4]: +1 for a point won, -1 for one lost, else 0
    step.done                               [4]: whether a game ended here: forget it
    step.total                              [4]: the sum of the game's rewards so far, from -21 to 21

The games are gymnasium's, with the emulator and the ROM of ale-py (the extra ``rl``). Where the paper's text and the
authors' code differ, or the text is silent, `PongConfig` has an option.

Source: le2020, Sec. 3.4, App. I; mnih2016
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from memlib.tasks.atari import BOTTOM, TOP, Emulator, FrameByFrame, Game, Player, emulated, grey_of
from memlib.tasks.checks import whole_number

__all__ = ["ACTIONS", "Game", "Pong", "PongConfig", "Running", "Step", "emulated", "picture"]

# Of the game's own six: nothing, fire, up, down, and these two with fire.
ACTIONS = 6
NOTHING, FIRE, UP = 0, 1, 2


@dataclass(frozen=True)
class PongConfig:
    """How the games are seen and played.

    Attributes:
        skip: n, an action holds for n frames and the last is seen; 0 and 1 both mean every frame. The paper has 0, 4,
            16 and 32.
        pooled: of so many last frames each point's brightest is seen; the authors' code has 3, across steps where n is
            smaller. It shows which way the ball flies.
        idle: a game begins with 1 to so many frames in which nothing is done; 0 for none. 30 is usual.
        fire: whether it then begins with a step of "fire" and one of "up", as in the code.
        longest: steps after which a game is cut off.
        normalise: whether a picture is brought to mean 0 and deviation 1, by running figures of each game's pictures,
            as in the code.
    """

    skip: int = 4
    pooled: int = 1
    idle: int = 30
    fire: bool = False
    longest: int = 10_000
    normalise: bool = False

    def __post_init__(self) -> None:
        for name, least in (("skip", 0), ("pooled", 1), ("idle", 0), ("longest", 1)):
            whole_number(name, getattr(self, name), least)

    @classmethod
    def paper(cls, **options: Any) -> "PongConfig":
        """As the text has it: after every n frames, one is seen."""
        return replace(cls(), **options)

    @classmethod
    def official(cls, **options: Any) -> "PongConfig":
        """As the authors' code has it."""
        return replace(cls(pooled=3, fire=True, normalise=True), **options)


class Step(NamedTuple):
    """What follows an action, see the module's text.

    Attributes:
        observation: [batch, 1, 80, 80].
        reward: [batch].
        done: [batch].
        total: [batch].
    """

    observation: Float[Tensor, "batch one height width"]
    reward: Float[Tensor, " batch"]
    done: Bool[Tensor, " batch"]
    total: Float[Tensor, " batch"]


class Pong:
    """Several games side by side; one that is over begins anew at once.

    Args:
        batch: how many.
        config: how they are seen and played.
        seed: of the games, and of how long each begins idle.
        make: what makes a game, played frame by frame; the emulator's when None.

    Attributes:
        held: frames that an action holds for.
        frames: played by actions since `reset`.

    Raises:
        DataError: the emulator is asked for, and not installed.
    """

    def __init__(
        self, batch: int, config: PongConfig | None = None, seed: int = 0, make: Callable[[], Game] | None = None
    ) -> None:
        self.batch, self.config = whole_number("batch", batch, 1), config or PongConfig()
        self.seed, self.generator = whole_number("seed", seed), torch.Generator().manual_seed(seed)
        pooled, self.held = self.config.pooled, max(1, self.config.skip)
        self.players: list[Player] = [
            Emulator(pooled) if make is None else FrameByFrame(make(), pooled) for _ in range(self.batch)
        ]
        self._normal, self.frames = Running(self.batch), 0
        self._totals, self._steps = torch.zeros(self.batch), [0] * self.batch

    def reset(self) -> Float[Tensor, "batch one height width"]:
        """Begin all games from their seeds; what is seen first."""
        self.generator.manual_seed(self.seed)
        self._normal, self.frames = Running(self.batch), 0
        for row in range(self.batch):
            self._begin(row, self.seed * self.batch + row)
        return self._seen()

    def step(self, actions: Int[Tensor, " batch"]) -> Step:
        """Every game goes on by one action, n frames long; call `reset` first.

        Args:
            actions: of each game, from 0 to 5.

        Raises:
            ValueError: there are not as many actions as games, or there is no such action.
        """
        chosen = torch.as_tensor(actions).tolist()
        if not isinstance(chosen, list) or len(chosen) != self.batch or not set(chosen) <= set(range(ACTIONS)):
            raise ValueError(
                f"expected an action from 0 to {ACTIONS - 1} for each of {self.batch} games; got {chosen}."
            )
        played = [self._act(row, action) for row, action in enumerate(chosen)]
        rewards = torch.tensor([reward for reward, _, _ in played])
        self.frames += sum(frames for _, _, frames in played)
        self._totals = self._totals + rewards
        totals, done = self._totals.clone(), torch.tensor([over for _, over, _ in played])
        for row in done.nonzero().flatten().tolist():
            self._begin(row)
        return Step(self._seen(), rewards, done, totals)

    def _begin(self, row: int, seed: int | None = None) -> None:
        """A new game in a row: nothing is done for some frames, and the ball may be served."""
        while not self._served(row, seed):
            seed = None
        self._totals[row], self._steps[row] = 0.0, 0

    def _served(self, row: int, seed: int | None) -> bool:
        self.players[row].begin(seed)
        idle = self.config.idle and 1 + int(torch.randint(self.config.idle, (), generator=self.generator))
        service = [(FIRE, self.held), (UP, self.held)] if self.config.fire else []
        return not any(self.players[row].play(*part)[1] for part in [(NOTHING, idle), *service])

    def _act(self, row: int, action: int) -> tuple[float, bool, int]:
        """One action in one game: its reward, whether the game ended, and the frames played."""
        reward, over, frames = self.players[row].play(action, self.held)
        self._steps[row] += 1
        return reward, over or self._steps[row] >= self.config.longest, frames

    def _seen(self) -> Tensor:
        pictures = shrunk(torch.stack([player.grey() for player in self.players]))
        return self._normal(pictures) if self.config.normalise else pictures

    def state_dict(self) -> dict[str, Any]:
        """All games as they stand, for a checkpoint; the emulator's own memory among it."""
        return {
            "players": [player.state_dict() for player in self.players],
            "generator": self.generator.get_state(),
            "normal": vars(self._normal).copy(),
            "totals": self._totals,
            "steps": list(self._steps),
            "frames": self.frames,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with games that were saved; do not call `reset` then."""
        for player, saved in zip(self.players, state["players"], strict=True):
            player.load_state_dict(saved)
        self.generator.set_state(state["generator"])
        vars(self._normal).update(state["normal"])
        self._totals, self._steps, self.frames = state["totals"].clone(), list(state["steps"]), state["frames"]


def picture(frames: Sequence[np.ndarray]) -> Float[Tensor, "batch one height width"]:
    """The playing fields of some frames in grey, four points to one, from 0 to 1.

    Args:
        frames: of bytes, each [210, 160, 3].
    """
    return shrunk(grey_of(np.stack([frame[TOP:BOTTOM] for frame in frames])))


def shrunk(grey: Float[Tensor, "batch tall wide"]) -> Float[Tensor, "batch one height width"]:
    """Four points to one: their mean."""
    left, right = grey[..., ::2], grey[..., 1::2]
    # Row by row, as torch's pooling adds, but without its cost for one channel.
    return ((left[:, ::2] + right[:, ::2] + left[:, 1::2] + right[:, 1::2]) / 4).unsqueeze(1)


class Running:
    """Running means and deviations of the pictures of each game, the newest counting 1 in 10,000 in the long run.

    Args:
        batch: how many games.
        keep: how much of the old figures is kept.
    """

    def __init__(self, batch: int, keep: float = 0.9999) -> None:
        self.keep, self.count = keep, 0
        # Of few pictures all that is above 0.9999 must be told apart.
        self.mean, self.deviation = (torch.zeros(batch, dtype=torch.float64) for _ in range(2))

    def __call__(self, pictures: Float[Tensor, "batch one height width"]) -> Float[Tensor, "batch one height width"]:
        """Take the pictures in, and give them with their running mean taken off, over their running deviation."""
        flat = pictures.flatten(1).double()
        self.count += 1
        self.mean = self.keep * self.mean + (1 - self.keep) * flat.mean(1)
        self.deviation = self.keep * self.deviation + (1 - self.keep) * flat.std(1, correction=0)
        # Both began at 0.
        known = 1 - self.keep**self.count
        mean, deviation = (figure.view(-1, 1, 1, 1) / known for figure in (self.mean, self.deviation))
        return ((pictures - mean) / (deviation + 1e-8)).to(pictures.dtype)
