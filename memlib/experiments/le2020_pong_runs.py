"""The pieces of a run of Pong: the agent, the games that it learns from, and those that it is tested on.

The games are saved with each checkpoint, the emulator's memory among them, so that a resumed run goes on within them.

Source: le2020, Sec. 3.4; le2020, App. I
"""

import math
from collections import deque
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from memlib.experiments.experiment import Run
from memlib.models.game_agent import GameAgent, GameCore, Screen, ScreenConfig, TwoMemoriesCore
from memlib.models.navigation_agent import LSTMCore
from memlib.models.stm import STM
from memlib.models.stm_config import STMConfig
from memlib.tasks.pong import ACTIONS, Pong, PongConfig, Step
from memlib.training import Guard, Settings
from memlib.training.windows import GAEConfig, Place, first, play, window_loss

# The least that a game can score: what stands for the mean of recent games before the first is over.
WORST = -21.0


def _preset(kind: Any, options: Mapping[str, Any], *sizes: int) -> Any:
    """A configuration by the name of its preset, with options."""
    rest = {name: value for name, value in options.items() if name != "preset"}
    return {"paper": kind.paper, "official": kind.official}[options["preset"]](*sizes, **rest)


def agent(settings: Mapping[str, Any]) -> GameAgent:
    """The agent of an experiment.

    Args:
        settings: with ``screen``, ``lstm``, and ``stm``, empty for none.
    """
    screen = Screen(_preset(ScreenConfig, settings["screen"]))
    lstm = LSTMCore(screen.config.width, settings["lstm"])
    core: GameCore = lstm
    if settings["stm"]:
        options = {name: value for name, value in settings["stm"].items() if name != "output"}
        core = TwoMemoriesCore(lstm, STM(_preset(STMConfig, options, lstm.width, settings["stm"]["output"])))
    return GameAgent(screen, core, ACTIONS)


def gumbel(generator: torch.Generator, *shape: int) -> Tensor:
    """Noise whose largest sum with logits is a draw from their softmax."""
    return torch.empty(*shape).exponential_(generator=generator).log_().neg_()


class Playing:
    """The games that an agent learns from, as a stream: each batch is the noise of a window.

    It is also the world that the window is then played in, and keeps the scores of the games that are over.

    Args:
        world: the games.
        window: steps.
        recent: of how many games scores are kept.
        seed: of the noise.
    """

    def __init__(self, world: Pong, window: int, recent: int, seed: int) -> None:
        self.world, self.window = world, window
        self.generator = torch.Generator().manual_seed(seed)
        self.scores, self.games = deque[float](maxlen=recent), 0

    def __next__(self) -> Tensor:
        return gumbel(self.generator, self.window, self.world.batch, ACTIONS)

    def reset(self) -> Tensor:
        """All games anew."""
        return self.world.reset()

    def step(self, actions: Tensor) -> Step:
        """One step of all games."""
        step = self.world.step(actions)
        over = step.total[step.done].tolist()
        self.scores.extend(over)
        self.games += len(over)
        return step

    @property
    def score(self) -> float:
        """The mean of the recent games that are over; the least possible before there is one."""
        return sum(self.scores) / len(self.scores) if self.scores else WORST

    def state_dict(self) -> dict[str, Any]:
        """The games as they stand, and the generator."""
        state = {"generator": self.generator.get_state(), "world": self.world.state_dict()}
        return {**state, "scores": list(self.scores), "games": self.games}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with them."""
        self.generator.set_state(state["generator"])
        self.world.load_state_dict(state["world"])
        self.scores.clear()
        self.scores.extend(state["scores"])
        self.games = state["games"]


@torch.no_grad()
def scores(model: GameAgent, world: Pong, generator: torch.Generator, device: torch.device) -> list[float]:
    """What each of some games ends with, played anew with actions drawn from the agent's probabilities.

    Args:
        model: the agent.
        world: the games.
        generator: of the actions.
        device: the model's.
    """
    found: dict[int, float] = {}
    seen, fresh, state = first(world)
    while len(found) < world.batch:
        seen, fresh = seen.to(device), fresh.to(device)
        logits, _, state = model(seen, model.begun(state, fresh))
        step = world.step((logits + gumbel(generator, *logits.shape).to(device)).argmax(-1).cpu())
        for row in step.done.nonzero().flatten().tolist():
            found.setdefault(row, float(step.total[row]))
        seen, fresh = step.observation, step.done
    return list(found.values())


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """The pieces of a run.

    Args:
        settings: of the experiment.
        seed: of the games and the actions; the weights come from torch's global generator.
        device: to train on; the games run on the CPU.

    Raises:
        DataError: the emulator is not installed; the message names the extra that brings it.
    """
    config = _preset(PongConfig, {**settings["world"], "skip": settings["skip"]})
    playing = Playing(Pong(settings["games"], config, seed), settings["window"], settings["recent_games"], seed)
    weights = GAEConfig(*(settings[name] for name in ("discount", "value_weight", "entropy_weight", "smoothing")))
    model = agent(settings).to(device)

    def loss(model: nn.Module, noise: Tensor, carry: Any) -> tuple[Tensor, Any]:
        place = first(playing) if carry is None else Place(*carry)
        window, place = play(model, playing, place, noise.to(device))  # type: ignore[arg-type]
        return window_loss(model, window, weights), place  # type: ignore[arg-type]

    def counts() -> dict[str, float]:
        return {"games": float(playing.games), "frames": float(playing.world.frames)}

    def validate(model: nn.Module) -> dict[str, float]:
        return {"score": playing.score, **counts()}

    def test(model: nn.Module) -> dict[str, float]:
        generator = torch.Generator().manual_seed(seed + 1_000_003)
        found = scores(model, Pong(settings["test_games"], config, seed + 1_000_003), generator, device)  # type: ignore[arg-type]
        return {"score": sum(found) / len(found), "training_score": playing.score, **counts()}

    return Run(
        model=model,
        optimiser=torch.optim.Adam(model.parameters(), lr=settings["learning_rate"], amsgrad=True),
        batches=playing,
        loss=loss,
        validate=validate,
        test=test,
        settings=Settings(
            updates=settings["updates"],
            validate_every=settings["validate_every"],
            checkpoint_every=100,
            clip_norm=settings["clip_norm"],
            metric="score",
            higher_is_better=True,
        ),
        data={
            "source": "the emulator",
            "substituted": False,
            "differs": list(settings["differs"]),
            "train": settings["updates"] * settings["window"] * settings["games"],
            "validation": settings["recent_games"],
            "test": settings["test_games"],
        },
        # The loss has no lower bound.
        guard=Guard(factor=math.inf),
    )
