"""Chapter 12, the world: right and wrong answers."""

import torch

from memlib.exercises import ch12
from tests.exercises.answers import Answers


def walk(graphs, place, action):
    return torch.stack([graph[s, a] for graph, s, a in zip(graphs, place, action, strict=True)])


def exact(arrived, nowhere, reward=10.0, penalty=0.05):
    return arrived.double() * reward - nowhere.double() * penalty


def act(graphs, place, goal, action):
    target = walk(graphs, place, action)
    return target, exact(target == goal, target == place)


def act_in_place(graphs, place, goal, action):
    target = walk(graphs, place, action)
    reward = exact(target == goal, target == place)
    place.copy_((place + 1) % graphs.shape[1])
    return target, reward


def with_pay(pay):
    def answer(graphs, place, goal, action):
        target = walk(graphs, place, action)
        return target, pay(target, place, goal)

    return answer


def indexed(index):
    def answer(graphs, place, goal, action):
        target = index(graphs, place, action)
        return target, exact(target == goal, target == place)

    return answer


ACT = Answers(
    ch12.check_act,
    act,
    (
        ("every-pair", indexed(lambda g, s, a: g[:, s, a])),
        ("first-city", indexed(lambda g, s, a: g[0][s, a])),
        ("city-left-out", indexed(lambda g, s, a: g[s, a])),
        ("results-swapped", lambda *given: act(*given)[::-1]),
        ("single-precision", with_pay(lambda t, s, g: 10 * (t == g) - 0.05 * (t == s))),
        ("indices-swapped", indexed(lambda g, s, a: g[range(len(g)), a, s])),
        ("no-penalty", with_pay(lambda t, s, g: 10.0 * (t == g).double())),
        ("penalty-positive", with_pay(lambda t, s, g: exact(t == g, t == s, penalty=-0.05))),
        ("penalty-for-every-step", with_pay(lambda t, s, g: exact(t == g, t != g))),
        ("penalty-on-moves", with_pay(lambda t, s, g: exact(t == g, t != s))),
        ("pays-before-the-step", with_pay(lambda t, s, g: exact(s == g, t == s))),
        ("reward-of-one", with_pay(lambda t, s, g: exact(t == g, t == s, reward=1.0))),
        ("penalty-of-one", with_pay(lambda t, s, g: exact(t == g, t == s, penalty=1.0))),
        ("results", lambda g, s, goal, a: walk(g, s, a)),
        ("argument-order", lambda graphs, place, action, goal: act(graphs, place, goal, action)),
        ("dtype", lambda *given: (act(*given)[0], act(*given)[1].half())),
        ("wrong-values", with_pay(lambda t, s, g: exact(t == g, t == s, reward=9.0))),
    ),
    act_in_place,
)


def floyd_warshall(leads, own=True):
    """Allow one place more at a time as a stop on the way."""
    found = ((leads + torch.eye(len(leads)).double() if own else leads) > 0).clone()
    for stop in range(len(leads)):
        found |= found[:, stop : stop + 1] & found[stop : stop + 1, :]
    return found


def reachable(leads):
    return floyd_warshall(leads).double()


def reachable_in_place(leads):
    leads.fill_diagonal_(1)
    return reachable(leads)


def listing(leads):
    for _ in range(len(leads)):
        leads = ((leads @ leads) > 0).double()
    return leads


def steps(number):
    def answer(leads):
        found = torch.eye(len(leads)).double()
        for _ in range(number or len(leads)):
            found = ((found @ leads) > 0).double()
        return found

    return answer


def off_diagonal(leads):
    return reachable(leads).fill_diagonal_(0)


def squared_without_end(leads):
    ways = torch.eye(len(leads)).double() + leads
    for _ in range(len(leads)):
        ways @= ways.clone()
    return (ways > 0).double()


REACHABLE = Answers(
    ch12.check_reachable,
    reachable,
    (
        ("no-identity", listing),
        ("exactly-n-steps", steps(0)),
        ("staying-too-late", lambda a: ((listing(a) + torch.eye(len(a))) > 0).double()),
        ("at-least-one-step", lambda a: floyd_warshall(a, own=False).double()),
        ("overflow", squared_without_end),
        ("one-step", lambda a: a + torch.eye(len(a)).double()),
        ("two-steps", lambda a: steps(2)(a + torch.eye(len(a)).double())),
        ("counts", lambda a: torch.linalg.matrix_power(a + torch.eye(len(a)).double(), len(a))),
        ("turned", lambda a: reachable(a).T),
        ("two-way", lambda a: reachable(a + a.T)),
        ("without-staying", off_diagonal),
        ("dtype", floyd_warshall),
        ("shape", lambda a: reachable(a).all(1).double()),
        ("wrong-values", lambda a: reachable(a) * 0.5),
    ),
    reachable_in_place,
)
