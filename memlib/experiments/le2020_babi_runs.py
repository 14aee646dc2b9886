"""The pieces of a run on bAbI: batches of one task each, tasks equally often.

Source: le2020, App. J
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer

from memlib.data import find
from memlib.experiments.experiment import Run
from memlib.models.story_reader import StoryReader, StoryReaderConfig
from memlib.tasks import babi_parts
from memlib.tasks.babi import VARIANT
from memlib.tasks.babi_joint import OneTaskAtATime, StoryBatch, by_task, errors, load, marked, told, words_of
from memlib.tasks.babi_memory import Questions
from memlib.training import Guard, Settings
from memlib.training.schedules import Constant

EVALUATION_BATCH = 200


class HalveOnce(Constant):
    """Halve the rate once, when the validation's loss is low enough.

    Args:
        below: the loss.

    Attributes:
        loss: of the last validation; whoever validates sets it.
        halved: whether it was done.
    """

    def __init__(self, below: float) -> None:
        self.below, self.loss, self.halved = below, math.inf, False

    def after_validation(self, figure: float, update: int, optimiser: Optimizer) -> None:
        """Look at the loss."""
        if self.halved or self.loss >= self.below:
            return
        for group in optimiser.param_groups:
            group["lr"] /= 2
        self.halved = True

    def state_dict(self) -> dict[str, Any]:
        """Whether it was done."""
        return {"halved": self.halved}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """From a checkpoint; the rate itself stands in the optimiser."""
        self.halved = bool(state["halved"])


@dataclass(frozen=True)
class Data:
    """Questions of three parts by task, and what is to be said of them.

    Attributes:
        train: to train on.
        valid: to choose the best weights by.
        test: for the figures.
        ids: the numbers of the words.
        about: `memlib.experiments.experiment.Run.data`.
    """

    train: dict[int, Questions]
    valid: dict[int, Questions]
    test: dict[int, Questions]
    ids: dict[str, int]
    about: dict[str, Any]

    @property
    def longest(self) -> int:
        """Words in the longest sentence or question."""
        every = [one for part in (self.train, self.valid, self.test) for one in part.values()]
        return max(max(one.sentences.shape[1], one.question.shape[1]) for one in every)


@cache
def data(stories: str, tasks: tuple[int, ...], generated: int, sentences: int) -> Data:
    """The questions of a run, read once for all seeds of one command.

    Args:
        stories: "real", where bAbI is on this machine, else generated; "generated" in any case.
        tasks: which; only 1 to 3 can be generated.
        generated: how many stories of each task to generate.
        sentences: how many a question sees, the last ones.
    """
    real = stories == "real"
    root = find("babi", VARIANT) if real else None
    parts = load(root, tasks) if root is not None else babi_parts.generated(generated, 1, [t for t in tasks if t <= 3])
    ids = words_of(parts)
    train, valid, test = (by_task(marked(part), ids, sentences) for part in (parts.train, parts.valid, parts.test))
    about = {
        "source": parts.source,
        "substituted": real and root is None,
        "differs": parts.differs,
        "vocabulary": len(ids),
        **{
            name: sum(map(len, part.values()))
            for name, part in (("train", train), ("validation", valid), ("test", test))
        },
    }
    return Data(train, valid, test, ids, about)


@torch.no_grad()
def score(model: nn.Module, questions: Mapping[int, Questions], device: torch.device) -> dict[str, float]:
    """Errors in per cent, see `memlib.tasks.babi_joint.errors`, and the mean ``loss`` of all questions in nats.

    Args:
        model: in evaluation mode.
        questions: by task.
        device: the model's.
    """
    right, task, lost = [], [], 0.0
    for one in questions.values():
        for rows in torch.arange(len(one)).split(EVALUATION_BATCH):
            batch = told(one.batch(rows)).to(device)
            logits = model(batch.story, batch.lengths, batch.question)
            lost += functional.cross_entropy(logits, batch.answer, reduction="sum").item()
            right.append((logits.argmax(-1) == batch.answer).cpu())
            task.append(batch.task.cpu())
    return errors(torch.cat(right), torch.cat(task)) | {"loss": lost / sum(map(len, right))}


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """The pieces of a run.

    Args:
        settings: of the experiment.
        seed: of the batches; the weights come from torch's global generator.
        device: to train on.
    """
    stories = data(settings["stories"], tuple(settings["tasks"]), settings["generated"], settings["sentences"])
    config = StoryReaderConfig(len(stories.ids) + 1, stories.longest, **settings["options"])
    model = StoryReader(config).to(device)
    schedule = HalveOnce(settings["halve_below"])

    def loss(model: nn.Module, batch: StoryBatch, carry: Any) -> tuple[Tensor, Any]:
        batch = batch.to(device)
        return functional.cross_entropy(model(batch.story, batch.lengths, batch.question), batch.answer), carry

    def validate(model: nn.Module) -> dict[str, float]:
        found = score(model, stories.valid, device)
        schedule.loss = found["loss"]
        return {name: found[name] for name in ("mean_error", "loss", "failed")}

    return Run(
        model=model,
        optimiser=torch.optim.Adam(
            (weight for weight in model.parameters() if weight.requires_grad),
            settings["learning_rate"],
            betas=(settings["betas"][0], settings["betas"][1]),
        ),
        batches=OneTaskAtATime(stories.train, settings["batch"], seed),
        loss=loss,
        validate=validate,
        test=lambda model: score(model, stories.test, device),
        settings=Settings(
            updates=settings["updates"],
            validate_every=settings["validate_every"],
            checkpoint_every=max(1, min(settings["validate_every"], 500)),
            clip_norm=settings["clip_norm"],
            metric="mean_error",
        ),
        data={**stories.about, "differs": [*stories.about["differs"], *settings["differs"]]},
        schedule=schedule,
        # Batches are of one task each, and some tasks are learned long before others.
        guard=Guard(factor=math.inf),
        metadata={"vocabulary": json.dumps(list(stories.ids))},
    )
