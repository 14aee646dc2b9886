"""What a memory costs: the AM-GRU beside a GRU of its size, and what it needs as sequences grow longer.

Source: weissenborn2016, Table 1
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from memlib.benchmarks.benchmark import Benchmark, Case, Goal, Side, Work
from memlib.models.am_rnn import AMRNN, AMRNNConfig
from memlib.models.recurrent import GRUCell, unroll

Settings = Mapping[str, Any]
Sequence = Callable[[Tensor], tuple[Tensor, Any]]
LENGTHS = (10, 100, 1000)


def am_gru(settings: Settings) -> Work:
    """The AM-GRU, along the whole sequence as the trained models run it."""
    rnn = AMRNN(AMRNNConfig(settings["input"], settings["hidden"], settings["copies"]))
    return work(rnn, rnn.sequence, settings)


def gru(settings: Settings) -> Work:
    """The library's plain GRU cell, step by step."""
    cell = GRUCell(settings["input"], settings["hidden"])
    return work(cell, lambda xs: unroll(cell, xs), settings)


def torch_gru(settings: Settings) -> Work:
    """torch's fused GRU."""
    rnn = nn.GRU(settings["input"], settings["hidden"], batch_first=True)
    return work(rnn, rnn, settings)


def work(module: nn.Module, sequence: Sequence, settings: Settings) -> Work:
    """A training step (forward, backward, Adam), or a forward pass, on one random batch."""
    batch, time = settings["batch"], settings["time"]
    xs = torch.randn(batch, time, settings["input"])
    optimiser = torch.optim.Adam(module.parameters())

    def train() -> Any:
        ys, state = sequence(xs)
        optimiser.zero_grad()
        ys.square().mean().backward()
        optimiser.step()
        return state

    @torch.no_grad()
    def forward() -> Any:
        return sequence(xs)[1]

    def describe(state: Any) -> dict[str, int | float | str]:
        weights = sum(p.numel() for p in module.parameters())
        return {"weights": f"{weights:,}", "state of one sequence": f"{_bytes(state) // batch:,} bytes"}

    outputs = 4 * batch * time * settings["hidden"]
    return Work(train if settings["train"] else forward, 0 if settings["train"] else outputs, describe)


def _bytes(state: Any) -> int:
    if isinstance(state, Tensor):
        return state.numel() * state.element_size()
    return sum(map(_bytes, state))


SIDES = (
    Side("gru", "GRU, H = 126, step by step", gru, {"hidden": 126}),
    Side("torch-gru", "GRU of torch, H = 126, fused", torch_gru, {"hidden": 126}),
    Side("am-gru", "AM-GRU, H = 108", am_gru),
)
SIZES = {"input": 300, "hidden": 108, "copies": 8, "batch": 50, "time": 20}


def _lengths(name: str, title: str, train: bool) -> Case:
    sides = tuple(Side(f"length-{n}", f"AM-GRU, {n:,} steps", am_gru, {"time": n}) for n in LENGTHS)
    return Case(name, title, sides, sides[0].name, {**SIZES, "train": train}, timed=False)


BENCHMARK = Benchmark(
    name="am-gru",
    module=__name__,
    title="AM-GRU against a GRU of its size",
    question=(
        "What does an associative memory cost beside a plain recurrent network? Both have the sizes that the paper "
        "compares: 108 units with 8 copies of a memory, and 126 units; batch 50, 20 steps, inputs of 300. "
        "And does it stay as small when sequences grow longer?"
    ),
    cases=(
        Case("train", "One training step", SIDES, "gru", {**SIZES, "train": True}),
        Case("forward", "Forward, without gradients", SIDES, "gru", {**SIZES, "train": False}),
        _lengths("memory", "Memory without gradients, as sequences grow longer", False),
        _lengths("memory-training", "Memory of a training step, as sequences grow longer", True),
    ),
    goals=(
        *(
            Goal(f"{said}: the AM-GRU takes at most 3 times as long as a {title}", case, "am-gru", side, at_most=3)
            for case, said in (("train", "training step"), ("forward", "forward"))
            for side, title in (("gru", "GRU step by step"), ("torch-gru", "fused GRU"))
        ),
        Goal(
            "without gradients, 1,000 steps need at most 1.5 times the working memory of 100",
            "memory",
            "length-1000",
            "length-100",
            at_most=1.5,
            quantity="working",
        ),
    ),
    minutes="a minute and a half",
)
