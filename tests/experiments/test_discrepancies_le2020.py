"""The short runs of the register for two memories: one option apart, all else equal."""

import dataclasses

import pytest
import torch

from memlib.experiments.discrepancies_le2020 import BASELINE, EXPERIMENTS, PAPER, SIZES
from memlib.models.stm import STMConfig
from memlib.training import Trainer, seed_all

CPU = torch.device("cpu")
WIDTHS = (20, 4)
TINY = {"size": 6, "queries": 2, "relation_size": 5, "hidden_sizes": [6, 6]}
GIVEN = {key: value for key, value in SIZES.items() if key != "preset"}


def differing(one, other):
    return {f.name for f in dataclasses.fields(one) if getattr(one, f.name) != getattr(other, f.name)}


def tiny(experiment):
    settings = experiment.settings_of("quick") | {"updates": 2, "validate_every": 1, "batch": 8, "evaluation_batch": 8}
    return settings | {"model_options": {**settings["model_options"], **TINY}}


def test_the_papers_options_are_the_papers():
    assert differing(STMConfig.official(*WIDTHS, **PAPER), STMConfig.paper(*WIDTHS)) == set()
    assert differing(STMConfig.official(*WIDTHS), STMConfig.paper(*WIDTHS)) == set(PAPER)


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda one: one.name)
def test_a_run_has_its_options_and_trains(experiment):
    seed_all(1)
    run = experiment.build(tiny(experiment), 1, CPU)
    official = STMConfig.official(*WIDTHS, **TINY)
    assert differing(run.model.config, official) == set(experiment.settings["options"])
    before = {name: weight.clone() for name, weight in run.model.state_dict().items()}
    trainer = Trainer(run.model, run.optimiser, run.batches, run.loss, run.validate, run.settings)
    progress = trainer.train()
    assert progress.best == max(row["accuracy"] for row in progress.curve)
    assert any(not torch.equal(weight, before[name]) for name, weight in run.model.state_dict().items())


def test_the_task_is_the_papers_smaller_one_and_the_model_the_codes():
    assert BASELINE.settings["task_options"] == {"vectors": 4, "width": 8}
    seed_all(1)
    run = BASELINE.build(BASELINE.settings_of("quick"), 1, CPU)
    assert run.model.config == STMConfig.official(*WIDTHS, **GIVEN)
    assert next(run.batches).inputs.shape == (128, 4, 20)


def test_a_variant_with_the_same_weights_starts_with_the_same_ones():
    """So that one seed compares options and not draws; an option that adds or takes weights moves the draws."""
    same = {"squash_pair", "squash_gates", "write_with", "mixed_axis", "read_contract", "relational_blend", "transfer"}
    starts = {}
    for experiment in EXPERIMENTS:
        seed_all(1)
        run = experiment.build(tiny(experiment), 1, CPU)
        starts[experiment.name] = run.model.state_dict()
    tried = [one for one in EXPERIMENTS if one.baseline and set(one.settings["options"]) <= same | {"gates"}]
    assert len(tried) == 8
    for experiment in tried:
        for name, weight in starts[experiment.name].items():
            assert torch.equal(weight, starts[BASELINE.name][name]), (experiment.name, name)
