"""The tests that take longer than the daily ones may.

python3 tools/test_long.py
"""

from __future__ import annotations

from functools import partial

import environment
from _common import Steps, entry
from checks import pytest

NO_TESTS = 5


def long_tests(steps: Steps) -> int:
    """Run them; that there is none yet is no failure."""
    status = pytest(steps, "long", "-m", "long")
    return 0 if status == NO_TESTS else status


def main() -> int:
    """Run the steps and sum them up."""
    steps = Steps("make test-long")
    steps.do("environment", environment.ensure)
    steps.do("long tests", partial(long_tests, steps), ("environment",))
    return steps.finish()


if __name__ == "__main__":
    entry(main)
