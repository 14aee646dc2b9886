"""The short runs of the register for the Fast Weight Memory: one option apart, all else equal."""

import dataclasses

import pytest
import torch

from memlib.experiments import registry
from memlib.experiments.discrepancies_schlag2021 import BASELINE, EXPERIMENTS, PAPER
from memlib.models.fwm import FWMConfig
from memlib.training import Trainer, seed_all

from .test_catbabi import CPU, settings_of

OFFICIAL, EQUATIONS = FWMConfig.official(vocabulary=200), FWMConfig.paper(vocabulary=200)


def differing(one, other):
    return {f.name for f in dataclasses.fields(one) if getattr(one, f.name) != getattr(other, f.name)}


def test_the_short_run_is_the_whole_one_cut_short():
    whole, short = (registry.get(name) for name in ("catbabi-qa/fwm", BASELINE.name))
    settings = short.settings_of("quick")
    assert (settings["updates"], settings["batch"], settings["window"]) == (2_000, 32, 200)
    assert (settings["mode"], settings["stories"], settings["vocabulary_rows"]) == ("qa", "real", 200)
    apart = {key for key in settings if settings[key] != whole.settings_of("full")[key]}
    assert apart == {"updates", "test_rows"}
    assert whole.settings_of("full")["options"] == {}


def test_the_papers_options_are_the_papers():
    assert differing(FWMConfig.official(vocabulary=200, **PAPER), EQUATIONS) == set()
    assert differing(OFFICIAL, EQUATIONS) == set(PAPER)


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda one: one.name)
def test_a_run_has_its_options_and_chooses_by_accuracy(experiment):
    tiny = settings_of("catbabi-qa/fwm", stories="generated", updates=2, validate_every=1)
    tiny |= {"vocabulary_rows": 200, "options": experiment.settings["options"]}
    seed_all(1)
    run = experiment.build(tiny, 1, CPU)
    assert differing(run.model.config, OFFICIAL) == set(experiment.settings["options"])
    trainer = Trainer(run.model, run.optimiser, run.batches, run.loss, run.validate, run.settings)
    progress = trainer.train()
    assert progress.best == max(row["accuracy"] for row in progress.curve)
    assert (experiment.metric, experiment.higher_is_better, experiment.unit) == ("accuracy", True, "%")


def test_all_start_with_the_same_weights_but_for_the_forget_gate():
    starts = {}
    for experiment in EXPERIMENTS:
        seed_all(1)
        run = experiment.build({**settings_of("catbabi-qa/fwm"), "options": experiment.settings["options"]}, 1, CPU)
        starts[experiment.name] = run.model.state_dict()
    for name, start in starts.items():
        other = {key for key in start if not torch.equal(start[key], starts[BASELINE.name][key])}
        forgets = name in {"discrepancies/fwm-paper", "discrepancies/fwm-forget-bias"}
        assert other == ({"cell.lstm.bias_ih_l0"} if forgets else set())
