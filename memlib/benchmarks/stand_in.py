"""Small files in the formats of real data sets, for full-size trials where the real ones are not here.

They hold generated text. What is trained on them says nothing; that it can be built and updated is what is tried.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from memlib.tasks import entailment_world
from memlib.tasks.entailment_pairs import LABELS

# How many pairs each partition gets. The sentences of "dev" are also divided into three parts (auto-encoding).
SNLI = {"train": 300, "dev": 1500, "test": 300}
# Settings that count generated data, and what they become: an update looks the same.
FEWER = {"training_pairs": 300, "validation_pairs": 60, "test_pairs": 60}


def fewer(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The same settings with few generated data."""
    return {key: FEWER.get(key, value) for key, value in settings.items()}


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
    pairs = entailment_world.generate(sum(SNLI.values()), seed=0)
    for partition, count in SNLI.items():
        part, pairs = pairs[:count], pairs[count:]
        lines = [f"{LABELS[pair.label]}\t{' '.join(pair.premise)}\t{' '.join(pair.hypothesis)}\n" for pair in part]
        (folder / f"snli_{partition}.tsv").write_text("".join(lines), encoding="utf-8")
