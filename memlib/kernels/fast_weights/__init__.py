"""The Fast Weight Memory in parallel: a scan over the writes, then all reads at once."""

from memlib.kernels.fast_weights.parallel import (
    Writes,
    chained_reads,
    fast_weights,
    last_memory,
    read,
    write,
)
from memlib.kernels.fast_weights.scan import Scan, write_scan

__all__ = ["Scan", "Writes", "chained_reads", "fast_weights", "last_memory", "read", "write", "write_scan"]
