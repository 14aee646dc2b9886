"""The files of Vinyals et al. with hulls and tours: ``x1 y1 x2 y2 ... output 1 4 2 1``.

Places count from 1, and an answer ends with its first place again. Nothing is trained on them here: points are drawn
and solved by our own solvers, and the files serve as tests, and as a check of the solvers.

Source: vinyals2015
"""

import math
from pathlib import Path

import torch

from memlib.data import DataError, find
from memlib.data.places import cache
from memlib.tasks.convex_hull import ConvexHull
from memlib.tasks.files import copy_whole, lines_of
from memlib.tasks.planar_points import PointTask, Problems, padded
from memlib.tasks.tours import Tours, length

NAME = "pointer-nets"
# Of each kind and size the file with test problems; copies that go round hold some of them.
FILES = {
    ("hull", 5): "convex_hull_5_test.txt",
    ("hull", 10): "convex_hull_10_test.txt",
    ("tour", 5): "tsp5_test.txt",
    ("tour", 10): "tsp_10_test_exact.txt",
}
KINDS: dict[str, type[PointTask]] = {"hull": ConvexHull, "tour": Tours}
# Coordinates have six digits in the files of tours, and lengths are sums of up to ten roots of them.
TOLERANCE = 1e-5
CHECKED = 500


def load(kind: str, size: int, limit: int | None = None) -> Problems | None:
    """The test problems where the data are on this machine, else None.

    Args:
        kind: "hull" or "tour".
        size: points in a problem, 5 or 10.
        limit: how many to read at most.

    Raises:
        ValueError: there is no such file, or it is damaged.
    """
    if (kind, size) not in FILES:
        raise ValueError(f"expected a kind and a size of {', '.join(map(str, FILES))}; got {(kind, size)}.")
    root = find(NAME, FILES[kind, size])
    return None if root is None else read(root / FILES[kind, size], size, limit)


def read(path: Path | str, size: int, limit: int | None = None) -> Problems:
    """Read the problems of one size from a file.

    Args:
        path: of the file.
        size: points in a problem; others are left out.
        limit: how many to read at most.

    Raises:
        ValueError: a line is not of the form, or none has this size.
    """
    points: list[list[float]] = []
    answers: list[list[int]] = []
    for number, line in enumerate(lines_of(path), start=1):
        try:
            told, answer = _line(line)
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: {error}") from None
        if len(told) == 2 * size:
            points.append(told)
            answers.append(answer)
        if len(points) == limit:
            break
    if not points:
        raise ValueError(f"{path}: expected problems of {size} points, found none.")
    return Problems(torch.tensor(points, dtype=torch.float64).unflatten(1, (-1, 2)), padded(answers, size))


def wrong(kind: str, problems: Problems) -> int:
    """How many answers are not our solver's: another hull, or a longer tour.

    Args:
        kind: "hull" or "tour".
        problems: with the answers to check.
    """
    points, answers = problems
    if kind == "hull":
        return int((ConvexHull().solve(points) != answers).any(1).sum())
    return int((length(points, answers) > length(points, Tours().solve(points)) + TOLERANCE).sum())


def adopt(folder: Path | str, to: Path | str | None = None) -> Path:
    """Check the first problems of files that somebody has, and copy the files to where `load` finds them.

    Args:
        folder: that holds at least one of the files.
        to: the folder that will hold a folder of the data set's name; the cache when None.

    Returns:
        The folder of the copies.

    Raises:
        DataError: there is none of the files, or one is damaged, holds wrong answers or cannot be copied.
    """
    folder = Path(folder).expanduser()
    found = {key: folder / name for key, name in FILES.items() if (folder / name).is_file()}
    if not found:
        raise DataError(f"{folder} holds none of {', '.join(FILES.values())}.")
    for (kind, size), path in found.items():
        try:
            faults = wrong(kind, read(path, size, CHECKED))
        except ValueError as error:
            raise DataError(str(error)) from None
        if faults:
            raise DataError(f"{path}: {faults} of its first answers are wrong; expected exact ones.")
    goal = (cache() if to is None else Path(to).expanduser()) / NAME
    return copy_whole({path.name: path for path in found.values()}, goal)


def _line(line: str) -> tuple[list[float], list[int]]:
    """Coordinates, and places from 0 without the last one; the ValueError of a bad line says what is wrong with it."""
    left, word, right = line.partition("output")
    told, places = [float(value) for value in left.split()], [int(value) for value in right.split()]
    if not word or not told or len(told) % 2:
        raise ValueError("expected pairs of coordinates, the word output, and places.")
    if not all(map(math.isfinite, told)):
        raise ValueError(f"expected finite coordinates, got {left.strip()}.")
    size = len(told) // 2
    if len(places) < 3 or places[0] != places[-1] or len(set(places)) != len(places) - 1:
        raise ValueError(f"expected different places and the first one again at the end, got {places}.")
    if not set(places) <= set(range(1, size + 1)):
        raise ValueError(f"expected places from 1 to {size}, got {places}.")
    return told, [place - 1 for place in places[:-1]]
