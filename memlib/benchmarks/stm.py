"""What two memories gain when the relational one is asked by its factors: training iterations on the paper's tasks.

Source: le2020, Sec. 3; le2020, App. F
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from memlib.benchmarks.benchmark import BOUND, Benchmark, Case, Goal, Product, Side, Work
from memlib.benchmarks.laid_out_stm import LaidOutSTM
from memlib.models.stm import STM, STMConfig
from memlib.tasks.episode import Episode, StepTask
from memlib.tasks.nth_farthest import NthFarthest
from memlib.tasks.number_recall import NumberRecall
from memlib.tasks.priority_sort import PrioritySort

Settings = Mapping[str, Any]
TASKS: dict[str, Callable[..., StepTask]] = {
    "priority-sort": PrioritySort,
    "nth-farthest": NthFarthest,
    "number-recall": NumberRecall,
}
# Of the authors' runs: the width of what is distilled from a matrix, and of what all of them are mapped to.
RELATION, READ, HIDDEN = 96, 64, 128


def machine(settings: Settings) -> tuple[STM, StepTask]:
    """The model of a case, with the options of the authors' code, and its task."""
    task = TASKS[settings["task"]](**settings["task_options"])
    return STM(STMConfig.official(task.width_in, task.width_out, **settings["options"])), task


def laid_out(settings: Settings) -> Work:
    """Step by step, every outer product laid out, the output distilled at every step."""
    model, task = machine(settings)
    other = LaidOutSTM(model)
    return _iteration(settings, model, task, lambda episode: other(episode.inputs))


def step_by_step(settings: Settings) -> Work:
    """The library's plain cell: the pairs as one batched product, the rest equation by equation."""
    model, task = machine(settings)
    return _iteration(settings, model, task, lambda episode: model.step_by_step(episode.inputs)[0])


def at_once(settings: Settings) -> Work:
    """The library's fast path, told which steps are scored."""
    model, task = machine(settings)
    return _iteration(settings, model, task, lambda episode: model(episode.inputs, scored=episode.mask)[0])


def _iteration(settings: Settings, model: STM, task: StepTask, forward: Callable[[Episode], Tensor]) -> Work:
    """Forward, loss, backward, the gradient cut, one update of RMSProp; always the same sequences."""
    episode = task.draw(settings["batch"], torch.Generator().manual_seed(1))
    weights = list(model.parameters())
    optimiser = torch.optim.RMSprop(weights, 1e-4, alpha=0.95, momentum=0.9)

    def call() -> Any:
        loss = task.loss(forward(episode), episode)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(weights, 10.0)
        optimiser.step()
        return loss.detach()

    return Work(call, describe=lambda loss: {"weights": f"{model.size():,}"})


