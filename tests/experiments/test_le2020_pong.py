"""Pong as an experiment: its rows, and that agents train, resume and are tested; on a stand-in, and on the emulator."""

import sys
from functools import partial
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from memlib.data import DataError
from memlib.experiments import le2020_pong, le2020_pong_runs, registry
from memlib.experiments.experiment import Published
from memlib.ledger import published
from memlib.ledger.verdict import judge
from memlib.tasks.pong import Pong, PongConfig
from memlib.training import Trainer, seed_all

NAMED = {one.name: one for one in le2020_pong.EXPERIMENTS}
SYSTEMS = ["lstm", "stm"]
TINY = {
    "updates": 4,
    "validate_every": 2,
    "screen": {"preset": "official", "kernels": [2, 2, 2, 2]},
    "world": {"preset": "official", "idle": 0},
}


class Standing:
    """A game that is over after 37 frames; each 12th wins a point where the action is "up", and else loses one."""

    def reset(self, *, seed=None):
        self.at = 0
        return self.frame(), {}

    def frame(self):
        frame = np.zeros((210, 160, 3), dtype=np.uint8)
        frame[40 + 2 * self.at : 60 + 2 * self.at] = 200
        return frame

    def step(self, action):
        self.at += 1
        reward = 0.0 if self.at % 12 else 1.0 if action == 2 else -1.0
        return self.frame(), reward, self.at >= 37, False, {}

    def state_dict(self):
        return {"at": self.at}

    def load_state_dict(self, state):
        self.at = state["at"]


@pytest.fixture
def standing(monkeypatch):
    monkeypatch.setattr(le2020_pong_runs, "Pong", partial(Pong, make=Standing))


def run_of(system, seed=1, skip=4, **changes):
    experiment = registry.get(f"pong/{system}-skip-{skip}")
    seed_all(seed)
    return experiment.build({**experiment.settings_of("quick"), **TINY, **changes}, seed, torch.device("cpu"))


def trainer_of(run, **more):
    return Trainer(run.model, run.optimiser, run.batches, run.loss, run.validate, run.settings, guard=run.guard, **more)


def test_every_row_of_the_figure_has_its_experiment():
    assert set(NAMED) == {f"pong/{system}-skip-{skip}" for system in SYSTEMS for skip in (0, 4, 16, 32)}
    lines = {line.experiment: line for section in published.sections() for line in section.lines}
    for name, experiment in NAMED.items():
        assert registry.get(name) is experiment
        assert (experiment.row, experiment.where) == ("O9", "Fig. 3")
        assert experiment.published == (Published("score", -15.0, own=True),)
        line = lines[name]
        assert (line.row, line.place) == ("O9", "Fig. 3")
        assert str(experiment.published[0]) in line.figure
        settings = experiment.settings_of("full")
        assert (settings["learning_rate"], settings["discount"], settings["smoothing"]) == (1e-4, 0.99, 0.92)
        assert settings["updates"] * settings["games"] * settings["window"] == 250_000


@pytest.mark.parametrize(("system", "weights"), [("lstm", 3_249_639), ("stm", 2_656_844)])
def test_an_agent_has_the_papers_sizes(system, weights):
    model = le2020_pong_runs.agent(NAMED[f"pong/{system}-skip-4"].settings_of("full"))
    assert model.screen.config.width == 1024
    if system == "lstm":
        assert model.core.lstm.hidden_size == 512
    else:
        config = model.core.stm.config
        assert (config.queries, config.size, config.relation_size) == (8, 96, 96)
        assert (config.relational_blend, model.core.width) == ("decay", 512)
    assert sum(weight.numel() for weight in model.parameters()) == weights


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_agent_trains_for_a_few_updates(system, standing):
    run = run_of(system, window=12)
    before = {key: value.clone() for key, value in run.model.state_dict().items()}
    progress = trainer_of(run).train()
    # Of a game's 37 frames the service takes 8. The others last for 8 actions, so that 12 are a game and a half.
    assert [row["games"] for row in progress.curve] == [6, 12]
    assert [row["frames"] for row in progress.curve] == [6 * 29, 12 * 29]
    assert progress.curve[-1]["score"] == sum(run.batches.scores) / 12
    assert all((value != before[key]).any() for key, value in run.model.state_dict().items())
    figures = run.test(run.model.eval())
    assert -3 <= figures["score"] <= 3
    assert figures["training_score"] == progress.curve[-1]["score"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_resumed_run_goes_on_bit_for_bit(system, standing, tmp_path):
    straight = run_of(system)
    trainer_of(straight).train()
    first = run_of(system, updates=2)
    trainer_of(first, folder=tmp_path).train()
    second = run_of(system, seed=7)
    trainer = trainer_of(second, folder=tmp_path)
    trainer.resume()
    assert trainer.progress.update == 2
    progress = trainer.train()
    for key, value in straight.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[key])
    assert progress.curve[-1]["frames"] == straight.batches.world.frames
    assert list(straight.batches.scores) == list(second.batches.scores)


def test_scores_are_of_the_recent_games(standing):
    run = run_of("lstm", window=12, recent_games=3)
    assert run.batches.score == -21
    trainer_of(run).train()
    assert (len(run.batches.scores), run.batches.games) == (3, 12)


def test_each_game_of_the_test_counts_once(standing):
    world = le2020_pong_runs.Pong(4, PongConfig(idle=0))
    model = run_of("lstm").model
    found = le2020_pong_runs.scores(model, world, torch.Generator().manual_seed(1), torch.device("cpu"))
    assert len(found) == 4
    assert set(found) <= {-3, -1, 1, 3}


def test_a_run_in_full_is_partial_and_says_why(standing):
    experiment = NAMED["pong/stm-skip-4"]
    full = experiment.budgets["full"].updates
    record = {
        "profile": "full",
        "seed": 1,
        "settings": experiment.settings_of("full"),
        "data": run_of("stm").data,
        "finished": True,
        "figures": {"score": -10.0},
        "budget": {"updates": full},
        "parameters": 2_656_844,
    }
    verdict = judge(experiment, [record])
    assert verdict.word == "partial"
    assert set(le2020_pong.DIFFERS) <= set(verdict.reasons)


def test_without_the_emulator_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(DataError, match=r"pip install 'memlib\[rl\]'"):
        run_of("lstm")


@pytest.mark.skipif(not find_spec("ale_py"), reason="needs gymnasium and ale-py: pip install 'memlib[rl]'")
def test_an_agent_plays_on_the_emulator():
    run = run_of("stm", games=1, updates=2, validate_every=1)
    progress = trainer_of(run).train()
    assert progress.curve[-1]["frames"] == 2 * 5 * 4
    assert run.batches.state_dict()["world"]["players"][0]["machine"].numel() > 1000
