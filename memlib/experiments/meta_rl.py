"""Agents that explore: a Fast Weight Memory of 11 thousand weights against LSTMs of up to 67 million, in new graphs.

The paper prints curves. The figures to reach were read off the logs that the authors left with their code: the total
reward of an episode, mean over 600 test graphs, over the last 20 points of the log. So the settings are those of that
code, `NavigationConfig.official()`, and not the text's, and a run is as long as the log: 51 thousand updates for the
Fast Weight Memory, 114 to 278 thousand for the LSTMs.

Every 50 updates one episode is played on all graphs: those to learn on, the test graphs, and 600 of our own, by which
the weights are chosen that are tested at the end. The authors chose nothing; their LSTMs had overfitted by the end.

Source: schlag2021, Sec. 4.2; schlag2021, App. I
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from memlib.experiments.experiment import Budget, Experiment, Published, Run
from memlib.models.fwm_core import FWMCore, agent_config
from memlib.models.navigation_agent import LSTMCore, NavigationAgent
from memlib.tasks.graph_navigation import GraphNavigation, NavigationConfig
from memlib.tasks.graph_sampler import authors_drawing, drawing, graphs, others
from memlib.training import Generated, Guard, Settings
from memlib.training.actor_critic import A2CConfig, episode_loss, rollout

LOG_EVERY = 50
# Episodes of the test, as many as the points of the authors' logs that the published figures are means of.
EPISODES = 20
CHOSEN = "weights chosen on other graphs, where the logs run on into overfitting"


def agent(settings: Mapping[str, Any], width: int, actions: int) -> NavigationAgent:
    """The agent of an experiment.

    Args:
        settings: with ``core``, "fwm" or "lstm", ``hidden`` and, for a Fast Weight Memory, ``memory`` and ``reads``.
        width: of an input.
        actions: how many.
    """
    hidden = settings["hidden"]
    if settings["core"] == "fwm":
        core: Any = FWMCore(agent_config(width, hidden, settings["memory"], settings["reads"]))
    else:
        core = LSTMCore(width, hidden)
    return NavigationAgent(core, actions)


@cache
def parts() -> dict[str, Tensor]:
    """All graphs, by the name of the reward in them: the authors' to learn on, ours to choose by, theirs to test on."""
    known = graphs(authors_drawing())
    own = others(drawing(0), len(known.train), torch.cat(known))
    return {"training_reward": known.train, "reward": own, "test_reward": known.test}


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """The pieces of a run.

    Args:
        settings: of the experiment.
        seed: of the weights and of everything random in the episodes; the graphs are always the authors'.
        device: to train on.
    """
    rules = replace(NavigationConfig.official(), steps=settings["steps"])
    count = settings["graphs"]
    worlds = {name: GraphNavigation(part[:count].to(device), rules) for name, part in parts().items()}
    train = worlds["training_reward"]
    weights = A2CConfig(settings["discount"], settings["value_weight"], settings["entropy_weight"])
    model = agent(settings, train.width, train.actions).to(device)

    def loss(model: nn.Module, start: Tensor, carry: Any) -> tuple[Tensor, Any]:
        generator = torch.Generator().manual_seed(int(start))
        episode = rollout(model, train, generator)  # type: ignore[arg-type]
        return episode_loss(model, episode, weights), carry  # type: ignore[arg-type]

    def played(model: nn.Module, world: GraphNavigation, episodes: int, first: int) -> float:
        generator = torch.Generator().manual_seed(first)
        totals = [rollout(model, world, generator).total.mean().item() for _ in range(episodes)]  # type: ignore[arg-type]
        return sum(totals) / episodes

    def validate(model: nn.Module) -> dict[str, float]:
        return {name: played(model, world, 1, seed) for name, world in worlds.items()}

    def test(model: nn.Module) -> dict[str, float]:
        figures = {name: played(model, world, EPISODES, seed + 1_000_003) for name, world in worlds.items()}
        return {"reward": figures["test_reward"], "training_reward": figures["training_reward"]}

    return Run(
        model=model,
        optimiser=torch.optim.Adam(model.parameters(), lr=settings["learning_rate"], eps=settings["epsilon"]),
        # A batch is nothing but the seed of one episode in every graph.
        batches=Generated(lambda generator: torch.randint(2**62, (), generator=generator), seed),
        loss=loss,
        validate=validate,
        test=test,
        settings=Settings(
            updates=settings["updates"],
            validate_every=settings["validate_every"],
            checkpoint_every=500,
            metric="reward",
            higher_is_better=True,
        ),
        data={
            "source": "the authors' graphs",
            "substituted": False,
            "differs": [CHOSEN] if settings["core"] == "lstm" else [],
            "train": count,
            "validation": count,
            "test": count,
        },
        # The loss has no lower bound: it falls below zero and rises again as the rewards grow.
        guard=Guard(factor=math.inf),
    )


def _experiment(name: str, system: str, core: dict[str, Any], parameters: int, reward: float, full: int) -> Experiment:
    return Experiment(
        name=f"meta-rl/{name}",
        row="F9",
        paper="schlag2021",
        where="Fig. 5",
        system=system,
        task="finding the way in unknown graphs: total reward of 30 steps on 600 new graphs",
        model=f"agent-{core['core']}",
        settings={
            **core,
            "graphs": 600,
            "steps": 30,
            "learning_rate": 1e-3,
            "epsilon": 1e-4,
            "discount": 0.9,
            "value_weight": 0.1,
            "entropy_weight": 0.03,
        },
        budgets={
            "quick": Budget(updates=150, validate_every=LOG_EVERY, items=600, settings={"graphs": 100}),
            "full": Budget(updates=full, validate_every=LOG_EVERY, items=600),
        },
        metric="reward",
        published=(Published("reward", reward, seeds=1),),
        build=build,
        parameters=parameters,
    )


# hidden, weights, total reward, updates in the authors' log
LSTMS = (
    (512, 1_089_540, 83.4, 278_000),
    (1024, 4_276_228, 79.8, 232_000),
    (2048, 16_941_060, 80.6, 200_000),
    (4096, 67_436_548, 81.2, 114_000),
)

EXPERIMENTS: tuple[Experiment, ...] = (
    _experiment(
        "fwm",
        "agent with a Fast Weight Memory: LSTM of 32, memory 16 x 16 x 16",
        {"core": "fwm", "hidden": 32, "memory": 16, "reads": 3},
        10_933,
        107.1,
        51_000,
    ),
    *(
        _experiment(
            f"lstm-{hidden}",
            f"agent with an LSTM of {hidden:,}",
            {"core": "lstm", "hidden": hidden},
            weights,
            reward,
            updates,
        )
        for hidden, weights, reward, updates in LSTMS
    ),
)
