"""Run a program of the project's environment, wherever that lies: python3 tools/in_environment.py ruff check ."""

from __future__ import annotations

import sys

from _common import Stop, entry, run, venv_bin, venv_dir


def main() -> int:
    """Run the program that the command line names, with the words that follow."""
    if len(sys.argv) < 2:
        raise Stop("Name a program: python3 tools/in_environment.py PROGRAM [WORD ...]")
    program = venv_bin(sys.argv[1])
    if not program.exists():
        raise Stop(f"{sys.argv[1]} is not in {venv_dir()}; make the environment: python3 tools/environment.py")
    return run([program, *sys.argv[2:]])


if __name__ == "__main__":
    entry(main)
