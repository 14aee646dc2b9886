"""The part of the tests for daily work, under three minutes: lint, layout, types, unit and property tests.

python3 tools/check.py
"""

from __future__ import annotations

from _common import Steps, entry
from checks import daily


def main() -> int:
    """Run the steps and sum them up."""
    steps = Steps("make check")
    daily(steps)
    return steps.finish()


if __name__ == "__main__":
    entry(main)
