"""One side in a process of its own: ``python -m memlib.benchmarks.worker MODULE CASE SIDE THREADS``.

It makes the work ready and says so. Each line that it is sent, a number of seconds, is a turn: it works for at least so
long and answers with the seconds of one call. At the end of its input it says how much memory it took. All answers are
JSON, one a line.
"""

import importlib
import json
import sys
from typing import Any

import torch
from torch.utils.benchmark import Timer

from memlib.benchmarks import memory
from memlib.benchmarks.benchmark import Benchmark


def main(module: str, case: str, side: str, threads: str) -> None:
    """Serve one side until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what the work itself prints is no answer

    def answer(told: dict[str, Any]) -> None:
        print(json.dumps(told), file=answers, flush=True)

    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    benchmark: Benchmark = importlib.import_module(module).BENCHMARK
    chosen = benchmark.case(case)
    work = chosen.side(side).make(chosen.settings if side == "bound" else chosen.settings_of(side))
    before = memory.begin()
    result = work.call()
    first = float(result) if isinstance(result, int | float | torch.Tensor) and _scalar(result) else None
    answer({"ready": True, "first": first})
    timer = Timer("call()", globals={"call": work.call}, num_threads=int(threads))
    for line in sys.stdin:
        measured = timer.blocked_autorange(min_run_time=float(line))
        answer({"seconds": measured.median})
    peak = memory.peak()
    answer({"before": before, "peak": peak, "kept": work.kept, "about": work.describe(result)})


def _scalar(result: Any) -> bool:
    return not isinstance(result, torch.Tensor) or result.numel() == 1


if __name__ == "__main__":
    main(*sys.argv[1:])
