"""Everything: what check.py does, then the notebooks in a clean environment, the book, and its pages in a browser.

python3 tools/test.py
"""

from __future__ import annotations

from _common import Steps, entry
from checks import daily, rest


def main() -> int:
    """Run the steps and sum them up."""
    steps = Steps("make test")
    daily(steps)
    rest(steps)
    return steps.finish()


if __name__ == "__main__":
    entry(main)
