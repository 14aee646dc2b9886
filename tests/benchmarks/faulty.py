"""Sides that fail, each in its own way."""

from memlib.benchmarks.benchmark import Benchmark, Side
from tests.benchmarks.tiny import broken, dies, make, other, single

ONE = Side("one", "One", make, {"repeats": 1})
BENCHMARK = Benchmark(
    name="faulty",
    module=__name__,
    title="Faulty",
    question="What is said?",
    cases=(
        single("differs", ONE, Side("other", "Other", other), timed=False, agree=1e-3),
        single("raises", Side("raises", "Raises", broken), timed=False),
        single("dies", Side("dies", "Dies", dies)),
    ),
    rounds=2,
    block_seconds=0.01,
)
