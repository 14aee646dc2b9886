"""Build the book: its environment, the pages' scripts, the executed notebooks, the pages.

python3 tools/book.py [--address https://github.com/OWNER/REPO] [--fresh]

--address  the public address of the repository, for the Colab buttons (default: `url` in _config.yml)
--fresh    forget earlier outputs and execute every notebook again
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time

import environment
import vendor
from _common import (
    ROOT,
    Stop,
    address,
    cores,
    entry,
    html_dir,
    minutes,
    output_dir,
    profile,
    run,
    timed,
    venv_python,
)

JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"


def build(fresh: bool = False) -> int:
    """Build the book of the profile in force; its environment must stand. Returns the exit status."""
    if fresh:
        shutil.rmtree(output_dir(), ignore_errors=True)
    # A page that is not read again does not warn again: after a build that failed, every page is read anew.
    unfinished = output_dir() / "unfinished"
    if unfinished.exists():
        shutil.rmtree(output_dir() / "_build" / ".doctrees", ignore_errors=True)
    vendored = vendor.ensure()
    env = {
        "MEMLIB_PROFILE": profile(),
        "MEMLIB_ADDRESS": address(),
        "MEMLIB_VENDORED": "1" if vendored else "0",
        # A fixed number of threads keeps the numbers the same. The quick profile's tensors are small: a second thread
        # gains nothing, and beside other work it makes them many times slower.
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS") or ("1" if profile() == "quick" else str(min(2, cores()))),
        "PYTHONWARNINGS": os.environ.get("PYTHONWARNINGS", "ignore::DeprecationWarning"),
        **({} if sys.stdout.isatty() else {"NO_COLOR": "1"}),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    with timed(f"book, profile {profile()}"):
        words = ["-W", "--keep-going", "-n", "--path-output", output_dir()]
        output_dir().mkdir(parents=True, exist_ok=True)
        unfinished.touch()
        status = run([venv_python(), "-c", JUPYTER_BOOK, "build", ROOT, *words], env)
    if status == 0:
        unfinished.unlink()
    return status


def where() -> str:
    """Say where the built book is to be opened."""
    page = html_dir() / "index.html"
    return f"The book: {page.as_uri()}\nor over http: make serve"


def main() -> int:
    """Build the book, and print where to open it."""
    parser = argparse.ArgumentParser(description="Build the book.")
    parser.add_argument("--address", help="public address of the repository, for the Colab buttons")
    parser.add_argument("--fresh", action="store_true", help="execute every notebook again")
    options = parser.parse_args()
    if options.address is not None:
        os.environ["MEMLIB_ADDRESS"] = options.address
    start = time.monotonic()
    environment.ensure()
    if build(options.fresh) != 0:
        raise Stop("The book was not built; what is wrong stands above.")
    print(f"\nbook built in {minutes(time.monotonic() - start)}\n{where()}")
    return 0


if __name__ == "__main__":
    entry(main)
