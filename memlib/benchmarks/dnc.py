"""What a Differentiable Neural Computer gains when its heads work at once: a training iteration of copying.

Source: graves2016dnc
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from memlib.benchmarks.benchmark import Benchmark, Case, Goal, Side, Work
from memlib.benchmarks.per_head_dnc import PerHeadDNC
from memlib.models.dnc import DNC, DNCConfig
from memlib.tasks.copying import Copy

Settings = Mapping[str, Any]
SIZES = {"slots": 16, "width": 20, "heads": 4, "hidden_size": 128, "batch": 100}
# Vectors to copy: with the flag between them they make 9 and 41 steps.
LENGTHS = {9: 4, 41: 20}


def machine(settings: Settings) -> DNC:
    """The machine of a case."""
    sizes = {name: settings[name] for name in ("slots", "width", "heads", "hidden_size")}
    return DNC(DNCConfig(9, 8, **sizes))


def per_head(settings: Settings) -> Work:
    """Part by part and head by head."""
    model = PerHeadDNC(machine(settings))
    return _iteration(settings, model, model)


def eager(settings: Settings) -> Work:
    """The library's, uncompiled."""
    model = machine(settings)
    return _iteration(settings, model, lambda inputs: model(inputs)[0])


def compiled(settings: Settings) -> Work:
    """The library's with a compiled step; where no compiler is, the same as `eager`, and the table says so."""
    model = machine(settings)
    works = model.compile_step()
    work = _iteration(settings, model, lambda inputs: model(inputs)[0])
    return Work(work.call, work.kept, lambda loss: {**work.describe(loss), "compiled": "yes" if works else "no"})


def _iteration(settings: Settings, model: nn.Module, forward: Callable[[Tensor], Tensor]) -> Work:
    """Forward, loss, backward, the gradient cut, one update of RMSProp; always the same sequences."""
    task = Copy(lengths=(settings["length"], settings["length"]))
    episode = task.draw(settings["batch"], torch.Generator().manual_seed(1))
    weights = [weight for weight in model.parameters() if weight.requires_grad]
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
    Side("per-head", "part by part, head by head", per_head),
    Side("eager", "all heads at once", eager),
    Side("compiled", "all heads at once, step compiled", compiled),
)


def _case(steps: int) -> Case:
    return Case(
        f"steps-{steps}",
        f"One training iteration of copying, {SIZES['batch']} sequences of {steps} steps",
        SIDES,
        "per-head",
        {**SIZES, "length": LENGTHS[steps]},
        agree=1e-4,
    )


def _goals(steps: int) -> tuple[Goal, ...]:
    case = f"steps-{steps}"
    return (
        Goal(f"{steps} steps: the compiled step is at least 3 times as fast", case, "per-head", "compiled", at_least=3),
        Goal(f"{steps} steps, uncompiled: at least 1.5 times", case, "per-head", "eager", at_least=1.5),
    )


BENCHMARK = Benchmark(
    name="dnc",
    module=__name__,
    title="Differentiable Neural Computer, copying",
    question=(
        "A step of a Differentiable Neural Computer is some hundred small operations. What is gained when all heads "
        "are addressed at once, with one projection for all that the memory is told and no sorting, and when the step "
        "is compiled? A whole training iteration of copying, a memory of 16 slots of 20 with four read heads, 100 "
        "sequences. The other side is written part by part, as public implementations are, and computes the same loss."
    ),
    cases=tuple(_case(steps) for steps in LENGTHS),
    goals=tuple(goal for steps in LENGTHS for goal in _goals(steps)),
    minutes="two minutes, half of them for the compiler",
)
