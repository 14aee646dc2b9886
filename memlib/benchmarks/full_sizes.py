"""What each experiment needs at its full sizes: two updates, and the memory that they take.

Where the real data are not here, `memlib.benchmarks.stand_in` writes small files in their format.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from memlib.benchmarks import stand_in
from memlib.benchmarks.benchmark import Benchmark, Case, Side, Work
from memlib.data import DataError
from memlib.experiments import registry
from memlib.experiments.experiment import Experiment, Run
from memlib.training import Settings, Trainer

UPDATES = 2


def build(experiment: Experiment, device: torch.device) -> Run:
    """The full profile of an experiment, on few generated data; on stand-in data where its own are not here.

    Args:
        experiment: which.
        device: to build it on.

    Raises:
        DataError: nothing stands in for its data either.
    """
    settings = stand_in.fewer(experiment.settings_of("full"))
    try:
        return experiment.build(settings, 1, device)
    except DataError:
        with tempfile.TemporaryDirectory() as folder, stand_in.placed(Path(folder)):
            return experiment.build(settings, 1, device)


def updates(run: Run, count: int = UPDATES) -> list[float]:
    """Make a few updates, without validation in between; the loss of each.

    Args:
        run: built, and changed by this.
        count: how many.
    """
    settings = Settings(
        count, count + 1, count + 1, clip_norm=run.settings.clip_norm, clip_value=run.settings.clip_value
    )
    trainer = Trainer(
        run.model, run.optimiser, run.batches, run.loss, lambda model: {"loss": 0.0}, settings, schedule=run.schedule
    )
    losses: list[float] = []
    trainer.guard.check = lambda loss, update: losses.append(loss)  # type: ignore[method-assign]
    trainer.train()
    return losses


def _work(settings: Mapping[str, Any]) -> Work:
    experiment = registry.get(settings["experiment"])
    assert isinstance(experiment, Experiment)
    run = build(experiment, torch.device("cpu"))
    weights = sum(p.numel() for p in run.model.parameters())
    return Work(lambda: updates(run), describe=lambda losses: {"weights": f"{weights:,}", "data": run.data["source"]})


def of_group(group: str, experiments: Sequence[Experiment]) -> Benchmark:
    """The benchmark of the experiments whose names begin alike: ``full-sizes-snli`` for ``snli/...``."""
    sides = tuple(Side(one.name.replace("/", "."), one.name, _work, {"experiment": one.name}) for one in experiments)
    return Benchmark(
        name=f"full-sizes-{group}",
        module=__name__,
        title=f"Memory at full sizes: {group}",
        question=(
            f"Do the experiments {group} fit into a machine at the sizes of their full profile? Two updates are made. "
            "No time is taken, so that this may run beside other work."
        ),
        cases=(Case("updates", "Two updates", sides, sides[0].name, timed=False),),
        minutes=f"{len(sides)} fresh processes",
    )


def _groups() -> dict[str, list[Experiment]]:
    """By the first part of the name. What differs from another experiment in an option alone is left out."""
    groups: dict[str, list[Experiment]] = {}
    for experiment in TRAINED:
        group = experiment.name.split("/")[0]
        if group != "discrepancies":
            groups.setdefault(group, []).append(experiment)
    return groups


TRAINED = [experiment for experiment in registry.EXPERIMENTS.values() if isinstance(experiment, Experiment)]
BENCHMARKS = tuple(of_group(group, experiments) for group, experiments in _groups().items())
