"""The agents' experiments: what they aim at, and that they train, validate and resume."""

from dataclasses import replace

import pytest
import torch

from memlib.experiments import meta_rl, registry
from memlib.experiments.experiment import Published
from memlib.ledger.verdict import judge
from memlib.tasks.graph_sampler import authors_drawing, graphs
from memlib.training import Trainer, seed_all

FIGURES = {"fwm": 107.1, "lstm-512": 83.4, "lstm-1024": 79.8, "lstm-2048": 80.6, "lstm-4096": 81.2}
SMALL = {"graphs": 20, "steps": 6, "updates": 4, "validate_every": 2}


def run_of(name, hidden=8, seed=1, **changes):
    experiment = registry.get(f"meta-rl/{name}")
    settings = {**experiment.settings_of("quick"), **SMALL, "hidden": hidden, **changes}
    seed_all(seed)
    return experiment.build(settings, seed, torch.device("cpu"))


def trainer_of(run, **more):
    return Trainer(run.model, run.optimiser, run.batches, run.loss, run.validate, run.settings, guard=run.guard, **more)


@pytest.mark.parametrize("name", FIGURES)
def test_the_figures_of_the_logs(name):
    experiment = registry.get(f"meta-rl/{name}")
    assert experiment.published == (Published("reward", FIGURES[name], seeds=1),)
    settings = experiment.settings_of("full")
    assert (settings["graphs"], settings["steps"]) == (600, 30)
    assert (settings["learning_rate"], settings["epsilon"]) == (1e-3, 1e-4)
    assert (settings["discount"], settings["value_weight"], settings["entropy_weight"]) == (0.9, 0.1, 0.03)
    assert settings["updates"] == (51_000 if name == "fwm" else settings["updates"]) >= 51_000


@pytest.mark.parametrize("name", ["fwm", "lstm-512", "lstm-1024"])
def test_an_agent_has_its_size(name):
    experiment = registry.get(f"meta-rl/{name}")
    model = meta_rl.agent(experiment.settings_of("full"), 17, 3)
    assert sum(p.numel() for p in model.parameters()) == experiment.parameters


@pytest.mark.parametrize("name", ["fwm", "lstm-512"])
def test_an_agent_trains_for_a_few_updates(name):
    run = run_of(name)
    before = {key: value.clone() for key, value in run.model.state_dict().items()}
    progress = trainer_of(run).train()
    assert progress.update == 4
    assert set(progress.curve[-1]) >= {"reward", "training_reward", "test_reward", "training_loss"}
    assert all((value != before[key]).any() for key, value in run.model.state_dict().items())
    figures = run.test(run.model.eval())
    assert -0.05 * 6 <= figures["reward"] <= 60


def test_a_resumed_run_goes_on_bit_for_bit(tmp_path):
    straight = run_of("fwm")
    trainer_of(straight).train()
    first = run_of("fwm", updates=2)
    trainer_of(first, folder=tmp_path).train()
    second = run_of("fwm", seed=7)
    second = replace(second, batches=run_of("fwm").batches)
    trainer = trainer_of(second, folder=tmp_path)
    trainer.resume()
    trainer.train()
    for key, value in straight.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[key])


def test_weights_are_chosen_on_graphs_that_are_neither_learnt_nor_tested():
    parts = meta_rl.parts()
    sets = [{tuple(graph.flatten().tolist()) for graph in part} for part in parts.values()]
    assert [len(part) for part in parts.values()] == [600] * 3
    assert not sets[0] & sets[1]
    assert not (sets[0] | sets[1]) & sets[2]
    assert torch.equal(parts["test_reward"], graphs(authors_drawing()).test)


def test_a_quick_run_is_partial_and_says_why():
    experiment = registry.get("meta-rl/lstm-512")
    record = {
        "profile": "quick",
        "seed": 1,
        "settings": experiment.settings_of("quick"),
        "data": run_of("lstm-512").data,
        "finished": True,
        "figures": {"reward": 50.0},
        "budget": {"updates": 150},
        "parameters": experiment.parameters,
    }
    verdict = judge(experiment, [record])
    assert verdict.word == "partial"
    assert meta_rl.CHOSEN in verdict.reasons
    assert "150 of 278,000 updates" in verdict.reasons