def products(
    batch: int, time: int, scored: int, d: int, n: int, widths: tuple[int, int], gates: bool = True
) -> tuple[Product, ...]:
    """The matrix products of one iteration that no implementation can do without.

    The relational memory is asked by its factors, and boiled down at the scored steps alone. What the authors' model
    maps there in two linear steps is one here. Entry by entry work is left out.

    Args:
        batch: sequences.
        time: steps.
        scored: how many of them have an output.
        d: size of the items.
        n: queries, and keys.
        widths: of the inputs (of the vectors of symbols, where there is a table) and of the outputs.
        gates: whether the items are written through gates.
    """
    rows, half, both = batch * time, time // 2, n * n

    def thrice(rows: int, inner: int, columns: int, batch: int = 1, times: int = 1) -> tuple[Product, ...]:
        """A product, and the derivatives by its two sides."""
        return (
            Product(rows, inner, columns, batch, times),
            Product(rows, columns, inner, batch, times),
            Product(inner, rows, columns, batch, times),
        )

    gated = (*thrice(rows, d, 2 * d), *thrice(batch * d, d, 2 * d, times=time)) if gates else ()
    return (
        # f1, f2, f3: the inputs themselves need no derivative.
        Product(rows, widths[0], 2 * d + n),
        Product(widths[0], rows, 2 * d + n),
        *gated,
        # Queries, keys and values, step by step.
        *thrice(batch * d, d, 3 * n, times=time),
        # What later steps ask of a step's pairs, a triangle; and of the first memory, which all rows share.
        *thrice(half, d, both, batch, time),
        *thrice(half, n, d, batch, time),
        *thrice(rows, n * d, d),
        # The transfer.
        *thrice(batch * n, n * d, d, times=time),
        *thrice(d, n, d, batch, time),
        # What is new at a scored step, laid out; its features, by G2 and G3 composed.
        *thrice(n * d, time // scored * n, d, batch, scored),
        *thrice(READ * n, RELATION, d * d),
        *thrice(batch, n * d * d, READ, times=scored),
        # The layers up to the output.
        *thrice(batch * scored, READ, HIDDEN),
        *thrice(batch * scored, HIDDEN, HIDDEN),
        *thrice(batch * scored, HIDDEN, widths[1]),
    )


SIDES = (
    Side("laid-out", "step by step, outer products laid out", laid_out),
    Side("plain", "step by step, one product a step", step_by_step),
    Side("ours", "by the factors", at_once),
)


def _case(name: str, title: str, settings: Settings, bound: tuple[Product, ...]) -> Case:
    return Case(name, title, SIDES, "laid-out", settings, bound=bound, agree=1e-4)


SORT = _case(
    "priority-sort",
    "One training iteration of priority sort: 128 sequences of 36 steps, 16 of them scored; 8 matrices of 96 x 96",
    {"task": "priority-sort", "task_options": {"width": 32, "spare": 1}, "options": {}, "batch": 128},
    products(128, 36, 16, 96, 8, (34, 32)),
)
FARTHEST = _case(
    "nth-farthest",
    "One training iteration of Nth farthest: 400 sequences of 8 steps, the last one scored; 8 matrices of 128 x 128",
    {"task": "nth-farthest", "task_options": {}, "options": {"size": 128, "gates": False}, "batch": 400},
    products(400, 8, 1, 128, 8, (40, 8), gates=False),
)
RETRIEVAL = _case(
    "retrieval",
    "One training iteration of associative retrieval: 128 sequences of 29 steps, the last one scored; one matrix",
    {
        "task": "number-recall",
        "task_options": {"pairs": 13},
        "options": {"queries": 1, "embedding": 100},
        "batch": 128,
    },
    products(128, 29, 1, 96, 1, (100, 10)),
)
BENCHMARK = Benchmark(
    name="stm",
    module=__name__,
    title="Two memories: sorting, Nth farthest, retrieval",
    question=(
        "The relational memory of the STM holds 8 x 96 x 96 numbers for each row of a batch, and public code makes "
        "eight times as many at every step before it sums them. The library asks the memory by its factors, and boils "
        "it down only where an output is scored. What is gained over a whole training iteration, in time and in "
        "memory? All sides compute the same loss. Laid out, Nth farthest needs about 10 GB."
    ),
    cases=(SORT, FARTHEST, RETRIEVAL),
    goals=(
        Goal("sorting: at least 4 times as fast as laid out", SORT.name, "laid-out", "ours", at_least=4),
        Goal("sorting: at most 1.2 times the matrix products alone", SORT.name, "ours", BOUND, at_most=1.2),
        Goal("sorting: laid out needs at least 5 times the memory", SORT.name, "laid-out", "ours", None, 5, "added"),
        Goal("Nth farthest: at least 4 times as fast", FARTHEST.name, "laid-out", "ours", at_least=4),
        Goal("Nth farthest: at most 1.2 times the products", FARTHEST.name, "ours", BOUND, at_most=1.2),
        Goal("Nth farthest: 5 times the memory", FARTHEST.name, "laid-out", "ours", None, 5, "added"),
        Goal(
            "retrieval, with one matrix: at least 1.5 times as fast", RETRIEVAL.name, "laid-out", "ours", at_least=1.5
        ),
    ),
    rounds=3,
    minutes="ten minutes",
)
