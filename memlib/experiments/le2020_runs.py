"""The pieces of a run on a task of Le et al.: those of every step task, or a data set that is drawn once.

Besides the settings of `memlib.experiments.step_tasks` there are ``differs`` (what is not as in the paper, in words)
and ``parts``: sizes of ``train``, ``valid`` and ``test`` of a data set drawn once; empty where batches are drawn anew.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from memlib.experiments import step_tasks
from memlib.experiments.experiment import Run
from memlib.experiments.step_models import outputs
from memlib.tasks.episode import StepTask
from memlib.tasks.number_recall import NumberRecall, Sequences
from memlib.training import Epochs
from memlib.training.loop import Validate

# Of the data set: the same for every seed of a run, as the authors' file is.
DATA_SEED = 0


def score(model: nn.Module, task: StepTask, sequences: Sequences, batch: int, device: torch.device) -> dict[str, float]:
    """The task's figures over all of some sequences.

    Args:
        model: in evaluation mode.
        task: what is asked.
        sequences: drawn before.
        batch: at a time.
        device: the model's.
    """
    totals: dict[str, float] = {}
    count = len(sequences.answers)
    with torch.no_grad():
        for rows in torch.arange(count).split(batch):
            episode = step_tasks.to(sequences.batch(rows), device)
            for name, figure in task.score(outputs(model, episode), episode).items():
                totals[name] = totals.get(name, 0.0) + figure * len(rows) / count
    return totals


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """The pieces of a run.

    Args:
        settings: of the experiment, see above.
        seed: of the batches, or of their order; the weights come from torch's global generator.
        device: to train on.

    Raises:
        ValueError: there is no such task, model or optimiser, or ``parts`` of a task that has none.
    """
    run = step_tasks.build(settings, seed, device)
    run.data["differs"] = list(settings["differs"])
    if settings["metric"] == "wrong_bits":
        return replace(run, validate=_items(run.validate), test=_items(run.test))
    if not settings["parts"]:
        return run
    task = step_tasks.TASKS[settings["task"]](**settings["task_options"])
    if not isinstance(task, NumberRecall):
        raise ValueError(f"there are no parts of the task {settings['task']!r}: its batches are drawn anew.")
    parts = task.parts(DATA_SEED, **settings["parts"])
    size = settings["evaluation_batch"]

    def of(sequences: Sequences) -> Any:
        return lambda model: score(model, task, sequences, size, device)

    def collate(rows: list[int]) -> Any:
        return parts.train.batch(rows)

    return replace(
        run,
        batches=Epochs(range(len(parts.train.answers)), settings["batch"], collate, seed),
        validate=of(parts.valid),
        test=of(parts.test),
        data={
            **run.data,
            "source": f"drawn once, by seed {DATA_SEED}",
            "train": len(parts.train.answers),
            "validation": len(parts.valid.answers),
            "test": len(parts.test.answers),
        },
    )


def _items(figures: Validate) -> Validate:
    """The same, with ``items``: answers without a wrong bit, in per cent, the paper's second figure of recall."""

    def more(model: nn.Module) -> dict[str, float]:
        found = figures(model)
        return found | {f"items{name[9:]}": 100 * found[name] for name in found if name.startswith("sequences")}

    return more
