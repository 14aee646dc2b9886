"""The tests that take longer than the daily ones may.

python3 tools/test_long.py
"""

from __future__ import annotations

from functools import partial

import environment
from _common import Steps, entry
from checks import pytest


def main() -> int:
    """Run the steps and sum them up."""
    steps = Steps("make test-long")
    steps.do("environment", environment.ensure)
    steps.do("long tests", partial(pytest, steps, "long", "-m", "long"), ("environment",))
    return steps.finish()


if __name__ == "__main__":
    entry(main)
