"""The Fast Weight Memory in parallel: a scan over the writes, then all reads at once."""

from memlib.kernels.fast_weights.parallel import (
    Writes,
    chained_reads,
    faded,
    fast_weights,
    last_memory,
    read,
    write,
)
from memlib.kernels.fast_weights.scan import write_scan

__all__ = ["Writes", "chained_reads", "faded", "fast_weights", "last_memory", "read", "write", "write_scan"]
