"""What every script here shares: where things lie, how a command is run and timed. Standard library only."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PROFILES = ("quick", "full")


class Stop(Exception):
    """Something that the reader has to mend; its message says what and how."""


def check_python() -> None:
    """Stop where this Python is older than the project needs."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this script itself must run on an older Python to say so)
        have = ".".join(map(str, sys.version_info[:3]))
        raise Stop(
            f"Python 3.11 or newer is needed; this is {have} ({sys.executable}).\n"
            "Call it with another one, for example: make PYTHON=python3.12 book"
        )


def profile() -> str:
    """Name the profile in force: "quick" unless MEMLIB_PROFILE says "full"."""
    name = os.environ.get("MEMLIB_PROFILE") or "quick"
    if name not in PROFILES:
        raise Stop(f"MEMLIB_PROFILE is {name!r}; it must be one of: {', '.join(PROFILES)}.")
    return name


def output_dir() -> Path:
    """Return the profile's own build folder; outputs of one profile must never serve another."""
    return ROOT / "build" / profile()


def html_dir() -> Path:
    """Return the folder of the built pages."""
    return output_dir() / "_build" / "html"


def venv_dir() -> Path:
    """Return the environment's folder: .venv, or what MEMLIB_VENV names."""
    return Path(os.environ.get("MEMLIB_VENV") or ROOT / ".venv").resolve()


def venv_bin(name: str) -> Path:
    """Return the path of a program of the environment, on Windows too."""
    if os.name == "nt":
        return venv_dir() / "Scripts" / f"{name}.exe"
    return venv_dir() / "bin" / name


def venv_python() -> Path:
    """Return the path of the environment's Python."""
    return venv_bin("python")


def address() -> str:
    """Return the repository's public address: MEMLIB_ADDRESS, else `url` of _config.yml; "" while unset."""
    given = os.environ.get("MEMLIB_ADDRESS")
    if given is None:
        text = (ROOT / "_config.yml").read_text(encoding="utf-8")
        found = re.search(r"^repository:\s*\n(?:[ #].*\n)*?\s+url:\s*[\"']?([^\"'\s#]*)", text, re.MULTILINE)
        given = found.group(1) if found else ""
    return given.strip().rstrip("/").removesuffix(".git")


def cores() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(command: Sequence[object], env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> int:
    """Run a command in the repository and return its exit status; `env` is added to the environment."""
    sys.stdout.flush()
    words = [str(word) for word in command]
    try:
        return subprocess.run(words, cwd=cwd, env={**os.environ, **(env or {})}, check=False).returncode
    except FileNotFoundError:
        print(f"{words[0]} is not there; delete {venv_dir()} and try again.", file=sys.stderr)
        return 127


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Print a step's name, and how long it took."""
    print(f"\n== {name}", flush=True)
    start = time.monotonic()
    try:
        yield
    finally:
        print(f"== {name}: {minutes(time.monotonic() - start)}", flush=True)


def minutes(seconds: float) -> str:
    """Write a duration: "0.4 s", "12 s" or "3.2 min"."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min"


class Steps:
    """Steps that are run one after the other, timed, and summed up in the end.

    A failed step does not stop those that do not need it; `main` returns 1 if any failed.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.start = time.monotonic()
        self.results: list[tuple[str, str, float, str]] = []
        self.tests: Counter[str] = Counter()

    def do(self, name: str, action: Callable[[], int | None], needs: Sequence[str] = ()) -> bool:
        """Run one step, unless a step that it needs did not pass; True when it passed."""
        passed = {done for done, state, _, _ in self.results if state == "passed"}
        missing = [need for need in needs if need not in passed]
        if missing:
            self.results.append((name, "not run", 0.0, f"needs: {', '.join(missing)}"))
            return False
        start = time.monotonic()
        note = ""
        with timed(name):
            try:
                status = action() or 0
            except Stop as stop:
                print(stop, file=sys.stderr, flush=True)
                status, note = 1, str(stop).splitlines()[0]
        state = "passed" if status == 0 else "FAILED"
        self.results.append((name, state, time.monotonic() - start, note))
        return status == 0

    def count(self, report: Path) -> None:
        """Add the tests that a JUnit report of pytest tells of."""
        if report.exists():
            for suite in ElementTree.parse(report).getroot().iter("testsuite"):
                told = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
                self.tests["failed"] += told["failures"]
                self.tests["errors"] += told["errors"]
                self.tests["skipped"] += told["skipped"]
                self.tests["passed"] += told["tests"] - told["failures"] - told["errors"] - told["skipped"]

    def finish(self) -> int:
        """Print the summary, and return the exit status."""
        width = max(len(name) for name, *_ in self.results)
        print(f"\n{f' {self.title} ':=^72}")
        for name, state, seconds, note in self.results:
            print(f"{name:<{width}}  {state:<8} {minutes(seconds):>8}  {note}".rstrip())
        counts = {
            state: sum(result[1] == state for result in self.results) for state in ("FAILED", "passed", "not run")
        }
        said = "steps: " + ", ".join(f"{count} {state.lower()}" for state, count in counts.items() if count)
        if self.tests:
            order = ("failed", "errors", "passed", "skipped")
            said += "; tests: " + ", ".join(f"{self.tests[key]} {key}" for key in order if self.tests[key])
        print(f"{f' {said} in {minutes(time.monotonic() - self.start)} ':=^72}", flush=True)
        return 0 if counts["passed"] == len(self.results) else 1


def entry(main: Callable[[], int]) -> None:
    """Run a script's `main` with plain messages in place of tracebacks for what the reader can mend."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    try:
        check_python()
        sys.exit(main())
    except Stop as stop:
        print(f"\n{stop}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        sys.exit(130)
