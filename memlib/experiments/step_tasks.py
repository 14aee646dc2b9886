"""One runner for every step task: any model that reads [batch, time, width], on any task that draws an `Episode`.

The settings are JSON values: ``task`` and ``task_options``, ``model`` and ``model_options``, ``batch``, ``optimiser``
("adam" or "rmsprop", the latter with momentum 0.9 as in the paper and with ``smoothing``), ``learning_rate``,
``clip_value``, ``metric`` with ``higher_is_better``, ``evaluation_batches`` and ``evaluation_batch``, ``compile``,
``updates``, ``validate_every``.

Two are for tasks that grow. ``stages``: from which update on which task options are changed for training, such as
``[[0, {"lengths": [1, 5]}], [1000, {}]]``. ``tests``: by name, task options of further tests; a figure ``bit_error`` of
the test ``at_40`` is called ``bit_error_at_40``.
"""

import bisect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from memlib.experiments.experiment import Run
from memlib.experiments.step_models import MODELS, outputs
from memlib.tasks.checks import whole_number
from memlib.tasks.convex_hull import ConvexHull
from memlib.tasks.copying import Copy, RepeatCopy
from memlib.tasks.episode import Episode, StepTask
from memlib.tasks.family_questions import FamilyTree
from memlib.tasks.graph_triples import ShortestPath, Traversal
from memlib.tasks.ngrams import NGrams
from memlib.tasks.nth_farthest import NthFarthest
from memlib.tasks.number_recall import NumberRecall
from memlib.tasks.priority_sort import PrioritySort
from memlib.tasks.recall import AssociativeRecall
from memlib.tasks.relational_recall import RelationalRecall
from memlib.tasks.tours import Tours
from memlib.tasks.weighted_graphs import MinimumSpanningTree, WeightedShortestPath
from memlib.training import Guard, Settings

TASKS: dict[str, Callable[..., StepTask]] = {
    "copy": Copy,
    "repeat-copy": RepeatCopy,
    "associative-recall": AssociativeRecall,
    "ngrams": NGrams,
    "priority-sort": PrioritySort,
    "family-tree": FamilyTree,
    "shortest-path": ShortestPath,
    "traversal": Traversal,
    "number-recall": NumberRecall,
    "nth-farthest": NthFarthest,
    "relational-recall": RelationalRecall,
    "convex-hull": ConvexHull,
    "tours": Tours,
    "weighted-shortest-path": WeightedShortestPath,
    "spanning-tree": MinimumSpanningTree,
}
DEFAULTS: dict[str, Any] = {
    "task_options": {},
    "model_options": {},
    "batch": 16,
    "optimiser": "rmsprop",
    "smoothing": 0.95,
    "learning_rate": 1e-4,
    "clip_value": 10.0,
    "metric": "cost",
    "higher_is_better": False,
    "evaluation_batches": 8,
    "evaluation_batch": 32,
    "stages": [],
    "tests": {},
    "compile": False,
}


