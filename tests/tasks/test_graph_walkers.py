"""What agents are compared with: the planner against a search, the map against the truth, the best there is."""

import pytest
import torch

from memlib.tasks.graph_navigation import GraphNavigation, NavigationConfig
from memlib.tasks.graph_sampler import authors_drawing, distances, drawing, graphs, sample
from memlib.tasks.graph_walkers import BEST_GUESS, LAST_RESORT, UNKNOWN, walk, ways

OFFICIAL = NavigationConfig.official()


@pytest.fixture(scope="module")
def maps():
    draw = drawing(3)
    return torch.stack([sample(draw) for _ in range(40)])


def test_with_the_true_map_the_planner_goes_shortest_ways(maps):
    for goal in range(5):
        steps = ways(maps, torch.full((40,), goal))
        for graph, found in zip(maps, steps, strict=True):
            left = distances(graph)[:, goal]
            for place in range(5):
                assert found[place].tolist() == [1 + left[target] for target in graph[place]]


def test_an_untried_action_takes_its_guess():
    known = torch.tensor([[[1, UNKNOWN], [2, 1], [UNKNOWN, 0]]])
    goal = torch.tensor([2])
    assert ways(known, goal)[0].tolist() == [[2, LAST_RESORT], [1, 2], [LAST_RESORT, 3]]
    assert ways(known, goal, 1.5)[0].tolist() == [[2, 1.5], [1, 2], [1.5, 2.5]]


@pytest.mark.parametrize("rules", [OFFICIAL, NavigationConfig.paper()])
def test_what_the_explorer_knows_is_true_and_it_ends_by_knowing_much(maps, rules):
    done = walk(GraphNavigation(maps, rules), torch.Generator().manual_seed(1))
    tried = done.known != UNKNOWN
    assert (done.known[tried] == maps[tried]).all()
    assert tried.float().mean() > 0.6
    assert (done.rewards == 10).any()


def best(graph, rules, choose):
    """The reward to be expected, by going backwards through all situations; `choose` picks from the actions' worth."""
    states, patience = len(graph), rules.patience
    pairs = [(goal, place) for goal in range(states) for place in range(states) if goal != place]
    worth = {(timer, *pair): 0.0 for timer in range(patience + 1) for pair in pairs}

    def anew(timer, goal):
        options = [worth[timer, g, s] for g, s in pairs if g != goal]
        return sum(options) / len(options)

    for _ in range(rules.steps):
        fresh = [[anew(timer, goal) for goal in range(states)] for timer in range(patience + 1)]
        now = {}
        for timer, goal, place in worth:
            values = []
            for target in graph[place].tolist():
                if target == goal:
                    values.append(rules.reward + fresh[0 if rules.reset_timer_on_goal else timer][goal])
                    continue
                value = -rules.penalty if target == place else 0.0
                after = fresh[0][goal] if timer == patience else worth[timer + 1, goal, target]
                values.append(value + after)
            now[timer, goal, place] = choose(values, goal, place)
        worth = now
    return sum(worth[0, g, s] for g, s in pairs) / len(pairs)


@pytest.mark.parametrize("rules", [OFFICIAL, NavigationConfig.paper()])
def test_nobody_gets_more_than_by_shortest_ways(maps, rules):
    for graph in maps[:4]:
        left = distances(graph)

        def shortest(values, goal, place, graph=graph, left=left):
            return values[min(range(3), key=lambda a: left[graph[place, a], goal].item())]

        most = best(graph, rules, lambda values, goal, place: max(values))
        assert best(graph, rules, shortest) == pytest.approx(most)
        world = GraphNavigation(graph.expand(2000, -1, -1), rules)
        got = walk(world, torch.Generator().manual_seed(2), with_map=True).total
        assert abs(got.mean().item() - most) < 4 * got.std().item() / 2000**0.5


def test_the_frame_of_the_published_figures():
    """Chance, the explorers and the map on the authors' 600 test graphs, as chapter 12 has them."""
    world = GraphNavigation(graphs(authors_drawing()).test, OFFICIAL)
    source = torch.Generator().manual_seed(0)

    def mean(episodes=10, **how):
        totals = [walk(world, source, **how).total.mean().item() for _ in range(episodes)]
        return sum(totals) / episodes

    assert mean(guess=None) == pytest.approx(45.5, abs=1)
    assert mean() == pytest.approx(112.5, abs=1)
    assert mean(guess=BEST_GUESS) == pytest.approx(117, abs=1)
    assert mean(with_map=True) == pytest.approx(166.5, abs=1)
    # No other guess does better by more than chance.
    others = [mean(guess=guess) for guess in (1.0, 1.5, 2.0, 3.0, 3.5)]
    assert max(others) < mean(guess=BEST_GUESS) + 1


def test_the_same_seed_walks_the_same_way(maps):
    world = GraphNavigation(maps, OFFICIAL)
    first, second = (walk(world, torch.Generator().manual_seed(5), BEST_GUESS).rewards for _ in range(2))
    assert torch.equal(first, second)
