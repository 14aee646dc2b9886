"""The single checks that check.py, test.py and test_long.py put together."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import environment
from _common import ROOT, Steps, cores, run, venv_bin, venv_python

import book

CODE = ("memlib", "tests", "tools", "book/_ext", "data_scripts")
REPORTS = ROOT / "build" / "reports"
# Tests that share an open page or a build of the book stay in one process (tests/together.py), in their order.
TOGETHER = ("--dist", "loadscope", "--no-loadscope-reorder")
DAILY = "not book and not browser and not long"


def folders() -> list[str]:
    """Return the folders of code that are there."""
    return [name for name in CODE if (ROOT / name).is_dir()]


def lint() -> int:
    """Look for mistakes in the code, and in the chapters' cells."""
    code = run([venv_bin("ruff"), "check", *folders()])
    cells = run([venv_python(), ROOT / "tools" / "lint_notebooks.py"])
    return code or cells


def layout() -> int:
    """Say where the code is not formatted as ruff does."""
    status = run([venv_bin("ruff"), "format", "--check", *folders()])
    if status:
        print("mend it with: .venv/bin/ruff format memlib tests tools book/_ext data_scripts")
    return status


def types() -> int:
    """Check the types of memlib."""
    return run([venv_bin("mypy")])


def pytest(steps: Steps, name: str, *words: str, workers: int = 0) -> int:
    """Run tests, and add their numbers to the summary."""
    report = REPORTS / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    spread = ["-n", str(workers)] if workers > 1 else []
    # One thread each: two processes of several threads on the same cores hinder each other badly.
    env = {"OMP_NUM_THREADS": "1"}
    status = run([venv_python(), "-m", "pytest", "-q", *spread, f"--junitxml={report}", *words], env)
    steps.count(report)
    return status


def daily(steps: Steps) -> None:
    """Add the steps for daily work: environment, lint, layout, types, unit and property tests."""
    steps.do("environment", environment.ensure)
    needs = ("environment",)
    steps.do("lint", lint, needs)
    steps.do("layout", layout, needs)
    steps.do("types", types, needs)
    steps.do("unit tests", partial(pytest, steps, "unit", "-m", DAILY, workers=min(4, cores())), needs)


def script(name: str, *words: str) -> Callable[[], int]:
    """Return the run of another script of this folder."""
    return partial(run, [venv_python(), ROOT / "tools" / name, *words])


def rest(steps: Steps) -> None:
    """Add the steps that need the notebooks and the book."""
    needs = ("environment",)
    steps.do("badges in order", script("badges.py", "--check"), needs)
    steps.do("notebooks run", script("colab_test.py"), needs)
    steps.do("book", book.build, needs)
    marks = "(book or browser) and not long"
    words = ("-m", marks, *TOGETHER, "--durations=20", "--durations-min=5")
    work = partial(pytest, steps, "book", *words, workers=min(2, cores()))
    steps.do("book and browser tests", work, ("book",))
