"""How one call of `memlib run` sits down to a run: for how long, where, how loud."""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from memlib.data import cache
from memlib.ledger import records


@dataclass(frozen=True)
class Sitting:
    """How one call runs: nothing here changes a result.

    Attributes:
        minutes: for all seeds together; infinity for no end.
        fresh: forget earlier checkpoints and records of these runs.
        device: `memlib.device` when None.
        folder: of the records; the first of `memlib.ledger.records.places` when None.
        log: called with (seed, update, row) for each row of a curve.
        quiet: no progress bar.
        keep_weights: save the best weights beside a tested run's record.
        test_anyway: test the best weights so far, too, where time ran out before all updates were done.
        hand_over: put the newest checkpoint beside the records where time ran out (`memlib.ledger.handover`).
        say: called with a line for each seed.
    """

    minutes: float = math.inf
    fresh: bool = False
    device: torch.device | None = None
    folder: Path | None = None
    log: Callable[[int, int, dict[str, float]], None] | None = None
    quiet: bool = True
    keep_weights: bool = False
    test_anyway: bool = False
    hand_over: bool = False
    say: Callable[[str], None] = lambda line: None


def checkpoints() -> Path:
    """The folder of the runs' checkpoints: ``MEMLIB_RUNS``, ``runs`` in a checkout, or ``runs`` in the cache."""
    if given := os.environ.get("MEMLIB_RUNS"):
        return Path(given).expanduser()
    results = records.checkout_results()
    return results.parent / "runs" if results else cache() / "runs"
