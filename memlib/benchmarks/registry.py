"""All benchmarks by name: what ``memlib bench`` lists and runs, and what the book shows."""

import difflib

from memlib.benchmarks import act, am_gru, dnc, full_sizes, fwm, meta_rl, ntm, stm
from memlib.benchmarks.benchmark import Benchmark

BENCHMARKS: dict[str, Benchmark] = {
    one.name: one
    for one in (
        act.BENCHMARK,
        am_gru.BENCHMARK,
        dnc.BENCHMARK,
        *fwm.BENCHMARKS,
        meta_rl.BENCHMARK,
        ntm.BENCHMARK,
        stm.BENCHMARK,
        *full_sizes.BENCHMARKS,
    )
}


class UnknownBenchmark(LookupError):
    """No benchmark has that name; the message lists the nearest ones."""


def get(name: str) -> Benchmark:
    """The benchmark of that name.

    Raises:
        UnknownBenchmark: there is none.
    """
    if name not in BENCHMARKS:
        near = difflib.get_close_matches(name, BENCHMARKS, 3, 0.5) or list(BENCHMARKS)
        raise UnknownBenchmark(f"no benchmark is called {name!r}; there are: {', '.join(near)}. List: memlib bench")
    return BENCHMARKS[name]
