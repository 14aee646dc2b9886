"""The figure on finding one's way: its steps and walkers are memlib's, its words say what happened."""

import itertools
import re
from typing import Any

import pytest
import torch

from memlib.tasks.graph_navigation import GraphNavigation, NavigationConfig, NavigationState
from memlib.tasks.graph_walkers import BEST_GUESS, UNKNOWN, walk, ways
from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import NavigationWidget

REPLAY = (
    "replay({ city: data.cities[city], rules: data.rules, start: data.starts[city], offsets: data.offsets[city], "
    "actions, earlier })"
)


def played(node: Node, data: dict[str, Any], actions: list[int], city: int = 0, earlier: Any = ()) -> dict[str, Any]:
    return node("navigation", REPLAY, data=data, city=city, actions=actions, earlier=list(earlier))


@pytest.mark.parametrize("rules", [NavigationConfig.official(), NavigationConfig.paper()])
def test_every_step_is_memlibs(node: Node, rules: NavigationConfig) -> None:
    data = NavigationWidget(cities=5, rules=rules).data
    world = GraphNavigation(torch.tensor(data["cities"]), rules)
    starts = torch.tensor([[one["goal"], one["place"]] for one in data["starts"]])
    actions = torch.randint(3, (rules.steps, 5), generator=torch.Generator().manual_seed(1))
    zeros = torch.zeros(5, dtype=torch.long)
    state = NavigationState(starts[:, 0], starts[:, 1], zeros - 1, zeros, torch.zeros(5), 0)
    offsets = torch.tensor(data["offsets"])
    games = [played(node, data, actions[:, city].tolist(), city) for city in range(5)]
    for t in range(rules.steps):
        state, reward = world.step(state, actions[t], offsets[:, t].T)
        for city, game in enumerate(games):
            found = game["log"][t]
            assert found["reward"] == pytest.approx(reward[city].item())
            assert (found["next"]["goal"], found["next"]["place"]) == (state.goal[city], state.place[city])
            assert found["next"]["timer"] == state.timer[city]
    assert any(one["expired"] for game in games for one in game["log"])
    assert any(one["arrived"] for game in games for one in game["log"])


def test_what_is_known_is_true_and_stays_for_the_next_game(node: Node) -> None:
    data = NavigationWidget().data
    game = played(node, data, [0, 1, 2] * 10)
    city, known = torch.tensor(data["cities"][0]), torch.tensor(game["known"])
    tried = known != UNKNOWN
    assert tried.any()
    assert (known[tried] == city[tried]).all()
    again = played(node, data, [], earlier=[[0, 1, 2] * 10])
    assert again["known"] == game["known"]
    assert again["past"] == [pytest.approx(game["total"])]
    assert again["total"] == 0


@pytest.mark.parametrize("guess", [99.0, BEST_GUESS, 1.0])
def test_the_planner_is_memlibs(node: Node, guess: float) -> None:
    source = torch.Generator().manual_seed(3)
    known = torch.tensor(NavigationWidget().data["cities"])
    known = known.masked_fill(torch.rand(known.shape, generator=source) < 0.4, UNKNOWN)
    goal = torch.randint(5, (len(known),), generator=source)
    expression = "known.map((one, i) => ways(one, goal[i], guess))"
    found = node("navigation", expression, known=known.tolist(), goal=goal.tolist(), guess=guess)
    torch.testing.assert_close(torch.tensor(found), ways(known, goal, guess), check_dtype=False)


def test_the_walkers_get_what_memlibs_get(node: Node) -> None:
    widget = NavigationWidget(cities=3)
    hows = ({"guess": None}, {"guess": BEST_GUESS}, {"withMap": True})
    expression = (
        "data.cities.map((city, i) => hows.map((how) => "
        "walker({ city, rules: data.rules, episodes: 2000, seed: i + 1, ...how })))"
    )
    found = node("navigation", expression, data=widget.data, hows=hows)
    many = torch.tensor(widget.data["cities"]).repeat_interleave(2000, 0)
    world, source = GraphNavigation(many, NavigationConfig.official()), torch.Generator().manual_seed(4)
    for k, how in enumerate(({"guess": None}, {"guess": BEST_GUESS}, {"with_map": True})):
        total = walk(world, source, **how).total.reshape(3, 2000)
        for city in range(3):
            error = (2 / 2000) ** 0.5 * total[city].std().item()
            assert abs(found[city][k] - total[city].mean().item()) < 4.5 * error


