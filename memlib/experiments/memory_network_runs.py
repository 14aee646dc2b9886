"""The pieces of a run of a memory network on bAbI: real stories or generated ones, one task or all together.

Source: sukhbaatar2015, Sec. 4.2
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

from memlib.data import find
from memlib.experiments.experiment import Run, Trained
from memlib.mechanisms.memory_network import noisy_ages
from memlib.models.baselines.story_transformer import StoryTransformer, StoryTransformerConfig
from memlib.models.hard_memory_network import HardMemoryNetwork
from memlib.models.memory_network import MemoryNetwork, MemoryNetworkConfig
from memlib.tasks import babi_parts
from memlib.tasks.babi_memory import MEMORY, Batch, Questions, encode, vocabulary
from memlib.training import Epochs, Guard, Settings
from memlib.training.schedules import ByUpdate

EVALUATION_BATCH = 250
# Of the running mean of rewards, the baseline of hard attention.
FORGETS = 0.9
# A task counts as failed above this error, in per cent.
FAILED = 5.0


@dataclass(frozen=True)
class Data:
    """Questions of three parts, and what is to be said of them.

    Attributes:
        train: to train on.
        valid: to choose the best weights by.
        test: for the figures.
        about: `memlib.experiments.experiment.Run.data`.
    """

    train: Questions
    valid: Questions
    test: Questions
    about: dict[str, Any]


@cache
def data(stories: str, tasks: tuple[int, ...], generated: int, memory: int = MEMORY) -> Data:
    """The questions of a run, read once for all seeds of one command.

    Args:
        stories: "1k" or "10k", real where bAbI is on this machine and else generated; "generated" in any case.
        tasks: of the real stories.
        generated: how many stories to generate of each of tasks 1 to 3, or of those among ``tasks``.
        memory: how many sentences a question sees.
    """
    real = stories != "generated"
    root = find("babi", babi_parts.VARIANTS[stories]) if real else None
    if root is not None:
        parts = babi_parts.load(root, stories, tasks)
    else:
        parts = babi_parts.generated(generated, 1, [task for task in tasks if task <= 3] or (1, 2, 3))
    ids = vocabulary(parts.test, parts.train, parts.valid)
    train, valid, test = (encode(part, ids, memory) for part in (parts.train, parts.valid, parts.test))
    about = {
        "source": parts.source,
        "substituted": real and root is None,
        "differs": parts.differs,
        "vocabulary": len(ids),
        "longest": int((train.sentences != 0).sum(-1).max()),
        "train": len(train),
        "validation": len(valid),
        "test": len(test),
    }
    return Data(train, valid, test, about)


def answers(model: nn.Module, batch: Batch, ages: Tensor | None = None) -> Tensor:
    """Scores of all words as the answer, [batch, vocabulary], by a memory network or by a transformer.

    Args:
        model: which of the two.
        batch: on its device.
        ages: of the slots, for a memory network.
    """
    if isinstance(model, MemoryNetwork):
        return model.read(batch.sentences, batch.places, batch.question, ages).logits
    scores: Tensor = model(batch.sentences[batch.places], batch.question)
    return scores


@torch.no_grad()
def score(model: nn.Module, questions: Questions, tasks: bool = False) -> dict[str, float]:
    """Errors in per cent and the mean loss in nats.

    Args:
        model: in evaluation mode.
        questions: to answer.
        tasks: also ``error_task_1`` and so on, ``mean_error`` over tasks, and how many tasks failed (above 5 %).

    Returns:
        ``error`` over all questions, ``loss``, and what ``tasks`` adds.
    """
    device, count = next(model.parameters()).device, babi_parts.TASKS[-1] + 1
    wrong, total, lost = torch.zeros(count), torch.zeros(count), 0.0
    for start in range(0, len(questions), EVALUATION_BATCH):
        rows = torch.arange(start, min(start + EVALUATION_BATCH, len(questions)))
        batch = questions.batch(rows).to(device)
        logits = answers(model, batch)
        lost += functional.cross_entropy(logits, batch.answer, reduction="sum").item()
        wrong.index_add_(0, batch.task.cpu(), (logits.argmax(-1) != batch.answer).float().cpu())
        total.index_add_(0, batch.task.cpu(), torch.ones(len(rows)))
    found = {"error": 100 * (wrong.sum() / total.sum()).item(), "loss": lost / len(questions)}
    if tasks:
        each = {task: 100 * (wrong[task] / total[task]).item() for task in range(count) if total[task]}
        found |= {f"error_task_{task}": error for task, error in each.items()}
        found["mean_error"] = sum(each.values()) / len(each)
        found["failed_tasks"] = float(sum(error > FAILED for error in each.values()))
    return found


def rate(settings: Mapping[str, Any], update: int) -> float:
    """The learning rate of an update: constant in the linear start, then halved again and again.

    Args:
        settings: with ``learning_rate``, ``linear_updates`` and ``halve_every``, the last two in updates.
        update: counted from 0.
    """
    after = max(0, update - settings["linear_updates"])
    return float(settings["learning_rate"]) * 0.5 ** (after // settings["halve_every"])


def network(settings: Mapping[str, Any], words: int, longest: int) -> MemoryNetwork | StoryTransformer:
    """The model of an experiment, with the global generator's random weights.

    Args:
        settings: with ``width``, ``hops`` and ``options`` of `MemoryNetworkConfig`; where ``hops`` is 0, a transformer
            with ``options`` of its own; with ``entropy_weight``, a network with hard attention.
        words: how many there are, without the padding.
        longest: words in the longest sentence, for the position encoding of the authors' code.
    """
    options = dict(settings["options"])
    if not settings["hops"]:
        return StoryTransformer(StoryTransformerConfig(words + 1, settings["width"], **options))
    if options.get("longest") == "data":
        options["longest"] = longest + 1
    config = MemoryNetworkConfig(words + 1, settings["width"], settings["hops"], **options)
    return HardMemoryNetwork(config) if "entropy_weight" in settings else MemoryNetwork(config)


def restore(trained: Trained) -> tuple[MemoryNetwork, dict[str, int]]:
    """A trained memory network in evaluation mode, and the numbers of its words, for `Questions.renumbered`.

    Args:
        trained: as ``memlib.pretrained`` hands it out.
    """
    words = json.loads(trained.metadata["vocabulary"])
    with torch.random.fork_rng(devices=[]):
        model = network(trained.record["settings"], len(words), trained.record["data"]["longest"])
    assert isinstance(model, MemoryNetwork)
    model.load_state_dict(dict(trained.weights))
    return model.eval(), {word: number for number, word in enumerate(words, start=1)}


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """The pieces of a run.

    Args:
        settings: of the experiment.
        seed: of the order of the questions; weights and noise come from the global generator.
        device: to train on.
    """
    stories = data(settings["stories"], tuple(settings["tasks"]), settings["generated"])
    model = network(settings, stories.about["vocabulary"], stories.about["longest"]).to(device)
    noise = settings["noise"]
    optimiser = torch.optim.SGD if settings["hops"] else torch.optim.Adam

    def loss(model: nn.Module, batch: Batch, carry: Any) -> tuple[Tensor, tuple[int, float]]:
        (updates, expected), ages = carry or (0, 0.0), None
        if isinstance(model, MemoryNetwork):
            model.linear.fill_(updates < settings["linear_updates"])
            if noise:
                ages = noisy_ages(batch.lengths, batch.places.shape[1], model.config.memory, noise).to(device)
        batch = batch.to(device)
        errors = functional.cross_entropy(answers(model, batch, ages), batch.answer, reduction="none")
        # The sum over a batch, as in the authors' code: their learning rate and their clipping are meant for it.
        total = errors.sum()
        if isinstance(model, HardMemoryNetwork):
            reward = -errors.detach()
            total = total + model.choice_loss(reward, expected, settings["entropy_weight"]).sum()
            expected = FORGETS * expected + (1 - FORGETS) * reward.mean().item()
        return total, (updates + 1, expected)

    return Run(
        model=model,
        optimiser=optimiser(model.parameters(), settings["learning_rate"]),
        batches=Epochs(range(len(stories.train)), settings["batch"], stories.train.batch, seed),
        loss=loss,
        validate=lambda model: score(model, stories.valid),
        test=lambda model: score(model, stories.test, tasks=True),
        settings=Settings(
            updates=settings["updates"],
            validate_every=settings["validate_every"],
            checkpoint_every=settings["validate_every"],
            clip_norm=settings["clip_norm"],
            metric="error",
        ),
        data={**stories.about, "differs": [*stories.about["differs"], *settings["differs"]]},
        schedule=ByUpdate(lambda update: rate(settings, update)),
        # Where the softmax comes in, and late, where the loss is near zero, it may well rise a hundredfold.
        guard=Guard(factor=math.inf),
        metadata={"vocabulary": json.dumps(list(stories.train.ids))},
    )
