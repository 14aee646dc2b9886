"""Pong: an agent with an LSTM, and one with two memories behind its LSTM, that see every 1st, 4th, 16th or 32nd frame.

The paper prints curves alone: means over the last 100 games, of five runs. So the acceptance is ours: that an agent
learns, which is to score at least -15 on average where playing at random scores -20 or worse.

The settings are those of the authors' code, which names what the text leaves open, with one network of 4 games side by
side in place of 32 asynchronous ones. A run is 250 thousand actions long, which at a skip of 4 is a million frames; the
paper's curves are many times as long.

Source: le2020, Sec. 3.4; le2020, App. I
"""

from typing import Any

from memlib.experiments.experiment import Budget, Experiment, Published, Run

SKIPS = (0, 4, 16, 32)
GAMES, WINDOW, ACTIONS = 4, 20, 250_000
DIFFERS = (
    "250 thousand actions, of many times as many",
    "4 games learned from at once, in place of 32 asynchronous workers",
    "gradients are clipped to a norm of 0.5",
)
SHARED: dict[str, Any] = {
    # Of PongConfig and ScreenConfig, besides the skip.
    "world": {"preset": "official"},
    "screen": {"preset": "official"},
    "games": GAMES,
    "window": WINDOW,
    "learning_rate": 1e-4,
    "clip_norm": 0.5,
    "discount": 0.99,
    "smoothing": 0.92,
    "value_weight": 0.25,
    "entropy_weight": 0.01,
    "recent_games": 100,
    "test_games": 10,
    "differs": list(DIFFERS),
}
QUICK: dict[str, Any] = {"games": 2, "window": 5, "test_games": 1, "world": {"preset": "official", "longest": 30}}
# The relational memory of Eq. 12 adds and never forgets: too much for games of thousands of steps. So it fades, as in
# the authors' code.
STM: dict[str, Any] = {"preset": "official", "size": 96, "queries": 8, "relation_size": 96, "output": 256}
# Of each system: words, memory, and what is smaller in the quick profile.
SYSTEMS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "lstm": ("agent with an LSTM of 512", {"lstm": 512, "stm": {}}, {"lstm": 16}),
    "stm": (
        "agent with an LSTM of 256 and an STM behind it: 8 queries, items of 96 x 96",
        {"lstm": 256, "stm": STM},
        {"lstm": 16, "stm": {**STM, "size": 8, "queries": 2, "relation_size": 6, "output": 12}},
    ),
}


def _build(settings: Any, seed: int, device: Any) -> Run:
    # Only here: whoever lists experiments need not load the models.
    from memlib.experiments import le2020_pong_runs

    return le2020_pong_runs.build(settings, seed, device)


def _experiment(system: str, skip: int) -> Experiment:
    words, core, small = SYSTEMS[system]
    seen = "every frame" if skip == 0 else f"one frame of {skip}"
    return Experiment(
        name=f"pong/{system}-skip-{skip}",
        row="O9",
        paper="le2020",
        where="Fig. 3",
        system=words,
        task=f"Pong, seeing {seen}: points won less points lost, from -21 to 21",
        model=f"agent-{system}",
        settings={**SHARED, **core, "skip": skip},
        budgets={
            "quick": Budget(6, 3, settings={**QUICK, **small}),
            "full": Budget(ACTIONS // (GAMES * WINDOW), 25),
        },
        metric="score",
        published=(Published("score", -15.0, own=True),),
        build=_build,
        unit="points",
    )


EXPERIMENTS: tuple[Experiment, ...] = tuple(_experiment(system, skip) for skip in SKIPS for system in SYSTEMS)
