"""Shortest tours: against trying all orders, lengths by hand, and what becomes of answers that are no tours."""

import itertools
import math

import pytest
import torch

from memlib.tasks.planar_points import Problems
from memlib.tasks.tours import Tours, is_tour, length, shortest, walked

# A square of side 1; its tour is 4 long, the one with crossed diagonals 2 + 2 √2.
SQUARE = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]], dtype=torch.float64)


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


def naive(points):
    """The shortest tour from the first point by trying all orders, and its length."""
    best = (math.inf, ())
    for order in itertools.permutations(range(1, len(points))):
        tour = (0, *order)
        walk = sum(math.dist(points[a], points[b]) for a, b in zip(tour, (*order, 0), strict=True))
        best = min(best, (walk, tour))
    return best


@pytest.mark.parametrize("size", [3, 4, 5, 7])
def test_against_trying_all_orders(size):
    points = torch.rand(12, size, 2, generator=generator(size), dtype=torch.float64)
    tours = shortest(points)
    for one, tour, walk in zip(points.tolist(), tours.tolist(), length(points, tours).tolist(), strict=True):
        best, order = naive(one)
        assert walk == pytest.approx(best, abs=1e-12)
        assert tour in (list(order), [0, *reversed(order[1:])])


def test_tours_are_counter_clockwise_from_the_first_point():
    points = torch.rand(30, 8, 2, generator=generator(), dtype=torch.float64)
    for one, tour in zip(points.tolist(), shortest(points).tolist(), strict=True):
        assert tour[0] == 0
        assert sorted(tour) == list(range(8))
        corners = [one[place] for place in tour]
        area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, corners[1:] + corners[:1], strict=True))
        assert area > 0


def test_lengths_by_hand():
    assert length(SQUARE, torch.tensor([[0, 1, 2, 3]])).tolist() == [4]
    assert length(SQUARE, torch.tensor([[0, 2, 1, 3]])).tolist() == pytest.approx([2 + 2 * math.sqrt(2)])
    assert shortest(SQUARE).tolist() == [[0, 1, 2, 3]]
    assert shortest(SQUARE.flip(1)).tolist() == [[0, 3, 2, 1]]


def test_what_counts_as_a_tour_and_how_long_the_way_is():
    answered = torch.tensor(
        [
            [0, 1, 2, 3, 0],  # right
            [2, 3, 0, 1, 2],  # the same tour from another point
            [0, 1, 2, 3, -2],  # closed by the end's label
            [0, 1, 0, 1, 0],  # leaves two points out: four sides long all the same
            [0, 0, 0, 0, 0],  # does not move
            [0, 1, 2, 3, 1],  # not closed: three sides and a diagonal
            [-1, 1, 2, -2, 0],  # from the last, a diagonal; a side; to the first, a diagonal; from the last, a side
        ]
    )
    points = SQUARE.expand(len(answered), -1, -1)
    assert is_tour(answered, 4).tolist() == [True, True, True, False, False, False, False]
    diagonal = math.sqrt(2)
    wanted = [4, 4, 4, 4, 0, 3 + diagonal, 2 + 2 * diagonal]
    assert walked(points, answered).tolist() == pytest.approx(wanted)


@pytest.mark.parametrize(
    "task",
    [Tours(sizes=(4,)), Tours(sizes=(4,), labels="first", end_row=True, end_label=True)],
    ids=["paper", "official"],
)
def test_figures_by_hand(task):
    problems = Problems(SQUARE.expand(3, -1, -1), torch.tensor([[0, 1, 2, 3]] * 3))
    episode = task.encode(problems, generator())
    # The second walks round the other way; the third leaves points out.
    labels = episode.inputs[:, :4, 2 + task.end_row :].argmax(2) + task.end_row
    ways = torch.tensor([[0, 1, 2, 3], [0, 3, 2, 1], [0, 1, 0, 1]])
    chosen = torch.cat([labels.gather(1, ways), episode.targets[:, -1:].argmax(2)], 1)
    outputs = torch.zeros_like(episode.targets)
    outputs[:, -5:] = torch.nn.functional.one_hot(chosen, task.width_out).float()
    found = task.score(outputs, episode)
    assert found["accuracy"] == pytest.approx(100 / 3)
    # Of 15 steps the second has 3 right, the third 3.
    assert found["steps"] == pytest.approx(100 * 11 / 15)
    assert (found["optimal"], found["length"], found["legal_length"]) == (4, 4, 4)
    assert found["legal"] == pytest.approx(200 / 3)
    nothing = task.score(torch.zeros_like(outputs), episode)
    assert (nothing["legal"], nothing["legal_length"]) == (0, 0)


def test_a_right_answer_is_right():
    for task in (Tours.paper(), Tours.official(), Tours(sizes=(6,), labels="index")):
        episode = task.draw(6, generator(3))
        found = task.score(20 * episode.targets, episode)
        assert (found["accuracy"], found["steps"], found["legal"]) == (100, 100, 100)
        assert found["length"] == pytest.approx(found["optimal"], rel=1e-5)
        assert found["legal_length"] == pytest.approx(found["optimal"], rel=1e-5)


def test_uniform_points_need_longer_tours_than_the_paper_prints():
    # Of 5 uniform points; the paper's average optimal length is 2.05.
    lengths = length(*Tours().problems(5, 20_000, generator()))
    error = lengths.std().item() / math.sqrt(20_000)
    assert lengths.mean().item() == pytest.approx(2.123, abs=4 * error)
    assert lengths.mean().item() - 20 * error > 2.05


def test_presets_and_what_is_refused():
    assert Tours.paper().sizes == (5, 6, 7, 8, 9, 10)
    assert Tours.official().sizes == (5, 10)
    assert (Tours.official().width_in, Tours.paper().width_in) == (24, 22)
    with pytest.raises(ValueError, match="at most 12 points, for an exact search; got 13"):
        Tours(sizes=(13,))
    with pytest.raises(ValueError, match="3 to 12 points, got 2"):
        shortest(SQUARE[:, :2])
