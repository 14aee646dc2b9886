"""Stopping well: on time, on Ctrl-C, on a termination signal; and the clock of a run's phases."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any


class StopRequest:
    """While open, Ctrl-C and a termination signal ask the loop to stop after the update at hand.

    A second Ctrl-C interrupts at once. Outside the main thread signals are left as they are.
    """

    def __init__(self) -> None:
        self.requested = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "StopRequest":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def raise_if_requested(self) -> None:
        """Raise KeyboardInterrupt where a stop was asked for."""
        if self.requested:
            raise KeyboardInterrupt

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


class Stopwatch:
    """Adds up the seconds of each phase, and says when the time is over.

    Args:
        minutes: the time there is, infinity for no end.
        seconds: by phase; added to in place. Under ``processor`` stand the processor's seconds of all phases and
            threads: on a busy machine less than the clock's, with several threads more.
    """

    def __init__(self, minutes: float, seconds: dict[str, float]) -> None:
        self.end = time.monotonic() + 60 * minutes
        self.seconds = seconds

    @property
    def over(self) -> bool:
        """Whether the minutes are used up."""
        return time.monotonic() >= self.end

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the time inside to a phase, and the processor's time to ``processor``."""
        start, worked = time.monotonic(), time.process_time()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - start
            self.seconds["processor"] = self.seconds.get("processor", 0.0) + time.process_time() - worked
