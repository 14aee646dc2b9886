"""Find one's way in a city whose lines are hidden until they are tried (navigation.js draws it and plays)."""

from typing import Any

import torch
import traitlets

from memlib.figures.base import Interactive, at_least, module, seeded
from memlib.tasks.graph_navigation import GraphNavigation, NavigationConfig
from memlib.tasks.graph_sampler import ACTIONS, STATES, sample
from memlib.training.actor_critic import Agent, rollout

NAMES = ("A", "B", "C", "D", "E")
LINES = ("Tram", "Bus", "Ferry")

_MOST = 50  # cities
_EPISODES = 40  # of the trained agent in each city


class NavigationWidget(Interactive):
    """Thirty steps in an unknown city, beside agents in the same one: chance, an explorer, the map, a trained agent.

    The cities, and where goal and agent are put, come from one seeded generator and travel with the widget; the game
    and the others' games run in the page.

    Args:
        cities: how many, 1 to 50.
        city: the one to begin with, from 0.
        actions: taken already, each 0, 1 or 2.
        agent: a trained one, such as `memlib.models.navigation_agent.NavigationAgent`; it plays here, once. None for
            no bar of it.
        rules: of the world; those of the authors' code when None.
        seed: of the generator.

    Raises:
        ValueError: an argument is out of its range.
        TypeError: the agent cannot be called.
    """

    _esm = module("navigation")
    _words = "Walk through a city whose lines are hidden until they are tried, beside agents in the same city."
    city = traitlets.Int(0).tag(sync=True)
    actions: Any = traitlets.List().tag(sync=True)
    earlier: Any = traitlets.List().tag(sync=True)
    map = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        *,
        cities: int = 12,
        city: int = 0,
        actions: list[int] | tuple[int, ...] = (),
        agent: Agent | None = None,
        rules: NavigationConfig | None = None,
        seed: int = 12,
    ) -> None:
        own = type(self).__name__
        at_least(own, cities=(cities, 1), city=(city, 0))
        if cities > _MOST or city >= cities:
            raise ValueError(f"{own}: expected cities <= {_MOST} and city < cities; got cities={cities}, city={city}.")
        rules = rules or NavigationConfig.official()
        wrong = [one for one in actions if isinstance(one, bool) or one not in range(ACTIONS)]
        if wrong or len(actions) > rules.steps:
            raise ValueError(f"{own}: expected at most {rules.steps} actions, each 0, 1 or 2; got {list(actions)}.")
        if agent is not None and not callable(agent):
            raise TypeError(f"{own}: expected agent as a module that acts, or None; got {agent!r}.")
        generator = seeded(own, seed)

        def draw(below: int) -> int:
            return int(torch.randint(below, (), generator=generator))

        graphs = torch.stack([sample(draw) for _ in range(cities)])
        world = GraphNavigation(graphs, rules)
        start = world.reset(generator)
        offsets = world.offsets(rules.steps, generator)
        data = {
            "names": list(NAMES[:STATES]),
            "lines": list(LINES),
            "cities": graphs.tolist(),
            "starts": [{"goal": g, "place": p} for g, p in zip(start.goal.tolist(), start.place.tolist(), strict=True)],
            "offsets": offsets.permute(2, 0, 1).tolist(),
            "rules": {
                "steps": rules.steps,
                "reward": rules.reward,
                "penalty": rules.penalty,
                "patience": rules.patience,
                "reset": rules.reset_timer_on_goal,
            },
            "trained": None if agent is None else self._played(agent, graphs, rules, generator),
        }
        super().__init__(data=data, city=city, actions=list(actions))

    @staticmethod
    def _played(agent: Agent, graphs: torch.Tensor, rules: NavigationConfig, generator: torch.Generator) -> list[float]:
        """The agent's mean total in each city."""
        world = GraphNavigation(graphs.repeat_interleave(_EPISODES, 0), rules)
        total = rollout(agent, world, generator).total
        return [round(mean, 1) for mean in total.reshape(len(graphs), _EPISODES).mean(1).tolist()]