class Staged:
    """An endless stream of batches whose task changes on the way.

    Args:
        stages: (number of the first batch, the task from there on), in order; the first begins at 0.
        batch: sequences in a batch.
        seed: of the generator.

    Raises:
        ValueError: there is no stage, the first does not begin at 0, or they are out of order.
    """

    def __init__(self, stages: Sequence[tuple[int, StepTask]], batch: int, seed: int) -> None:
        self.firsts = [first for first, _ in stages]
        if not stages or self.firsts[0] != 0 or self.firsts != sorted(set(self.firsts)):
            raise ValueError(f"expected stages that begin at 0 and rise; got {self.firsts}.")
        self.tasks = [task for _, task in stages]
        self.batch, self.drawn = whole_number("batch", batch, 1), 0
        self.generator = torch.Generator().manual_seed(seed)

    def __next__(self) -> Episode:
        task = self.tasks[bisect.bisect_right(self.firsts, self.drawn) - 1]
        self.drawn += 1
        return task.draw(self.batch, self.generator)

    def state_dict(self) -> dict[str, Any]:
        """How many batches were drawn, and the generator's state."""
        return {"drawn": self.drawn, "generator": self.generator.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a place."""
        self.drawn = int(state["drawn"])
        self.generator.set_state(state["generator"])


def score(
    model: nn.Module, task: StepTask, batches: int, batch: int, seed: int, device: torch.device
) -> dict[str, float]:
    """The task's figures, averaged over freshly drawn batches; the same ones for the same seed.

    Args:
        model: as `build` makes it, in evaluation mode.
        task: what is asked.
        batches: how many.
        batch: sequences in each.
        seed: of the batches.
        device: the model's.
    """
    generator = torch.Generator().manual_seed(seed)
    totals: dict[str, float] = {}
    with torch.no_grad():
        for _ in range(batches):
            episode = to(task.draw(batch, generator), device)
            for name, figure in task.score(outputs(model, episode), episode).items():
                totals[name] = totals.get(name, 0.0) + figure / batches
    return totals


def to(episode: Episode, device: torch.device) -> Episode:
    """The batch on a device."""
    return Episode(*(part.to(device) for part in episode))


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """The pieces of a run.

    Args:
        settings: of the experiment, see above; `DEFAULTS` fills in what is missing.
        seed: of the batches; the weights come from torch's global generator.
        device: to train on.

    Raises:
        ValueError: there is no such task, model or optimiser; the message lists those that there are.
    """
    settings = {**DEFAULTS, **settings}
    make = _named("task", TASKS, settings["task"])
    task = make(**settings["task_options"])
    model = _named("model", MODELS, settings["model"])(task.width_in, task.width_out, **settings["model_options"])
    model.to(device)
    if settings["compile"] and hasattr(model, "compile_step"):
        model.compile_step()
    stages = [(first, make(**{**settings["task_options"], **change})) for first, change in settings["stages"]]
    count, size = settings["evaluation_batches"], settings["evaluation_batch"]

    def loss(model: nn.Module, episode: Episode, carry: Any) -> tuple[Tensor, Any]:
        episode = to(episode, device)
        return task.loss(outputs(model, episode), episode), carry

    def validate(model: nn.Module) -> dict[str, float]:
        return score(model, task, count, size, 1_000_003, device)

    def test(model: nn.Module) -> dict[str, float]:
        figures = score(model, task, count, size, 2_000_003, device)
        for name, change in settings["tests"].items():
            other = make(**{**settings["task_options"], **change})
            found = score(model, other, count, size, 2_000_003, device)
            figures |= {f"{figure}_{name}": value for figure, value in found.items()}
        return figures

    return Run(
        model=model,
        optimiser=optimiser(settings["optimiser"], model, settings["learning_rate"], settings["smoothing"]),
        batches=Staged(stages or [(0, task)], settings["batch"], seed),
        loss=loss,
        validate=validate,
        test=test,
        settings=Settings(
            updates=settings["updates"],
            validate_every=settings["validate_every"],
            checkpoint_every=max(1, min(settings["validate_every"], 500)),
            clip_value=settings["clip_value"],
            metric=settings["metric"],
            higher_is_better=settings["higher_is_better"],
        ),
        data={
            "source": "drawn anew for every update",
            "substituted": False,
            "differs": [],
            "train": settings["updates"] * settings["batch"],
            "validation": count * size,
            "test": count * size,
        },
        # A loss near 0 that relapses rises a hundredfold, and recovers.
        guard=Guard(factor=math.inf),
    )


def optimiser(name: str, model: nn.Module, rate: float, smoothing: float = 0.95) -> torch.optim.Optimizer:
    """Adam, or RMSprop with the paper's momentum; ``smoothing`` is of the latter's running mean of squares.

    Raises:
        ValueError: another name.

    Source: graves2014, Sec. 4.6
    """
    known: dict[str, Callable[[], torch.optim.Optimizer]] = {
        "adam": lambda: torch.optim.Adam(model.parameters(), rate),
        "rmsprop": lambda: torch.optim.RMSprop(model.parameters(), rate, alpha=smoothing, momentum=0.9),
    }
    return _named("optimiser", known, name)()


def _named(what: str, known: Mapping[str, Any], name: str) -> Any:
    if name not in known:
        raise ValueError(f"there is no {what} {name!r}; there are: {', '.join(known)}.")
    return known[name]
