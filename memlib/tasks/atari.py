"""Playing a game frame by frame and seeing it in grey: on the emulator without waste, or through gymnasium's interface.

gymnasium hands out each frame in colour, though most are skipped and the rest are greyed. `Emulator` asks its emulator
for the frames that are looked at, as numbers of a palette, and looks their greys up. What is seen is the same to the
last bit as through `FrameByFrame`; the tests compare them.
"""

from collections import deque
from typing import Any, Protocol

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from memlib.data.errors import need

# The playing field, 160 x 160 of 210 x 160 points.
TOP, BOTTOM = 34, 194
COLOURS = 256


class Game(Protocol):
    """What a game offers: gymnasium's interface."""

    def reset(self, *, seed: int | None = None) -> tuple[Any, dict[str, Any]]:
        """A new game: its first frame [210, 160, 3] of bytes, and what else there is to know."""
        ...

    def step(self, action: int) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """One frame later: the frame, the reward, whether the game is over or was cut off."""
        ...


class Player(Protocol):
    """A game that is played several frames at a time, and whose last frames are seen."""

    def begin(self, seed: int | None = None) -> None:
        """A new game; its first frame is all that is seen of it."""
        ...

    def play(self, action: int, frames: int) -> tuple[float, bool, int]:
        """So many frames, or fewer if the game ends: the sum of rewards, whether it is over, the frames played.

        What is seen of a game that is over is not said; begin another.
        """
        ...

    def grey(self) -> Float[Tensor, "height width"]:
        """The playing field [160, 160] from 0 to 1, of each point the brightest of the last frames."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """All that a game needs to go on from here."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        ...


def grey_of(colours: np.ndarray) -> Float[Tensor, "*points"]:
    """The mean of red, green and blue, from 0 to 1.

    Args:
        colours: of bytes, [..., 3].
    """
    return torch.from_numpy(colours).float().mean(-1) / 255


def emulated() -> Any:
    """A game of Pong, frame by frame, without chance in it: gymnasium's.

    Raises:
        DataError: gymnasium or ale-py is not installed.
    """
    gymnasium, ale_py = need("gymnasium", "rl"), need("ale_py", "rl")
    # Else the emulator prints who made it.
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    gymnasium.register_envs(ale_py)
    return gymnasium.make(
        "ALE/Pong-v5", obs_type="rgb", frameskip=1, repeat_action_probability=0.0, disable_env_checker=True
    )


class FrameByFrame:
    """Any game with gymnasium's interface.

    Args:
        game: which.
        pooled: how many of the last frames are seen together.
    """

    def __init__(self, game: Game, pooled: int) -> None:
        self.game, self.frames = game, deque[np.ndarray](maxlen=pooled)

    def begin(self, seed: int | None = None) -> None:
        """A new game."""
        self.frames.clear()
        self.frames.append(self.game.reset(seed=seed)[0])

    def play(self, action: int, frames: int) -> tuple[float, bool, int]:
        """So many frames, or fewer if the game ends."""
        total = 0.0
        for played in range(1, frames + 1):
            frame, reward, over, cut, _ = self.game.step(action)
            self.frames.append(frame)
            total += float(reward)
            if over or cut:
                return total, True, played
        return total, False, frames

    def grey(self) -> Float[Tensor, "height width"]:
        """Of the brightest colours."""
        return grey_of(np.maximum.reduce([frame[TOP:BOTTOM] for frame in self.frames]))

    def state_dict(self) -> dict[str, Any]:
        """The game's own state, and the frames.

        Raises:
            TypeError: the game cannot tell its state.
        """
        if not hasattr(self.game, "state_dict"):
            kind = type(self.game).__name__
            raise TypeError(f"expected a game with state_dict() and load_state_dict(), to save it; {kind} has neither.")
        return {"game": self.game.state_dict(), "frames": [torch.from_numpy(frame) for frame in self.frames]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.game.load_state_dict(state["game"])  # type: ignore[attr-defined]
        self.frames.clear()
        self.frames.extend(frame.numpy() for frame in state["frames"])


class Emulator:
    """A game of Pong on ale-py's emulator, with the seeds and the rules of gymnasium's `emulated`.

    Args:
        pooled: how many of the last frames are seen together.

    Raises:
        DataError: gymnasium or ale-py is not installed.
    """

    def __init__(self, pooled: int) -> None:
        self.game = emulated()
        self.ale = self.game.unwrapped.ale
        self.actions = self.ale.getMinimalActionSet()
        self.screens = deque[np.ndarray](maxlen=pooled)
        # What each number of a screen looks like; learned as they are met.
        self.known = np.zeros(COLOURS, dtype=bool)
        self.palette, self.greys = np.zeros((COLOURS, 3), dtype=np.uint8), np.zeros(COLOURS, dtype=np.float32)

    def begin(self, seed: int | None = None) -> None:
        """A new game; one with a seed loads the cartridge anew, which takes a while."""
        self.game.reset(seed=seed)
        self.screens.clear()
        self._keep()

    def play(self, action: int, frames: int) -> tuple[float, bool, int]:
        """So many frames, or fewer if the game ends; only the last ones are looked at."""
        total, last = 0.0, frames - (self.screens.maxlen or 0)
        for played in range(1, frames + 1):
            total += self.ale.act(self.actions[action], 1.0)
            if played > last:
                self._keep()
            if self.ale.game_over(with_truncation=False) or self.ale.game_truncated():
                return total, True, played
        return total, False, frames

    def grey(self) -> Float[Tensor, "height width"]:
        """Looked up; only where the last frames differ are their colours compared."""
        *others, newest = self.screens
        field = self.greys.take(newest)
        if not others:
            return torch.from_numpy(field)
        changed = np.zeros(newest.shape, dtype=bool)
        for other in others:
            changed |= other != newest
        places = changed.ravel().nonzero()[0]
        if len(places):
            colours = self.palette[np.stack([screen.ravel()[places] for screen in self.screens])]
            field.ravel()[places] = grey_of(colours.max(0)).numpy()
        return torch.from_numpy(field)

    def state_dict(self) -> dict[str, Any]:
        """The emulator's memory, the last screens, and the palette as far as it is known."""
        machine = np.frombuffer(self.ale.cloneState(include_rng=True).serialize(), dtype=np.uint8)
        return {
            "machine": torch.from_numpy(machine.copy()),
            "screens": [torch.from_numpy(screen) for screen in self.screens],
            "palette": torch.from_numpy(self.palette),
            "known": torch.from_numpy(self.known),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        machine = need("ale_py", "rl").ALEState(state["machine"].numpy().tobytes())
        self.game.reset()
        self.ale.restoreState(machine)
        self.screens.clear()
        self.screens.extend(screen.numpy() for screen in state["screens"])
        self.palette, self.known = state["palette"].numpy().copy(), state["known"].numpy().copy()
        self.greys = grey_of(self.palette).numpy()

    def _keep(self) -> None:
        screen = self.ale.getScreen()[TOP:BOTTOM].copy()
        # Only where it differs from the one before can be colours never met.
        new = screen[screen != self.screens[-1]] if self.screens else screen
        if not self.known[new].all():
            self.palette[screen] = self.ale.getScreenRGB()[TOP:BOTTOM]
            self.known[screen] = True
            self.greys = grey_of(self.palette).numpy()
        self.screens.append(screen)
