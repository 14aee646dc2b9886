"""A benchmark that takes a moment: a slow side waits a hundred times as long as the fast one.

It waits, it does not compute: so a busy machine changes the ratio little.
"""

import os
import sys
import time

import torch

from memlib.benchmarks.benchmark import Benchmark, Case, Goal, Product, Side, Work


def make(settings) -> Work:
    xs = torch.randn(8, 8)
    hold = []

    def call() -> torch.Tensor:
        print("this is no answer")
        total = (xs @ xs).square().mean()
        time.sleep(1e-4 * settings["repeats"])
        hold.append(torch.ones(settings.get("megabytes", 0) * 250_000))
        hold[:] = hold[-1:]
        return total

    told = {
        "threads": torch.get_num_threads(),
        "process": os.getpid(),
        "allocator": os.environ.get("MALLOC_MMAP_MAX_", ""),
    }
    return Work(call, kept=1000, describe=lambda result: told)


def other(settings) -> Work:
    return Work(lambda: 2.0)


def broken(settings) -> Work:
    raise ValueError("no such thing as a moth")


def dies(settings) -> Work:
    calls = iter(range(3))
    return Work(lambda: sys.exit(3) if next(calls) == 2 else None)


SIDES = (Side("slow", "Slow", make, {"repeats": 600}), Side("fast", "Fast", make))
BENCHMARK = Benchmark(
    name="tiny",
    module=__name__,
    title="Tiny",
    question="Which is slower?",
    cases=(
        Case("both", "Both", SIDES, "slow", {"repeats": 6}, bound=(Product(64, 64, 64, times=6),), agree=1e-6),
        Case(
            "memory",
            "Memory",
            (Side("small", "Small", make, {"megabytes": 20}), Side("large", "Large", make, {"megabytes": 200})),
            "small",
            {"repeats": 1},
            timed=False,
        ),
    ),
    goals=(
        Goal("slow takes longer", "both", "slow", "fast", at_least=4),
        Goal("fast takes longer", "both", "fast", "slow", at_least=1),
        Goal("fast is near the bound", "both", "fast", "bound", at_most=1000),
        Goal("large needs more", "memory", "large", "small", at_least=5, quantity="added"),
    ),
    rounds=3,
    block_seconds=0.01,
)


def single(name: str, *sides: Side, **options) -> Case:
    return Case(name, name, sides, sides[0].name, **options)
