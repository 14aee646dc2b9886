"""Where data sets are looked for: MEMLIB_DATA first, then the cache folder."""

import os
import sys
from pathlib import Path

from memlib.data.errors import DataError
from memlib.data.registry import Dataset, lookup


def cache() -> Path:
    """The cache folder: ``MEMLIB_CACHE``, or the platform's own place for caches. It need not exist."""
    if override := os.environ.get("MEMLIB_CACHE"):
        return Path(override).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "memlib"


def candidates(dataset: Dataset) -> list[Path]:
    """The folders in which the data set may lie, in the order in which they are tried."""
    tops = [Path(given).expanduser()] if (given := os.environ.get("MEMLIB_DATA")) else []
    places: list[Path] = []
    for top in [*tops, cache()]:
        for base in (top / dataset.name, top):
            places += [base, *(base / folder for folder in dataset.folders)]
    return places


def _holds(root: Path, path: str) -> bool:
    place = root / path
    return place.is_file() or (place.is_dir() and any(place.iterdir()))


def find(name: str, part: str | None = None) -> Path | None:
    """The root folder of a data set on this machine, or None where it is not there.

    Args:
        name: of the data set, for example ``babi``.
        part: a folder or file that the root must hold, for example ``en-valid-10k``; any known part when None.

    Raises:
        DataError: no data set has that name.
    """
    dataset = lookup(name)
    wanted = (part,) if part else dataset.parts
    return next((root for root in candidates(dataset) if any(_holds(root, one) for one in wanted)), None)


def locate(name: str, part: str | None = None) -> Path:
    """Like `find`, for code that cannot go on without the data.

    Raises:
        DataError: it is not there: the message says what was looked for, where, and the command that fetches it.
    """
    if (root := find(name, part)) is not None:
        return root
    dataset = lookup(name)
    given = os.environ.get("MEMLIB_DATA")
    if not given:
        state = "MEMLIB_DATA is not set"
    elif not Path(given).expanduser().is_dir():
        state = f"MEMLIB_DATA is {given}, which is no folder"
    else:
        state = f"MEMLIB_DATA is {given}"
    wanted = part or " or ".join(dataset.parts)
    other = find(name)
    again = f" --force (what lies in {other} has no {part})" if other else ""
    looked = "".join(f"\n  {place}" for place in dict.fromkeys(candidates(dataset)))
    raise DataError(
        f"{dataset.title} was not found ({state}). A folder holding {wanted} was looked for as:{looked}\n"
        f"Fetch it with: memlib data {name}{again}    or set MEMLIB_DATA to the folder that holds it."
    )
