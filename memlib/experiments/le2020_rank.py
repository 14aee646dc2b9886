"""How many directions does the distillation of a trained STM use? The numerical rank of G2, beside an untrained one.

The rank is ‖A‖_F² / ‖A‖₂². The paper reads it as the order of the relations that a task asks for. A matrix of random
numbers has a rank of its own, near nr / (1 + √(nr / d²))² for d² inputs and nr outputs: 79.0 of 96 for d = 96 and 82.8
for d = 128. So each record holds the rank of matrices that were never trained, drawn as the model's are, beside the
rank after training. What training did is the difference.

Source: le2020, App. G
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from memlib.experiments.experiment import Measurement, Trained
from memlib.mechanisms.item_memory import numerical_rank
from memlib.runtime import PROFILES

# The paper's figures by the experiment whose weights are measured: name, published rank, and in which line.
PUBLISHED: dict[str, tuple[str, float]] = {
    "retrieval": ("retrieval-30/stm-96", 9.42),
    "nth-farthest": ("nth-farthest/stm-8", 83.20),
    "copy": ("two-memories-copy/stm", 79.00),
    "sort": ("two-memories-sort/stm", 79.58),
    "rar": ("rar/stm", 83.30),
    "hull": ("hull/stm", 80.78),
    "tours": ("tours/stm", 83.58),
    "shortest-path": ("shortest-path/stm", 79.81),
    "spanning-tree": ("spanning-tree/stm", 79.57),
}
WEIGHT = "cell.distil.weight"


@dataclass(frozen=True)
class Settings:
    """What is measured.

    Attributes:
        task: of `PUBLISHED`.
        seeds: of the untrained matrices.
    """

    task: str
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)

    @property
    def trained(self) -> str:
        """The experiment whose weights they are."""
        return PUBLISHED[self.task][0]


def expected_rank(inputs: int, outputs: int) -> float:
    """Of a matrix of independent random numbers, in the limit of large sizes: both norms are known there.

    ‖A‖_F² comes to inputs · outputs variances, ‖A‖₂ to √inputs + √outputs standard deviations.

    Args:
        inputs: columns.
        outputs: rows.

    Raises:
        ValueError: one of them is below 1.
    """
    if min(inputs, outputs) < 1:
        raise ValueError(f"expected_rank: expected inputs and outputs of at least 1, got {inputs} and {outputs}.")
    return inputs * outputs / (math.sqrt(inputs) + math.sqrt(outputs)) ** 2


def untrained_rank(inputs: int, outputs: int, seed: int) -> float:
    """Of a linear layer as torch draws it.

    Args:
        inputs: columns.
        outputs: rows.
        seed: of its numbers.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer = nn.Linear(inputs, outputs)
    return float(numerical_rank(layer.weight.detach().double()))


def run(settings: Settings, report: Callable[[str], None], trained: Trained) -> dict[str, Any]:
    """Measure it.

    Args:
        settings: see `Settings`.
        report: called with a line for each part.
        trained: weights of the experiment.

    Returns:
        A record without its stamp: ``rank`` of the trained weights, ``untrained`` (one a seed), ``expected``, and the
        largest possible ``limit``.

    Raises:
        ValueError: the weights hold no distillation.
    """
    started = time.perf_counter()
    if WEIGHT not in trained.weights:
        raise ValueError(f"expected weights of an STM with {WEIGHT!r}; got {', '.join(trained.weights)}.")
    weight = trained.weights[WEIGHT].detach().double()
    outputs, inputs = weight.shape
    report("trained")
    found = float(numerical_rank(weight))
    report("untrained")
    untrained = [untrained_rank(inputs, outputs, seed) for seed in settings.seeds]
    return {
        "name": _name(settings.task),
        "what": "numerical rank of the distillation of a trained STM, and of untrained ones",
        "settings": plain(settings),
        "seeds": list(settings.seeds),
        "trained": {"name": trained.record["name"], "sha256": trained.record["weights"]["sha256"]},
        "data": {"source": f"weights of {settings.trained}"},
        "rank": found,
        "untrained": untrained,
        "expected": expected_rank(inputs, outputs),
        "limit": min(inputs, outputs),
        "published": PUBLISHED[settings.task][1],
        "wall_time_s": round(time.perf_counter() - started, 1),
    }


def plain(settings: Settings) -> dict[str, Any]:
    """The settings that a record holds."""
    return {"trained": settings.trained, "untrained_seeds": list(settings.seeds)}


def settings_for(task: str, profile: str) -> tuple[Settings, dict[str, Any]]:
    """The settings of a profile, and as a record holds them.

    Raises:
        ValueError: no such profile.
    """
    if profile not in PROFILES:
        raise ValueError(f"{_name(task)} has no profile {profile!r}; it has: {', '.join(PROFILES)}.")
    settings = Settings(task) if profile == "full" else Settings(task, seeds=(1,))
    return settings, plain(settings)


def lines(record: dict[str, Any]) -> list[str]:
    """Ranks as lines of text."""
    mean = sum(record["untrained"]) / len(record["untrained"])
    return [
        f"trained    {record['rank']:6.2f} of {record['limit']}",
        f"untrained  {mean:6.2f}",
        f"expected of random numbers {record['expected']:.2f}",
        f"published  {record['published']:6.2f}",
    ]


def _name(task: str) -> str:
    return f"stm-rank-{task}"


MEASUREMENTS: tuple[Measurement, ...] = tuple(
    Measurement(
        name=_name(task),
        row="O12",
        paper="le2020",
        where="Table 8",
        system="Numerical rank of G2, trained and untrained",
        task=f"weights of {experiment}, without training",
        measure=run,
        settings=partial(settings_for, task),
        lines=lines,
        trained=experiment,
    )
    for task, (experiment, _) in PUBLISHED.items()
)
