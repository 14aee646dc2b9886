"""How much memory this process has used."""

import gc
import sys
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak() -> int | None:
    """The most bytes of memory that this process has held at once since `begin`; None where it cannot be measured.

    Linux counts this process alone. Elsewhere ``ru_maxrss`` does, from the start of the process. Windows has neither.
    """
    if STATUS.exists():
        return _status("VmHWM")
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def begin() -> int | None:
    """Forget the peak so far, where the system can; the bytes held now, or the peak so far where it cannot."""
    gc.collect()
    if not STATUS.exists():
        return peak()
    try:
        CLEAR.write_text("5")
    except OSError:
        return peak()
    return _status("VmRSS")


def _status(field: str) -> int | None:
    for line in STATUS.read_text().splitlines():
        if line.startswith(field + ":"):
            return 1024 * int(line.split()[1])
    return None
