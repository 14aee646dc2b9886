"""Exercise: one step in many cities at once."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake


def _case(name: str, seed: int, *, cities: int, places: int, actions: int) -> Case:
    """Cities in which each third action leads nowhere; in each third of them the action leads to the goal."""
    source = torch.Generator().manual_seed(seed)

    def draw(below: int, *shape: int) -> Tensor:
        return torch.randint(below, shape, generator=source)

    here = torch.arange(places)[:, None]
    graphs = (here + draw(places - 1, cities, places, actions) + 1) % places
    graphs = torch.where(draw(3, cities, places, actions) == 0, here, graphs)
    place, action, rows = draw(places, cities), draw(actions, cities), torch.arange(cities)
    target = graphs[rows, place, action]
    elsewhere = (target + 1 + draw(places - 1, cities)) % places
    goal = torch.where((rows % 3 == 0) & (target != place), target, elsewhere)
    goal = torch.where(goal == place, (place + 1) % places, goal)
    return Case(name, (graphs, place, goal, action))


def _cases() -> list[Case]:
    return [
        _case("eight cities", 1231, cities=8, places=5, actions=3),
        _case("as many cities as places and actions", 1232, cities=4, places=4, actions=4),
        _case("forty cities", 1233, cities=40, places=6, actions=2),
        _case("one city", 1234, cities=1, places=5, actions=3),
    ]


def _target(graphs: Tensor, place: Tensor, action: Tensor) -> Tensor:
    flat = graphs.flatten(1)
    return flat.gather(1, (place * graphs.shape[2] + action)[:, None]).squeeze(1)


def _paid(target: Tensor, place: Tensor, goal: Tensor, arrive: float = 10.0, nowhere: float = -0.05) -> Tensor:
    return arrive * (target == goal).double() + nowhere * (target == place).double()


def _one_by_one(graphs: Tensor, place: Tensor, goal: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
    target = _target(graphs, place, action)
    return target, _paid(target, place, goal)


Make = Callable[[Tensor, Tensor, Tensor], Tensor]


def _with(pay: Make) -> Callable[..., tuple[Tensor, Tensor]]:
    """The right target, and another pay for (target, place, goal)."""

    def answer(graphs: Tensor, place: Tensor, goal: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
        target = _target(graphs, place, action)
        return target, pay(target, place, goal)

    return answer


def _every_pair(graphs: Tensor, place: Tensor, goal: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
    target = graphs[:, place, action]
    return target, _paid(target, place, goal)


def _turned(graphs: Tensor, place: Tensor, goal: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
    rows = torch.arange(len(graphs))
    target = graphs[rows, action, place]
    return target, _paid(target, place, goal)


def _first_city(graphs: Tensor, place: Tensor, goal: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
    target = graphs[0, place, action]
    return target, _paid(target, place, goal)


_MISTAKES = (
    Mistake(
        "every-pair",
        _every_pair,
        "`graphs[:, place, action]` takes every agent's place and action in every city: a table of agents and cities.",
        "Agent i walks in city i: the first index is `torch.arange(len(graphs))`.",
    ),
    Mistake(
        "first-city",
        _first_city,
        "All agents walk in the first city. Each has its own.",
        "The first index is `torch.arange(len(graphs))`.",
    ),
    Mistake(
        "city-left-out",
        lambda graphs, place, goal, action: (
            graphs[place, action],
            _paid(graphs[place, action], place, goal),
        ),
        "`graphs[place, action]` has two indices for three axes: the place is taken for the number of a city, the "
        "action for a place.",
        "The axes are city, place, action. The first index is `torch.arange(len(graphs))`.",
    ),
    Mistake(
        "indices-swapped",
        _turned,
        "Place and action have changed places.",
        "The axes are city, place, action.",
    ),
    Mistake(
        "results-swapped",
        lambda *given: _one_by_one(*given)[::-1],
        "The right numbers in the wrong order: first the target, then the reward.",
        "`return target, reward`.",
    ),
    Mistake(
        "single-precision",
        _with(lambda target, place, goal: _paid(target, place, goal).float()),
        "The right numbers, but float32: that is what a comparison times a Python number makes, and `torch.where` of "
        "two Python numbers.",
        "Make a number of each comparison first: `(target == goal).double()`.",
    ),
    Mistake(
        "no-penalty",
        _with(lambda target, place, goal: _paid(target, place, goal, nowhere=0.0)),
        "An action that leads nowhere costs 0.05; yours is free.",
        "It led nowhere where the target is the place itself.",
    ),
    Mistake(
        "penalty-positive",
        _with(lambda target, place, goal: _paid(target, place, goal, nowhere=0.05)),
        "The penalty has the wrong sign: staying would pay.",
        "Minus 0.05.",
    ),
    Mistake(
        "penalty-for-every-step",
        _with(lambda target, place, goal: 10 * (target == goal).double() - 0.05 * (target != goal).double()),
        "Every step that does not arrive is punished. Only an action that leads nowhere is: moving is free.",
        "Compare the target with the place, not with the goal.",
    ),
    Mistake(
        "penalty-on-moves",
        _with(lambda target, place, goal: 10 * (target == goal).double() - 0.05 * (target != place).double()),
        "You punish the moves, and not those who stay.",
        "It led nowhere where the target *is* the place.",
    ),
    Mistake(
        "pays-before-the-step",
        _with(lambda target, place, goal: _paid(place, target, goal)),
        "You compared the old place with the goal. What counts is where the action leads.",
        "Compare the target with the goal.",
    ),
    Mistake(
        "reward-of-one",
        _with(lambda target, place, goal: _paid(target, place, goal, arrive=1.0)),
        "Arriving pays 10, not 1.",
        "Multiply the comparison by 10.",
    ),
    Mistake(
        "penalty-of-one",
        _with(lambda target, place, goal: _paid(target, place, goal, nowhere=-1.0)),
        "An action that leads nowhere costs 0.05, not 1.",
        "A large penalty teaches an agent not to try.",
    ),
)

ACT = Exercise(
    name="act",
    arguments=("graphs", "place", "goal", "action"),
    reference=_one_by_one,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[[1, 0], [1, 0]], [[0, 1], [0, 1]]]),
            torch.tensor([0, 0]),
            torch.tensor([1, 1]),
            torch.tensor([0, 0]),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="One look-up moves all agents; 600 cities cost hardly more than one.",
    advice="First the target of each agent, by one look-up with three indices; then two comparisons make the reward.",
    results=("target", "reward"),
)


def check_act(function: Callable[..., Any]) -> Card:
    """Check `act(graphs [B, S, A], place [B], goal [B], action [B]) -> (target [B], reward [B])`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(ACT, function)
