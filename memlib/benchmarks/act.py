"""What is gained when rows that have halted are computed no further: a training iteration of parity.

Source: graves2016act, Sec. 3.1
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from memlib.benchmarks.benchmark import Benchmark, Case, Goal, Side, Work
from memlib.models.act import ACT, ACTConfig
from memlib.models.tanh_cell import TanhCell
from memlib.tasks.parity import Parity

Settings = Mapping[str, Any]
# A network that has learned thinks long about few inputs. These stand for it: rows halt after 2 to 20 steps.
SIZES = {"width": 64, "hidden_size": 128, "maximum": 20, "halting_bias": -1.0, "halting_scale": 5.0}


def network(settings: Settings, skip: bool) -> ACT:
    """The network of a case; its halting unit is made to tell inputs apart, as training makes it."""
    config = ACTConfig(maximum=settings["maximum"], halting_bias=settings["halting_bias"], skip_finished=skip)
    model = ACT(TanhCell(settings["width"] + 1, settings["hidden_size"]), settings["hidden_size"], 1, config)
    with torch.no_grad():
        model.halting.weight.mul_(settings["halting_scale"])
    return model


def saving(settings: Settings) -> Work:
    """The library's: finished rows are left out."""
    return _iteration(settings, True)


def wasting(settings: Settings) -> Work:
    """All rows go on until the last has halted, with the weight 0."""
    return _iteration(settings, False)


def _iteration(settings: Settings, skip: bool) -> Work:
    """Forward, loss, backward, one update of Adam with rate 0; always the same vectors, so always the same halts."""
    model, task = network(settings, skip), Parity(settings["width"])
    drawn = task.draw(settings["batch"], torch.Generator().manual_seed(1))
    optimiser = torch.optim.Adam(model.parameters(), 0.0)
    run = [0]

    def call() -> Any:
        thought = model.ponder(drawn.inputs)
        run[0] = thought.row_steps
        loss = task.loss(thought.outputs, drawn) + 1e-3 * thought.cost.mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        return loss.detach()

    return Work(call, describe=lambda loss: {"weights": f"{model.size():,}", "rows computed": f"{run[0]:,}"})


SIDES = (
    Side("wasting", "every row until the last has halted", wasting),
    Side("saving", "finished rows left out", saving),
)


def _case(batch: int) -> Case:
    return Case(
        f"batch-{batch}",
        f"One training iteration of parity of 64 entries, {batch:,} vectors",
        SIDES,
        "wasting",
        {**SIZES, "batch": batch},
        agree=1e-4,
    )


BENCHMARK = Benchmark(
    name="act",
    module=__name__,
    title="Adaptive computation time, parity",
    question=(
        "A batch is as slow as its slowest row, unless rows that have halted are taken out. Taking them out moves "
        "memory about and leaves smaller products. Is that worth it? A training iteration of parity with the paper's "
        "network and at most 20 steps; the table says how many rows the cell was run on. Both sides compute the same "
        "loss."
    ),
    cases=(_case(128), _case(2048)),
    goals=(
        Goal("2,048 vectors: at most 0.7 of the time", "batch-2048", "saving", "wasting", at_most=0.7),
        Goal("128 vectors: no slower", "batch-128", "saving", "wasting", at_most=1),
    ),
)
