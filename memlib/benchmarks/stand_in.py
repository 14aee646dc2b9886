"""Small files in the formats of real data sets, for full-size trials where the real ones are not here.

They hold generated text. What is trained on them says nothing; that it can be built and updated is what is tried.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from memlib.tasks import entailment_world
from memlib.tasks.entailment_pairs import LABELS


@contextmanager
def placed(folder: Path) -> Iterator[None]:
    """While open, ``MEMLIB_DATA`` is this folder, and small files of each data set lie in it."""
    write(folder)
    before = os.environ.get("MEMLIB_DATA")
    os.environ["MEMLIB_DATA"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["MEMLIB_DATA"]
        else:
            os.environ["MEMLIB_DATA"] = before


def write(folder: Path) -> None:
    """Write the files of each data set into a folder of its name."""
    _snli(folder / "snli")


def _snli(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pairs = entailment_world.generate(3 * 300, seed=0)
    for number, partition in enumerate(("train", "dev", "test")):
        part = pairs[300 * number : 300 * (number + 1)]
        lines = [f"{LABELS[pair.label]}\t{' '.join(pair.premise)}\t{' '.join(pair.hypothesis)}\n" for pair in part]
        (folder / f"snli_{partition}.tsv").write_text("".join(lines), encoding="utf-8")
