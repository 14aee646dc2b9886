"""The environment of all graphs at once against one graph after the other, written as loops from its rules."""

from dataclasses import replace

import pytest
import torch

from memlib.tasks import graph_sampler as sampler
from memlib.tasks.graph_navigation import GraphNavigation, NavigationConfig

OPTIONS = [
    NavigationConfig.paper(),
    NavigationConfig.official(),
    replace(NavigationConfig.official(), reset_timer_on_goal=True),
    replace(NavigationConfig.official(), hidden_no_action_flag=False),
    replace(NavigationConfig.official(), reward_input="last"),
    replace(NavigationConfig.paper(), forget_action_on_goal=True, patience=2, reward=3.0, penalty=1.0),
]


def graphs(count=40, seed=1):
    draw = sampler.drawing(seed)
    return torch.stack([sampler.sample(draw) for _ in range(count)])


class OneGraph:
    """A single agent, told step by step."""

    def __init__(self, graph, rules, goal, place):
        self.graph, self.rules = graph.tolist(), rules
        self.goal, self.place, self.last, self.timer, self.earned, self.latest = goal, place, None, 0, 0.0, 0.0
        self.time = 0

    def told(self):
        x = [0.0] * 17
        x[self.goal] = 1.0
        x[5 + self.place] = 1.0
        if self.last is not None:
            x[11 + self.last] = 1.0
        elif not self.rules.hidden_no_action_flag:
            x[10] = 1.0
        x[14] = 1.0
        x[15] = self.time / self.rules.steps
        x[16] = {"none": 0.0, "last": self.latest, "sum": self.earned}[self.rules.reward_input]
        return x

    def act(self, action, goal_offset, place_offset):
        rules, target = self.rules, self.graph[self.place][action]
        self.latest, self.last = 0.0, action
        moved = False
        if target == self.place:
            self.latest = -rules.penalty
            self.timer += 1
        elif target == self.goal:
            self.latest, moved = rules.reward, True
            if rules.reset_timer_on_goal:
                self.timer = 0
            if rules.forget_action_on_goal:
                self.last = None
        else:
            self.place = target
            self.timer += 1
        if self.timer > rules.patience:
            moved, self.last, self.timer = True, None, 0
        if moved:
            self.goal = (self.goal + goal_offset) % 5
            self.place = (self.goal + place_offset) % 5
        self.earned += self.latest
        self.time += 1


@pytest.mark.parametrize("rules", OPTIONS, ids=str)
def test_all_graphs_at_once_are_each_graph_alone(rules, generator):
    table = graphs()
    world = GraphNavigation(table, rules, torch.float64)
    state = world.reset(generator)
    alone = [OneGraph(table[i], rules, int(state.goal[i]), int(state.place[i])) for i in range(len(table))]
    offsets = world.offsets(rules.steps, generator)
    for t in range(rules.steps):
        told = torch.tensor([one.told() for one in alone], dtype=torch.float64)
        assert torch.equal(world.observe(state), told)
        action = torch.randint(3, (len(table),), generator=generator)
        state, reward = world.step(state, action, offsets[t])
        for i, one in enumerate(alone):
            one.act(int(action[i]), int(offsets[t, 0, i]), int(offsets[t, 1, i]))
        assert reward.tolist() == [one.latest for one in alone]
        assert state.goal.tolist() == [one.goal for one in alone]
        assert state.place.tolist() == [one.place for one in alone]
        assert state.timer.tolist() == [one.timer for one in alone]
    assert max(one.earned for one in alone) > 0


def test_new_goals_and_places_are_anywhere_else_equally_often(generator):
    world = GraphNavigation(graphs(600))
    state = world.reset(generator)
    assert torch.bincount(state.goal, minlength=5).min() > 70
    assert (state.goal != state.place).all()
    new_goal = (state.goal + world.offsets(1, generator)[0, 0]) % 5
    assert (new_goal != state.goal).all()
    seen = torch.bincount(world.offsets(50, generator).flatten(), minlength=5)
    assert seen[0] == 0
    assert seen[1:].min() > 0.97 * seen[1:].max()


def test_an_agent_that_acts_at_random_earns_what_was_measured():
    """About 45 in the authors' logs before training; here a uniform choice, with their rules."""
    generator = torch.Generator().manual_seed(2)
    world = GraphNavigation(sampler.graphs(sampler.authors_drawing()).test, NavigationConfig.official())
    totals = []
    for _ in range(5):
        state, total = world.reset(generator), torch.zeros(600)
        for offsets in world.offsets(30, generator):
            state, reward = world.step(state, torch.randint(3, (600,), generator=generator), offsets)
            total += reward
        totals.append(total.mean().item())
    assert sum(totals) / 5 == pytest.approx(45.4, abs=1.5)


def test_the_paper_resets_the_timer_where_the_code_lets_it_run():
    # 0 -> 1 -> 2 -> 0 by action 0; action 1 leads nowhere.
    ring = torch.tensor([[[1, 0], [2, 1], [0, 2]]])
    for rules, expected in [(NavigationConfig.paper(), 0), (NavigationConfig.official(), 3)]:
        world = GraphNavigation(ring, rules)
        state = world.reset(torch.Generator().manual_seed(0))
        for _ in range(3):
            state, _ = world.step(state, torch.tensor([1]), torch.ones(2, 1, dtype=torch.long))
        state = state._replace(goal=(state.place + 1) % 3)
        state, reward = world.step(state, torch.tensor([0]), torch.ones(2, 1, dtype=torch.long))
        assert reward.item() == 10.0
        assert state.timer.item() == expected


def test_wrong_graphs_and_rules_are_refused():
    with pytest.raises(ValueError, match=r"expected graphs \[batch, states, actions\]"):
        GraphNavigation(torch.zeros(5, 3, dtype=torch.long))
    with pytest.raises(ValueError, match="expected places from 0 to 4"):
        GraphNavigation(torch.full((1, 5, 3), 5))
    with pytest.raises(ValueError, match="expected reward_input of sum, last, none; got 'total'"):
        NavigationConfig(reward_input="total")
