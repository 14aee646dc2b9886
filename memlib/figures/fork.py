"""The fork: every branch a little, or one that is drawn, and what a baseline does to the noise (fork.js draws it)."""

from importlib.resources import files
from typing import Any

import torch
import traitlets

from memlib.figures.base import Interactive, at_least, module, seeded, styles

_BRANCHES = 5
_MOST = 1000  # draws


class ForkWidget(Interactive):
    """Five branches with weights and rewards; draws one after the other, and two estimates of the gradient from them.

    Scores and rewards come from one seeded generator and travel with the widget. The draws are made in the page, from a
    generator with a seed of its own, so that the same buttons bring the same draws.

    Args:
        draws: made at the start, 0 to 1000.
        baseline: b, -5 to 1 in steps of 0.1; the mean reward, rounded, when None.
        seed: of the generator, and of the draws.

    Raises:
        ValueError: an argument is out of its range.
    """

    _esm = module("fork")
    _css = styles() + "\n" + files("memlib.figures").joinpath("fork.css").read_text(encoding="utf-8")
    _words = "Draw branches of a fork, and compare the gradient of every branch with its estimates from the draws."
    draws = traitlets.Int(0).tag(sync=True)
    baseline = traitlets.Float(0.0).tag(sync=True)

    def __init__(self, *, draws: int = 0, baseline: float | None = None, seed: int = 7) -> None:
        own = type(self).__name__
        at_least(own, draws=(draws, 0))
        if draws > _MOST:
            raise ValueError(f"{own}: expected draws <= {_MOST}, got {draws}.")
        generator = seeded(own, seed)
        scores = (0.8 * torch.randn(_BRANCHES, generator=generator, dtype=torch.float64)).round(decimals=2)
        rewards = (-2.5 + 0.8 * torch.randn(_BRANCHES, generator=generator, dtype=torch.float64)).round(decimals=2)
        rewards = rewards.clamp(-4.5, -0.1)
        mean = float(scores.softmax(0) @ rewards)
        baseline = round(mean, 1) if baseline is None else baseline
        if isinstance(baseline, bool) or not -5 <= baseline <= 1:
            raise ValueError(f"{own}: expected baseline to be a number from -5 to 1, got {baseline!r}.")
        data: dict[str, Any] = {"scores": scores.tolist(), "rewards": rewards.tolist(), "seed": seed}
        super().__init__(data=data, draws=draws, baseline=float(baseline))
