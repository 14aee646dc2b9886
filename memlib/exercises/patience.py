"""Stop a student's function that never ends."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

SECONDS = 5.0


@contextlib.contextmanager
def patience() -> Iterator[None]:
    """Raise TimeoutError in the block once it has computed for `SECONDS`.

    Only computing counts: a function that waits at a prompt of the debugger is left alone. Where there is no such
    timer (on Windows, outside the main thread) the block runs as long as it likes.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"still running after {SECONDS:g} seconds of computing")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
