"""What a Neural Turing Machine gains when its heads are addressed at once: a training iteration of copying.

Source: graves2014, Sec. 4.1
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from memlib.benchmarks.benchmark import Benchmark, Case, Goal, Side, Work
from memlib.benchmarks.per_head_ntm import PerHeadNTM
from memlib.models.ntm import NTM, NTMConfig
from memlib.tasks.copying import Copy

Settings = Mapping[str, Any]
LENGTH = 20
# One head of each kind, as the paper has it for copying.
SIZES = {"slots": 128, "width": 20, "hidden_size": 100, "length": LENGTH}


def machine(settings: Settings) -> NTM:
    """The machine of a case, with an LSTM controller."""
    sizes = {name: settings[name] for name in ("slots", "width", "hidden_size")}
    return NTM(NTMConfig(9, 8, head_start="learned", **sizes))


def per_head(settings: Settings) -> Work:
    """Head by head, a linear layer for each parameter, shifts row by row."""
    model = PerHeadNTM(machine(settings))
    return _iteration(settings, model, model.trained())


def eager(settings: Settings) -> Work:
    """The library's, uncompiled."""
    model = machine(settings)
    return _iteration(settings, lambda inputs: model(inputs)[0], list(model.parameters()))


def compiled(settings: Settings) -> Work:
    """The library's with a compiled step; where no compiler is, the same as `eager`, and the table says so."""
    model = machine(settings)
    works = model.compile_step()
    work = _iteration(settings, lambda inputs: model(inputs)[0], list(model.parameters()))
    return Work(work.call, work.kept, lambda loss: {**work.describe(loss), "compiled": "yes" if works else "no"})


def _iteration(settings: Settings, forward: Callable[[Tensor], Tensor], weights: Sequence[nn.Parameter]) -> Work:
    """Forward, loss, backward, the gradient cut, one update of RMSProp; always the same sequences."""
    task = Copy(lengths=(settings["length"], settings["length"]))
    episode = task.draw(settings["batch"], torch.Generator().manual_seed(1))
    optimiser = torch.optim.RMSprop(weights, 1e-4, alpha=0.95, momentum=0.9)

    def call() -> Any:
        loss = task.loss(forward(episode.inputs), episode)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(weights, 10.0)
        optimiser.step()
        return loss.detach()

    return Work(call, describe=lambda loss: {"weights": f"{sum(weight.numel() for weight in weights):,}"})


SIDES = (
    Side("per-head", "head by head", per_head),
    Side("eager", "all heads at once", eager),
    Side("compiled", "all heads at once, step compiled", compiled),
)


def _case(batch: int) -> Case:
    return Case(
        f"batch-{batch}",
        f"One training iteration of copying {LENGTH} vectors, {batch} sequence{'s' * (batch > 1)}",
        SIDES,
        "per-head",
        {**SIZES, "batch": batch},
        agree=1e-4,
    )


BENCHMARK = Benchmark(
    name="ntm",
    module=__name__,
    title="Neural Turing Machine, copying",
    question=(
        "A Neural Turing Machine is small, so most of its time goes into starting many small operations. What is "
        "gained when all heads are addressed at once, with one projection for all that they are told, and when the "
        "step is compiled? A whole training iteration of copying 20 vectors (41 steps), the paper's sizes. The other "
        "side is written head by head, as public implementations are, and computes the same loss."
    ),
    cases=(_case(1), _case(16)),
    goals=(
        Goal(
            "one sequence: the compiled step is at least 5 times as fast", "batch-1", "per-head", "compiled", at_least=5
        ),
        Goal("16 sequences: at least 8 times", "batch-16", "per-head", "compiled", at_least=8),
        Goal("one sequence, uncompiled: at least 1.5 times", "batch-1", "per-head", "eager", at_least=1.5),
        Goal("16 sequences, uncompiled: at least 3 times", "batch-16", "per-head", "eager", at_least=3),
    ),
    minutes="two minutes, half of them for the compiler",
)
