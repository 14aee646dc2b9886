"""The pieces of a run of the DNC's experiments: those of every step task, and a curriculum of lessons.

Besides the settings of `memlib.experiments.step_tasks` there are ``lessons`` (task options, from the easiest to the
hardest; none for no curriculum), ``threshold`` (the accuracy at which the next one begins), ``review`` (share of the
batches from earlier lessons) and ``clip_norm``.

Source: graves2016dnc
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import nn

from memlib.experiments import step_tasks
from memlib.experiments.experiment import Run
from memlib.tasks.episode import Episode
from memlib.training.curriculum import Lessons, Promotion

# Of the batches by which a lesson is judged.
LESSON_SEED = 3_000_003


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """The pieces of a run.

    Args:
        settings: of the experiment, see above.
        seed: of the batches; the weights come from torch's global generator.
        device: to train on.
    """
    run = step_tasks.build(settings, seed, device)
    run = replace(run, settings=replace(run.settings, clip_norm=settings["clip_norm"], clip_value=None))
    if not settings["lessons"]:
        return run
    make = step_tasks.TASKS[settings["task"]]
    # Those to learn on are never those by which weights are chosen: the lessons' options say which part is theirs.
    tasks = [
        make(**{**settings["task_options"], **settings["train_options"], **lesson}) for lesson in settings["lessons"]
    ]
    lessons: Lessons[Episode] = Lessons(
        [partial(task.draw, settings["batch"]) for task in tasks], seed, settings["review"]
    )
    whole = run.validate
    count, size = settings["evaluation_batches"], settings["evaluation_batch"]

    def validate(model: nn.Module) -> dict[str, float]:
        reached = step_tasks.score(model, tasks[lessons.lesson], count, size, LESSON_SEED, device)["accuracy"]
        lessons.examined(reached)
        return {**whole(model), "lesson": float(lessons.lesson), "lesson_accuracy": reached}

    return replace(run, batches=lessons, validate=validate, schedule=Promotion(lessons, settings["threshold"]))
