import math

import numpy as np
import pytest
import torch

from memlib.tasks import graph_sampler as sampler

COUNT = 6000


@pytest.fixture(scope="module")
def drawn():
    draw = sampler.drawing(3)
    return [sampler.candidate(draw) for _ in range(COUNT)]


def reached_by_walking(graph):
    """Reachability written as walks: from every place, follow every edge."""
    for start in range(len(graph)):
        seen, todo = {start}, [start]
        while todo:
            for target in graph[todo.pop()]:
                if target not in seen:
                    seen.add(target)
                    todo.append(target)
        if len(seen) < len(graph):
            return False
    return True


def common_factor(graph):
    """The greatest common divisor of the lengths of all closed walks from place 0, of up to 12 steps."""
    here, factor = {0}, 0
    for steps in range(1, 13):
        here = {target for place in here for target in graph[place] if target != place}
        factor = math.gcd(factor, steps) if 0 in here else factor
    return factor


def test_every_candidate_has_ten_edges_and_each_place_can_be_left_and_entered(drawn):
    for graph in drawn[:500]:
        rows = graph.tolist()
        edges = [(s, t) for s, row in enumerate(rows) for t in row if t != s]
        assert len(edges) == 10
        assert {s for s, _ in edges} == {t for _, t in edges} == set(range(5))


def test_the_two_tests_are_walking_and_cycles_without_a_common_factor(drawn):
    for graph in drawn[:1500]:
        rows = graph.tolist()
        connected = reached_by_walking(rows)
        assert sampler.reachable(graph) == connected
        assert sampler.primitive(graph) == (connected and common_factor(rows) == 1)


def test_the_papers_test_rejects_one_connected_graph_in_twenty_three(drawn):
    connected = [graph for graph in drawn if sampler.reachable(graph)]
    share = sum(not sampler.primitive(graph) for graph in connected) / len(connected)
    # 4.4 % of 107,431 connected graphs; four standard errors of this sample.
    assert share == pytest.approx(0.0443, abs=4 * math.sqrt(0.0443 * 0.9557 / len(connected)))


def test_three_accepted_graphs_in_four_have_two_actions_to_the_same_place(drawn):
    accepted = [graph for graph in drawn if sampler.primitive(graph)]
    share = sum(map(sampler.has_twins, accepted)) / len(accepted)
    assert share == pytest.approx(0.765, abs=4 * math.sqrt(0.765 * 0.235 / len(accepted)))


def test_the_goal_is_at_most_four_steps_away(drawn):
    longest = [int(sampler.distances(graph).max()) for graph in drawn[:1000] if sampler.reachable(graph)]
    assert max(longest) == 4
    ring = torch.tensor([[1, 0], [2, 1], [0, 2]])
    assert sampler.distances(ring).tolist() == [[0, 1, 2], [2, 0, 1], [1, 2, 0]]


def test_the_authors_graphs():
    """Digests of the 600 + 600 graphs that the published runs used (compared entry by entry when this was written)."""
    found = sampler.graphs(sampler.authors_drawing())
    assert found.test.shape == found.train.shape == (600, 5, 3)
    assert found.test[0].flatten().tolist() == [0, 2, 1, 1, 4, 2, 2, 3, 3, 3, 3, 1, 0, 0, 1]
    assert found.train[-1].flatten().tolist() == [3, 0, 3, 4, 4, 1, 2, 1, 0, 3, 1, 2, 0, 0, 4]
    assert (int(found.test.sum()), int(found.train.sum())) == (17966, 18061)


def test_numpys_generator_gives_what_its_choice_would():
    ours, theirs = sampler.authors_drawing(5), np.random.RandomState(5)
    for below in (4, 3, 11, 2, 7) * 20:
        assert ours(below) == theirs.choice(list(range(below)))


def test_no_training_graph_is_a_test_graph():
    # Two places and three actions allow for nine graphs: repetitions are sure.
    small = {"states": 2, "accept": sampler.reachable}
    found = sampler.graphs(sampler.drawing(1), train=60, test=4, **small)
    tests = {tuple(graph.flatten().tolist()) for graph in found.test}
    assert len(found.train) == 60
    assert not tests & {tuple(graph.flatten().tolist()) for graph in found.train}
    assert torch.equal(found.train, sampler.graphs(sampler.drawing(1), train=60, test=4, **small).train)
    with pytest.raises(ValueError, match="none of 10000 graphs of 2 places and 3 actions passed"):
        sampler.graphs(sampler.drawing(1), train=1, test=200, **small)


def test_wrong_sizes_are_refused():
    with pytest.raises(ValueError, match="expected states as a whole number of at least 2, got 1"):
        sampler.candidate(sampler.drawing(1), states=1)
    with pytest.raises(TypeError, match="expected train as a whole number"):
        sampler.graphs(sampler.drawing(1), train=1.5)
