"""Weighted graphs: the example by hand, both algorithms against networkx, numbers of edges, and what stands where."""

import random
from collections import Counter

import pytest
import torch

from memlib.tasks.weighted_graphs import (
    MinimumSpanningTree,
    Question,
    WeightedShortestPath,
    shortest_path,
    spanning_tree,
)

EDGES = ((4, 0, 4.3), (5, 3, 2.9), (4, 5, 8.1), (5, 0, 3.4))
BOTH = pytest.mark.parametrize("make", [WeightedShortestPath, MinimumSpanningTree])


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


def nodes_of(edges):
    return {node for a, b, _ in edges for node in (a, b)}


def test_by_hand():
    assert shortest_path(EDGES, 4, 3) == (4, 0, 5, 3)
    assert shortest_path(EDGES, 3, 4) == (3, 5, 0, 4)
    assert shortest_path(EDGES, 4, 5) == (4, 0, 5)
    assert shortest_path((*EDGES, (4, 3, 10.5)), 4, 3) == (4, 3)
    assert spanning_tree(EDGES) == ((5, 3, 2.9), (5, 0, 3.4), (4, 0, 4.3))
    with pytest.raises(ValueError, match="no path leads from 4 to 9"):
        shortest_path(((4, 0, 1.0), (9, 8, 1.0)), 4, 9)


@pytest.mark.parametrize("count", ["fitting", "clamped"])
def test_both_algorithms_against_networkx(count):
    networkx = pytest.importorskip("networkx")
    paths, trees = WeightedShortestPath(count=count), MinimumSpanningTree(count=count)
    for one in paths.questions(60, generator(1)):
        other = networkx.Graph()
        other.add_weighted_edges_from(one.edges)
        assert list(one.answer) == networkx.dijkstra_path(other, *one.query)
        assert one.query == (one.answer[0], one.answer[-1])
    for one in trees.questions(60, generator(2)):
        other = networkx.Graph()
        other.add_weighted_edges_from(one.edges)
        theirs = [(a, b, other[a][b]["weight"]) for a, b in networkx.minimum_spanning_tree(other).edges]
        kept = list(zip(one.answer[::2], one.answer[1::2], strict=True))
        assert {frozenset(pair) for pair in kept} == {frozenset(edge[:2]) for edge in theirs}
        weights = [other[a][b]["weight"] for a, b in kept]
        assert weights == sorted(weights)
        assert set(kept) <= {edge[:2] for edge in one.edges}


@pytest.mark.parametrize("count", ["fitting", "clamped"])
def test_graphs_are_joined_and_have_as_many_edges_as_asked(count):
    task, rng = WeightedShortestPath(count=count), random.Random(3)
    met = Counter()
    for _ in range(3_000):
        edges = task.graph(rng)
        nodes = nodes_of(edges)
        assert len({frozenset(edge[:2]) for edge in edges}) == len(edges)
        assert all(a != b and 1 <= weight <= 10 and 0 <= a < 40 and 0 <= b < 40 for a, b, weight in edges)
        assert len(spanning_tree(edges)) == len(nodes) - 1
        met[len(nodes), len(edges)] += 1
    assert {nodes for nodes, _ in met} == set(range(5, 21))
    few, many = ({edges for nodes, edges in met if nodes == size} for size in (5, 20))
    assert few == set(range(6, 11))
    assert many == set(range(19, 31))
    bare = met[20, 19] / sum(times for (nodes, _), times in met.items() if nodes == 20)
    whole = met[5, 10] / sum(times for (nodes, _), times in met.items() if nodes == 5)
    # Fitting: 1 of 12 numbers, 1 of 5. Clamped: 14 of 25 numbers are below 20, 21 of 25 are above 9.
    expected = (1 / 12, 1 / 5) if count == "fitting" else (14 / 25, 21 / 25)
    assert (bare, whole) == pytest.approx(expected, abs=0.15)


