"""Convex hulls: by hand, against a search over all edges, and how points, labels and answers are told."""

import itertools

import pytest
import torch

from memlib.tasks.convex_hull import ConvexHull, hull
from memlib.tasks.planar_points import Problems, padded

POINTS = [(0.1, 0.2), (0.9, 0.1), (0.4, 0.3), (0.5, 0.8)]
EXAMPLE = Problems(torch.tensor([POINTS], dtype=torch.float64), torch.tensor([[0, 1, 3, -1]]))


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


def naive(points):
    """The hull by its edges: a pair is one when all other points lie to its left."""
    following = {}
    for a, b in itertools.permutations(range(len(points)), 2):
        (ax, ay), (bx, by) = points[a], points[b]
        others = (c for c in range(len(points)) if c not in (a, b))
        if all((bx - ax) * (points[c][1] - ay) > (by - ay) * (points[c][0] - ax) for c in others):
            following[a] = b
    found = [min(following)]
    while following[found[-1]] != found[0]:
        found.append(following[found[-1]])
    return found


def test_by_hand():
    assert hull(POINTS) == [0, 1, 3]
    assert hull([POINTS[2], POINTS[3], POINTS[0], POINTS[1]]) == [1, 2, 3]
    # A point on an edge is no corner.
    assert hull([(0.5, 0.0), (1.0, 0.0), (0.0, 0.0), (0.0, 1.0)]) == [1, 3, 2]
    with pytest.raises(ValueError, match="do not all lie on a line"):
        hull([(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])
    with pytest.raises(ValueError, match="at least 3 points, got 2"):
        hull([(0.0, 0.0), (0.5, 0.5)])


@pytest.mark.parametrize("size", [3, 5, 10, 20])
def test_against_a_search_over_all_edges(size):
    points = torch.rand(40, size, 2, generator=generator(size), dtype=torch.float64)
    wanted = padded([naive(one) for one in points.tolist()], size)
    assert torch.equal(ConvexHull().solve(points), wanted)


def test_the_example_of_the_text(monkeypatch):
    task = ConvexHull(sizes=(4,), most=5)
    labels = torch.tensor([[2, 0, 1, 4]])
    monkeypatch.setattr(ConvexHull, "_labels", lambda *_: labels)
    inputs, targets, mask = task.encode(EXAMPLE, generator())
    assert inputs.shape == (1, 8, 7)
    assert inputs[0, :4, :2].tolist() == [pytest.approx(point) for point in POINTS]
    assert inputs[0, :4, 2:].argmax(1).tolist() == [2, 0, 1, 4]
    assert inputs[0, :4, 2:].sum(1).tolist() == [1] * 4
    assert inputs[0, 4:].abs().sum() == 0
    assert targets[0, 4:].argmax(1).tolist() == [2, 0, 4, 2]
    assert targets[0, :4].abs().sum() == 0
    assert mask.tolist() == [[False] * 4 + [True] * 4]


def test_as_in_the_authors_code():
    # Of 20 labels; 0 flags the last point, 21 ends the answer.
    inputs, targets, mask = ConvexHull(sizes=(4,), **options(labels="index")).encode(EXAMPLE, generator())
    assert inputs.shape == (1, 9, 24)
    assert inputs[0, :, 2:].nonzero().tolist() == [[0, 1], [1, 2], [2, 3], [3, 0], [3, 4]]
    assert inputs[0, 4:].abs().sum() == 0
    assert targets[0, 5:].argmax(1).tolist() == [1, 2, 4, 21]
    assert mask.tolist() == [[False] * 5 + [True] * 4]
    assert (ConvexHull.official().width_in, ConvexHull.paper().width_in) == (24, 22)


def options(**more):
    return {"end_row": True, "end_label": True, **more}


def test_how_labels_are_drawn():
    draw = generator(3)
    seen = {name: set() for name in ("any", "first", "index")}
    for name, found in seen.items():
        task = ConvexHull(sizes=(5,), most=8, labels=name)
        inputs, _, _ = task.draw(100, draw)
        labels = inputs[:, :5, 2:].argmax(2)
        assert all(len(set(row)) == 5 for row in labels.tolist())
        found |= {tuple(row) for row in labels.tolist()}
    assert set(itertools.chain(*seen["any"])) == set(range(8))
    assert set(itertools.chain(*seen["first"])) == set(range(5))
    assert len(seen["first"]) > 40
    assert seen["index"] == {(0, 1, 2, 3, 4)}
    _, targets, _ = ConvexHull(sizes=(5,), labels="first", **options()).draw(100, draw)
    assert set(targets[targets.any(2)].argmax(1).tolist()) == {1, 2, 3, 4, 5, 21}


def test_hulls_of_different_lengths_in_a_batch():
    task = ConvexHull(sizes=(9,))
    problems = task.problems(9, 50, generator())
    episode = task.encode(problems, generator(2))
    _, answered = task.decode(episode.targets, episode)
    lengths = (problems.answers >= 0).sum(1).tolist()
    assert len(set(lengths)) > 1
    assert episode.mask.sum(1).tolist() == [length + 1 for length in lengths]
    for row, length in enumerate(lengths):
        wanted = problems.answers[row, :length].tolist()
        assert answered[row, : length + 1].tolist() == [*wanted, wanted[0]]
        assert not episode.targets[row, 9 + length + 1 :].any()


def test_sizes_are_drawn_and_a_seed_repeats():
    task, draw = ConvexHull(sizes=[5, 7], labels="index"), generator(2)
    sizes = {int(task.draw(2, draw).inputs[0, :, 2:].any(1).sum()) for _ in range(20)}
    assert sizes == {5, 7}
    assert task.sizes == (5, 7)
    first, again, other = (ConvexHull().draw(3, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first.inputs, again.inputs)
    assert not torch.equal(first.inputs[:, :5], other.inputs[:, :5])


def test_steps_and_whole_answers_by_hand():
    task = ConvexHull(sizes=(4,), most=5, labels="index")
    two = EXAMPLE.rows([0, 0])
    episode = task.encode(two, generator())
    outputs = 3 * episode.targets
    outputs[1, 5, 4] = 9  # the second of four steps
    outputs[:, :4, 1] = 9  # not scored
    found = task.score(outputs, episode)
    assert (found["accuracy"], found["steps"]) == (50, 87.5)
    assert task.loss(outputs, episode).item() == pytest.approx(found["loss"])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ConvexHull(sizes=(21,)), "sizes from 3 to most = 20"),
        (lambda: ConvexHull(sizes=()), "sizes from 3 to most = 20"),
        (lambda: ConvexHull(sizes=(2,)), "each of sizes as a whole number of at least 3"),
        (lambda: ConvexHull(labels="some"), "labels in any, first, index"),
        (lambda: ConvexHull(most=3, sizes=(3,)).encode(EXAMPLE, generator()), "at most 3 points, got 4"),
    ],
)
def test_what_makes_no_sense_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
    with pytest.raises(TypeError, match=r"sizes as whole numbers, such as \(5, 10\)"):
        ConvexHull(sizes=5)
