"""Graphs as triples: walks and shortest paths by hand and against networkx, and batches that say what is asked."""

import random

import pytest
import torch

from memlib.tasks.graph_triples import ShortestPath, Traversal, encode, places
from memlib.tasks.graph_world import Graph, Question, ask_shortest, ask_traversal, graph

# 1 -> 2 -> 3 -> 4 and 1 -> 5 -> 4; two ways of two steps from 2 to 6.
EDGES = ((1, 7, 2), (1, 8, 5), (2, 0, 3), (3, 4, 4), (5, 5, 4), (2, 9, 1), (3, 1, 6), (1, 2, 6))
SMALL = Graph(EDGES, dict.fromkeys(range(1, 7), (0.0, 0.0)))


def test_a_walk_by_hand() -> None:
    assert SMALL.walk(1, (7, 0, 4)) == ((1, 7, 2), (2, 0, 3), (3, 4, 4))
    with pytest.raises(ValueError, match="no edge 9 leaves node 1"):
        SMALL.walk(1, (9,))


def test_shortest_paths_by_hand() -> None:
    found = SMALL.shortest(1)
    assert found[4] == ((1, 8, 5), (5, 5, 4))
    assert found[6] == ((1, 2, 6),)
    assert found[3] == ((1, 7, 2), (2, 0, 3))
    assert SMALL.shortest(2)[6] is None  # over 1 and over 3
    assert SMALL.shortest(4) == {}


@pytest.mark.parametrize("seed", range(8))
def test_shortest_paths_are_those_of_networkx(seed: int) -> None:
    networkx = pytest.importorskip("networkx")
    rng = random.Random(seed)
    drawn = graph(rng, rng.randint(3, 9), rng.randint(1, 3))
    other = networkx.DiGraph([(source, target) for source, _, target in drawn.edges])
    other.add_nodes_from(drawn.places)
    for start in drawn.places:
        found = drawn.shortest(start)
        assert set(found) == set(networkx.descendants(other, start))
        for node, path in found.items():
            theirs = list(networkx.all_shortest_paths(other, start, node))
            assert (path is None) == (len(theirs) > 1)
            if path is not None:
                assert [start, *(edge[2] for edge in path)] == theirs[0]
                assert set(path) <= set(drawn.edges)


@pytest.mark.parametrize(("nodes", "neighbours", "digits"), [(2, 1, 1), (6, 3, 1), (10, 2, 2)])
def test_a_graph_links_nearest_neighbours(nodes: int, neighbours: int, digits: int) -> None:
    drawn = graph(random.Random(1), nodes, neighbours, digits)
    assert len(drawn.places) == nodes
    assert len(drawn.edges) == nodes * min(neighbours, nodes - 1)
    for node, leaving in drawn.leaving.items():
        assert len({label for _, label, _ in leaving}) == len(leaving)
        assert all(0 <= label < 10**digits for edge in leaving for label in edge)

        def far(one: int, node: int = node) -> float:
            return sum((a - b) ** 2 for a, b in zip(drawn.places[one], drawn.places[node], strict=True))

        ends = [target for _, _, target in leaving]
        assert node not in ends
        others = [one for one in drawn.places if one not in (node, *ends)]
        assert all(far(near) <= far(other) for near in ends for other in others)
    with pytest.raises(ValueError, match="2 to 10 nodes"):
        graph(random.Random(1), 11, 2)


def test_questions_are_answered_by_the_graph() -> None:
    rng = random.Random(4)
    lengths = set()
    for _ in range(40):
        drawn = graph(rng, 6, 2)
        walk = ask_traversal(rng, drawn, 3)
        labels = tuple(edge for _, edge, _ in walk.query if edge is not None)
        assert walk.query[0][0] is not None
        assert drawn.walk(walk.query[0][0], labels) == walk.answer
        assert set(walk.facts) == set(drawn.edges)
        way = ask_shortest(rng, drawn, 4)
        if way is not None:
            start, none, end = way.query[0]
            assert none is None
            assert drawn.shortest(start)[end] == way.answer
            lengths.add(len(way.answer))
    assert {1, 2, 3} <= lengths
    assert ask_shortest(rng, SMALL, 4, shortest=4) is None


def test_places_of_digits() -> None:
    assert places((3, None, 7), 1) == [3, 27]
    assert places((42, 7, None), 2) == [4, 12, 20, 37]


def test_a_batch_by_hand() -> None:
    walk = Question(((1, 7, 2), (2, 0, 3)), ((1, 7, None), (None, 0, None)), ((1, 7, 2), (2, 0, 3)))
    way = Question(((1, 7, 2),), ((1, None, 2),), ((1, 7, 2),))
    episode = encode([walk, way], planning=1)
    assert episode.inputs.shape == (2, 7, 32)
    assert episode.targets.shape == (2, 7, 30)
    said = [[step.nonzero().flatten().tolist() for step in row] for row in episode.inputs]
    assert said[0] == [[1, 17, 22], [2, 10, 23], [1, 17, 30], [10, 30], [], [31], [31]]
    assert said[1] == [[], [1, 17, 22], [1, 22, 30], [], [31], [], []]
    assert episode.mask.long().tolist() == [[0, 0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 1, 0, 0]]
    assert episode.targets[0, 6].nonzero().flatten().tolist() == [2, 10, 23]


@pytest.mark.parametrize("kind", [Traversal, ShortestPath])
def test_a_path_counts_only_if_every_digit_is_right(kind) -> None:
    task = kind(nodes=5, steps=2, shortest=2, neighbours=2, digits=2, smallest=5)
    episode = task.draw(4, torch.Generator().manual_seed(1))
    assert episode.inputs.shape[-1] == task.width_in == 62
    assert episode.targets.shape[-1] == task.width_out == 60
    assert (episode.mask.sum(1) == 2).all()
    perfect = 9 * episode.targets
    assert task.score(perfect, episode)["accuracy"] == 100
    assert task.loss(perfect, episode) < 0.01
    wrong = perfect.clone()
    step = int(episode.mask[2].nonzero()[0])
    wrong[2, step, 40:50] = wrong[2, step, 40:50].roll(1)  # one digit of one label
    assert task.score(wrong, episode)["accuracy"] == 75
    assert task.score(wrong, episode)["steps"] == 100 * 7 / 8


def test_the_same_seed_gives_the_same_batch() -> None:
    task = ShortestPath()
    one, same = (task.draw(4, torch.Generator().manual_seed(3)) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one, same, strict=True))


def test_wrong_settings_are_said_in_words() -> None:
    with pytest.raises(ValueError, match="ShortestPath: expected nodes >= 3"):
        ShortestPath(nodes=2)
    with pytest.raises(ValueError, match="shortest <= steps"):
        Traversal(steps=2, shortest=3)
    with pytest.raises(ValueError, match="at least one step"):
        ask_traversal(random.Random(1), SMALL, 0)