def test_the_example_of_the_text_as_a_batch():
    task = WeightedShortestPath(labels=6, nodes=(2, 4), edges=(1, 4))
    other = Question(((1, 2, 5.0),), (2, 1), (2, 1))
    inputs, targets, mask = task.encode([Question(EDGES, (4, 3), (4, 0, 5, 3)), other])
    assert inputs.shape == (2, 10, 13)
    first = [[4, 6 + 0], [5, 6 + 3], [4, 6 + 5], [5, 6 + 0], [4], [3], [], [], [], []]
    assert [sorted(row.nonzero().flatten().tolist()) for row in inputs[0, :, :12]] == [sorted(row) for row in first]
    assert inputs[0, :, 12].tolist() == pytest.approx([4.3, 2.9, 8.1, 3.4] + [0.0] * 6)
    # The smaller graph's telling begins later, its answer at the same step.
    assert inputs[1].any(1).tolist() == [False] * 3 + [True] * 3 + [False] * 4
    assert inputs[1, 3].nonzero().flatten().tolist() == [1, 8, 12]
    assert inputs[1, 4:6].argmax(1).tolist() == [2, 1]
    assert targets[0, 6:].argmax(1).tolist() == [4, 0, 5, 3]
    assert targets[1, 6:8].argmax(1).tolist() == [2, 1]
    assert mask.tolist() == [[False] * 6 + [True] * 4, [False] * 6 + [True] * 2 + [False] * 2]
    outputs = targets.clone()
    outputs[0, 7] = torch.eye(6)[2]
    outputs[1, 8] = 9.0  # not scored
    found = task.score(outputs, task.encode([Question(EDGES, (4, 3), (4, 0, 5, 3)), other]))
    assert (found["accuracy"], found["steps"]) == (50, pytest.approx(100 * 5 / 6))


@BOTH
def test_an_episode_has_the_widths_it_says_and_its_seed_makes_it(make):
    task = make()
    episode = task.draw(8, generator())
    batch, time, width = episode.inputs.shape
    assert (batch, width) == (8, task.width_in) == (8, 81)
    assert episode.targets.shape == (8, time, task.width_out) == (8, time, 40)
    assert torch.equal(episode.mask, episode.targets.sum(2) == 1)
    again, other = task.draw(8, generator()), task.draw(8, generator(2))
    assert torch.equal(episode.inputs, again.inputs)
    assert other.inputs.shape != episode.inputs.shape or not torch.equal(other.inputs, episode.inputs)
    assert task.score(5 * episode.targets, episode)["steps"] == 100
    scored = episode.mask.any(0).nonzero().flatten()
    assert not episode.inputs[:, scored].any()


def test_trees_tell_only_edges():
    one = MinimumSpanningTree().questions(1, generator())[0]
    assert one.query == ()
    assert len(one.answer) == 2 * (len(nodes_of(one.edges)) - 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"nodes": (1, 4)}, "nodes from 2 to labels = 40"),
        ({"nodes": (5, 41)}, "nodes from 2 to labels = 40"),
        ({"nodes": (5, 20), "edges": (6, 18)}, r"no graph of 20 nodes is joined by \(6, 18\) edges"),
        ({"nodes": (3, 5)}, "no graph of 3 nodes"),
        ({"count": "any"}, "count in fitting, clamped"),
        ({"weights": (3, 3)}, r"weights as \(smallest, largest\)"),
    ],
)
@BOTH
def test_what_makes_no_sense_is_refused(make, options, said):
    with pytest.raises(ValueError, match=said):
        make(**options)
    with pytest.raises(ValueError, match="at least one question"):
        make().encode([])


def test_lists_from_json_do_as_well():
    assert MinimumSpanningTree(nodes=[5, 6], weights=[1, 2]) == MinimumSpanningTree(nodes=(5, 6), weights=(1, 2))
    assert MinimumSpanningTree(nodes=(3, 5), count="clamped").nodes == (3, 5)