def test_an_agents_bar_is_its_mean_in_each_city() -> None:
    def first_line(x: torch.Tensor, memory: None) -> tuple[torch.Tensor, torch.Tensor, None]:
        return torch.tensor([50.0, 0.0, 0.0]).expand(len(x), 3), torch.zeros(len(x)), None

    data = NavigationWidget(cities=4, agent=first_line).data  # type: ignore[arg-type]
    assert len(data["trained"]) == 4
    assert all(-1.5 <= total <= 300 for total in data["trained"])
    assert len(set(data["trained"])) > 1
    assert NavigationWidget(cities=4).data["trained"] is None


SAY = f"(() => {{ const s = {REPLAY}; return sentence({{ ...s, ...data }}); }})()"


def test_the_words_say_what_happened(node: Node) -> None:
    data = NavigationWidget().data
    city, start = data["cities"][0], data["starts"][0]
    place = start["place"]

    def said(actions: list[int], earlier: Any = ()) -> str:
        text = node("navigation", SAY, data=data, city=0, actions=actions, earlier=list(earlier))
        assert "undefined" not in text
        assert "NaN" not in text
        return str(text)

    name = "ABCDE"[place]
    assert said([]) == f"You are in {name}, the goal is {'ABCDE'[start['goal']]}. Nothing is known yet."
    for action, line in enumerate(("tram", "bus", "ferry")):
        text, target = said([action]), city[place][action]
        assert text.startswith(f"The {line} from {name} leads ")
        if target == place:
            assert "leads nowhere: −0.05." in text
        elif target == start["goal"]:
            assert "leads to the goal: +10." in text
        else:
            assert text.endswith(f"leads to {'ABCDE'[target]}.")
    assert "Thirty steps are over: " in said([0, 1, 2] * 10)
    assert "Before that you got " in said([0, 1, 2] * 10, [[0] * 30])
    assert "The last time you got " in said([], [[0] * 30])
    games = [list(game) for game in itertools.product(range(3), repeat=6)][::20]
    texts = node("navigation", f"games.map((actions) => {SAY})", data=data, city=0, earlier=[], games=games)
    assert any("in vain" in text for text in texts)
    assert not any("undefined" in text for text in texts)


@pytest.mark.parametrize(("number", "text"), [(10.0, "10"), (-0.05, "−0.05"), (49.9, "49.9"), (0.0, "0"), (90.0, "90")])
def test_amounts(node: Node, number: float, text: str) -> None:
    assert node("navigation", "amount(x)", x=number) == text


def test_every_question_names_what_the_reader_can_do(node: Node) -> None:
    labels = node("navigation", "LABELS")
    lines = ["Tram", "Bus", "Ferry"]
    states = [
        {"lines": lines, "steps": 30, "done": done, "played": again, "map": seen, "untried": untried, "way": way}
        for done, again, seen, untried, way in itertools.product(
            (0, 1, 29, 30), (0, 2), (False, True), (0, 1, 5), (0, 1, 3)
        )
    ]
    for state, (act, text) in zip(states, node("navigation", "states.map(questionFor)", states=states), strict=True):
        names = re.findall("“([^”]+)”", act)
        assert (act[:11], act[-1], text[-1]) == ("Before you ", ":", "?")
        assert names == lines if state["done"] < 30 else names[0] in labels.values()
        assert "undefined" not in act + text


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"cities": 0}, ValueError, "cities to be a whole number >= 1, got 0"),
        ({"cities": 51}, ValueError, "cities <= 50"),
        ({"city": 12}, ValueError, "city < cities; got cities=12, city=12"),
        ({"actions": [3]}, ValueError, r"each 0, 1 or 2; got \[3\]"),
        ({"actions": [0] * 31}, ValueError, "at most 30 actions"),
        ({"seed": 1.5}, ValueError, "expected seed to be a whole number, got 1.5"),
        ({"agent": 3}, TypeError, "agent as a module that acts, or None; got 3"),
    ],
)
def test_wrong_arguments_are_explained(given: dict[str, Any], error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        NavigationWidget(**given)
