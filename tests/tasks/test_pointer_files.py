"""The files of Vinyals et al.: lines of their form, and, where they are at hand, our solvers against every answer."""

import runpy
import sys
from pathlib import Path

import pytest
import torch

from memlib.data import DATASETS, DataError, fetch
from memlib.tasks import pointer_files
from memlib.tasks.convex_hull import ConvexHull
from memlib.tasks.pointer_files import FILES, load, read, wrong
from memlib.tasks.tours import Tours, length

ROOT = Path(__file__).resolve().parents[2]
HULL = "0.1 0.2 0.9 0.1 0.4 0.3 0.5 0.8 0.45 0.35 output 1 2 4 1\n"


@pytest.fixture
def somewhere(tmp_path, monkeypatch):
    """No data set but what the test puts there."""
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MEMLIB_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_lines_are_read(tmp_path):
    file = tmp_path / "hulls.txt"
    file.write_text(HULL + "0 0 1 0 0 1 output 1 2 3 1 \n" + HULL)
    points, answers = read(file, 5)
    assert points.shape == (2, 5, 2)
    assert points[0, :2].tolist() == [[0.1, 0.2], [0.9, 0.1]]
    assert answers.tolist() == [[0, 1, 3, -1, -1]] * 2
    assert len(read(file, 5, 1).points) == 1
    assert read(file, 3).answers.tolist() == [[0, 1, 2]]
    with pytest.raises(ValueError, match="problems of 4 points, found none"):
        read(file, 4)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 0 1 0 0 1", "pairs of coordinates, the word output"),
        ("0 0 1 0 0 output 1 2 1", "pairs of coordinates"),
        ("0 0 1 0 0 1 output 1 2 3", "the first one again at the end"),
        ("0 0 1 0 0 1 output 1 2 2 1", "different places"),
        ("0 0 1 0 0 1 output 1 2 4 1", "places from 1 to 3"),
        ("0 0 a 0 0 1 output 1 2 3 1", "could not convert"),
    ],
)
def test_a_malformed_line_is_named(tmp_path, line, said):
    file = tmp_path / "bad.txt"
    file.write_text("0 0 1 0 0 1 output 1 2 3 1\n" + line + "\n")
    with pytest.raises(ValueError, match=said) as caught:
        read(file, 3)
    assert f"{file}, line 2" in str(caught.value)


def test_wrong_answers_are_counted():
    hulls, tours = ConvexHull(), Tours()
    draw = torch.Generator().manual_seed(1)
    right, walk = hulls.problems(6, 20, draw), tours.problems(6, 20, draw)
    assert (wrong("hull", right), wrong("tour", walk)) == (0, 0)
    # Round the other way a tour is as long, a hull another one.
    assert wrong("tour", walk._replace(answers=walk.answers.flip(1))) == 0
    assert wrong("hull", right._replace(answers=right.answers.roll(1, 1))) == 20
    crossed = walk.answers[:, [0, 2, 1, 4, 3, 5]]
    assert wrong("tour", walk._replace(answers=crossed)) > 15


def test_files_that_somebody_has_are_taken_in(somewhere, monkeypatch, capsys):
    assert load("hull", 5) is None
    folder = somewhere / "mine"
    folder.mkdir()
    script = ROOT / "data_scripts/pointer_nets.py"
    monkeypatch.setattr(sys, "argv", ["pointer_nets.py", str(folder)])
    with pytest.raises(SystemExit, match="holds none of convex_hull_5_test"):
        runpy.run_path(str(script), run_name="__main__")
    file = folder / FILES["hull", 5]
    file.write_text(HULL.replace("1 2 4 1", "1 4 2 1"))
    with pytest.raises(SystemExit, match="1 of its first answers are wrong"):
        runpy.run_path(str(script), run_name="__main__")
    file.write_text("0 0\n")
    with pytest.raises(SystemExit, match="line 1"):
        runpy.run_path(str(script), run_name="__main__")
    file.write_text(HULL)
    runpy.run_path(str(script), run_name="__main__")
    said = capsys.readouterr().out
    assert "None stated" in said
    assert "vinyals2015" in said
    found = load("hull", 5)
    assert found is not None
    assert found.answers.tolist() == [[0, 1, 3, -1, -1]]
    monkeypatch.setattr(sys, "argv", ["pointer_nets.py"])
    with pytest.raises(SystemExit, match="Take in files"):
        runpy.run_path(str(script), run_name="__main__")


def test_it_is_registered_and_not_fetched(somewhere):
    with pytest.raises(DataError, match=r"cannot be fetched.*python data_scripts/pointer_nets\.py FOLDER"):
        fetch("pointer-nets", somewhere)
    assert set(FILES.values()) == set(DATASETS["pointer-nets"].parts)
    with pytest.raises(ValueError, match="expected a kind and a size"):
        load("hull", 50)


def real(kind, size, limit=None):
    if (problems := load(kind, size, limit)) is None:
        pytest.skip(f"needs MEMLIB_DATA with {pointer_files.NAME}/{FILES[kind, size]}")
    return problems


@pytest.mark.data
def test_every_hull_of_the_file_is_ours():
    problems = real("hull", 5)
    assert len(problems.points) == 10_000
    assert wrong("hull", problems) == 0


@pytest.mark.data
def test_tours_of_the_file_are_as_short_as_ours():
    problems = real("tour", 10)
    assert len(problems.points) == 10_000
    assert length(*problems).mean().item() == pytest.approx(2.8669, abs=5e-5)
    sample = problems.rows(range(0, 10_000, 50))
    assert wrong("tour", sample) == 0
    ours = Tours().solve(sample.points)
    # The file walks either way, we walk one way.
    same = (ours == sample.answers).all(1)
    back = (ours[:, 1:].flip(1) == sample.answers[:, 1:]).all(1)
    assert (same | back).all()
    assert 0.3 < same.double().mean() < 0.7


@pytest.mark.data
def test_a_batch_of_the_file_is_scored():
    problems = real("tour", 10, 30)
    task = Tours(sizes=(10,))
    episode = task.encode(problems, torch.Generator().manual_seed(1))
    found = task.score(20 * episode.targets, episode)
    assert found["optimal"] == pytest.approx(length(*problems).mean().item(), rel=1e-5)
    assert (found["legal"], found["steps"]) == (100, 100)
