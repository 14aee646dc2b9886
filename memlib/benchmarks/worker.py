"""One side in a process of its own: ``python -m memlib.benchmarks.worker MODULE BENCHMARK CASE SIDE THREADS``.

It makes the work ready, does it once and says so. Each line that it is sent, a number of seconds, is a turn: it works
for at least so long and answers with the seconds of one call. At the end of its input it says how much memory it took.
All answers are JSON, one a line.
"""

import importlib
import json
import sys
import time
import timeit
from collections.abc import Callable
from typing import Any

import torch
from torch.utils.benchmark import Timer

from memlib.benchmarks import memory
from memlib.benchmarks.benchmark import Benchmark


def main(module: str, name: str, case: str, side: str, threads: str) -> None:
    """Serve one side until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what the work itself prints is no answer

    def answer(told: dict[str, Any]) -> None:
        print(json.dumps(told), file=answers, flush=True)

    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    found = importlib.import_module(module)
    several: tuple[Benchmark, ...] = getattr(found, "BENCHMARKS", None) or (found.BENCHMARK,)
    benchmark = next(one for one in several if one.name == name)
    chosen = benchmark.case(case)
    work = chosen.side(side).make(chosen.settings if side == "bound" else chosen.settings_of(side))
    before = memory.begin()
    started = time.perf_counter()
    result = work.call()
    once = time.perf_counter() - started
    first = float(result) if isinstance(result, int | float | torch.Tensor) and _scalar(result) else None
    answer({"ready": True, "first": first})
    for line in sys.stdin:
        answer({"seconds": turn(work.call, int(threads), float(line), once)})
    peak = memory.peak()
    answer({"before": before, "peak": peak, "kept": work.kept, "about": work.describe(result)})


def turn(call: Callable[[], Any], threads: int, least: float, once: float) -> float:
    """The seconds of one call: the median over a turn, or of a single call where that takes longer than a turn.

    Args:
        call: what is measured.
        threads: of torch.
        least: how long a turn lasts, in seconds.
        once: about how long one call takes.
    """
    if once > least:  # torch's timer would warm up with further calls
        return timeit.timeit(call, number=1)
    return Timer("call()", globals={"call": call}, num_threads=threads).blocked_autorange(min_run_time=least).median


def _scalar(result: Any) -> bool:
    return not isinstance(result, torch.Tensor) or result.numel() == 1


if __name__ == "__main__":
    main(*sys.argv[1:])
