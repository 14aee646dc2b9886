"""A side's process, seen from the harness."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from memlib.benchmarks.benchmark import Benchmark

WAIT = 20.0


class BenchmarkError(RuntimeError):
    """A side failed, or sides that should compute the same do not; the message says which."""


class Process:
    """A fresh process for one side; it is ready when this returns.

    Args:
        benchmark: which.
        case: its case's name.
        side: the side's name.
        threads: of torch.
        environment: of the process.

    Attributes:
        first: what the first call gave, where that is a number.

    Raises:
        BenchmarkError: the side failed; the message ends with what it said last.
    """

    def __init__(self, benchmark: Benchmark, case: str, side: str, threads: int, environment: Mapping[str, str]):
        self.name = f"{benchmark.name}, {case}, {side}"
        self.errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        told = [benchmark.module, benchmark.name, case, side, str(threads)]
        command = [sys.executable, "-m", "memlib.benchmarks.worker", *told]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=dict(environment),
        )
        try:
            self.first: float | None = self._answer()["first"]
        except BaseException:
            self.close()
            raise

    def turn(self, seconds: float) -> float:
        """Let it work for at least so long; the seconds of one call.

        Raises:
            BenchmarkError: the side failed.
        """
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(f"{seconds}\n")
            self.process.stdin.flush()
        except OSError:
            raise self._failed() from None
        return float(self._answer()["seconds"])

    def end(self) -> dict[str, Any]:
        """No more turns: what it says of its memory and of itself.

        Raises:
            BenchmarkError: the side failed.
        """
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self._answer()

    def close(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.wait(WAIT)
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise self._failed()
        return json.loads(line)

    def _failed(self) -> BenchmarkError:
        code = self.process.wait(WAIT)
        self.errors.seek(0)
        said = self.errors.read().strip().splitlines()
        last = said[-1] if said else "it said nothing"
        return BenchmarkError(f"{self.name}: the process ended with code {code}. It said last: {last}")
