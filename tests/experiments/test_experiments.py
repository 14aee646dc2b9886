"""Experiments as data: the rows of the papers' tables, and that each can be built and trained for a few updates."""

import json
import re

import pytest
import torch
from torch import nn

from memlib.experiments import pair_runs, registry, weissenborn2016
from memlib.experiments.experiment import Budget, Experiment, Measurement, Published
from memlib.training import Trainer, seed_all

from . import tiny

TRAINED = [one for one in registry.EXPERIMENTS.values() if isinstance(one, Experiment)]
# Table 1: model, H, parameters, accuracy.
TABLE = {
    "snli/lstm": (116, 252_000, 80.9),
    "snli/lstm-shared": (159, 252_000, 81.4),
    "snli/lstm-attention": (100, 252_000, 83.5),
    "snli/gru-shared": (126, 321_000, 81.9),
    "snli/am-gru-shared": (108, 329_000, 82.9),
    "snli/dual-am-gru-shared": (100, 321_000, 84.4),
    "snli/dual-am-gru-shared-500": (500, 5_600_000, 85.4),
}


@pytest.mark.parametrize("experiment", TRAINED, ids=lambda one: one.name)
def test_an_experiment_is_data(experiment):
    assert re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", experiment.name)
    for profile in ("quick", "full"):
        settings = experiment.settings_of(profile)
        assert json.loads(json.dumps(settings)) == settings
        assert settings["updates"] == experiment.budgets[profile].updates
        assert experiment.budgets[profile].seeds >= 3
    assert experiment.budgets["quick"].updates < experiment.budgets["full"].updates
    with pytest.raises(ValueError, match="no profile 'slow'"):
        experiment.settings_of("slow")


@pytest.mark.parametrize("name", TABLE)
def test_table_1_of_weissenborn2016(name):
    experiment = registry.get(name)
    hidden, parameters, accuracy = TABLE[name]
    assert experiment.settings["hidden"] == hidden
    assert experiment.parameters == parameters
    assert experiment.published == (Published("accuracy", accuracy),)
    assert experiment.settings["learning_rate"] == (1e-4 if hidden == 500 else 1e-3)
    assert experiment.settings["dropout"] == (0.2 if hidden == 500 else 0.1)
    assert (experiment.settings["batch"], experiment.settings["copies"]) == (50, 8)
    assert (experiment.settings["beta1"], experiment.settings["beta2"]) == (0, 0.999)
    assert experiment.budgets["full"].updates == 10 * 10_988


def test_names_are_found_or_the_nearest_are_named():
    assert isinstance(registry.get("holographic-babi"), Measurement)
    with pytest.raises(registry.UnknownExperiment, match="snli/gru-shared"):
        registry.get("snli/gru-sharde")
    assert all(one.paper == "weissenborn2016" for one in registry.of_paper("weissenborn2016"))
    with pytest.raises(registry.UnknownExperiment, match=r"there are experiments on: .*weissenborn2016"):
        registry.of_paper("nobody1999")


def test_an_experiment_that_is_incomplete_is_refused():
    with pytest.raises(ValueError, match="expected budgets for quick, full"):
        tiny.experiment(budgets={"quick": Budget(1, 1)})
    with pytest.raises(ValueError, match="at least one figure"):
        tiny.experiment(published=())
    with pytest.raises(ValueError, match="unknown statistic 'median of 3'"):
        Published("accuracy", 1.0, statistic="median of 3")


@pytest.mark.parametrize(
    ("published", "text"),
    [
        (Published("accuracy", 84.4), "84.4"),
        (Published("error", 0.39, "mean", spread=0.18), "0.39 ± 0.18 (mean)"),
        (Published("perplexity", 54.48, "best", seeds=3), "54.48 (best of 3)"),
        (Published("accuracy", 90.0, own=True), "own: at least 90"),
        (Published("error", 0.01, higher_is_better=False, own=True), "own: at most 0.01"),
    ],
)
def test_a_published_figure_in_words(published, text):
    assert str(published) == text


@pytest.mark.parametrize("row", [row for row in weissenborn2016.ROWS if row[3] != 500], ids=lambda row: row[0])
def test_every_model_trains_for_a_few_updates(row):
    experiment = registry.get(f"entailment/{row[0]}")
    small = {"hidden": 8, "training_pairs": 150, "validation_pairs": 30, "test_pairs": 60}
    settings = {**experiment.settings_of("quick"), **small, "updates": 4, "validate_every": 2}
    seed_all(1)
    run = experiment.build(settings, 1, torch.device("cpu"))
    assert run.data["test"] == 60
    assert run.data["train"] <= 150
    assert run.data["substituted"] is False
    before = run.test(run.model.eval())
    trainer = Trainer(run.model, run.optimiser, run.batches, run.loss, run.validate, run.settings)
    progress = trainer.train()
    assert progress.update == 4
    assert {"accuracy", "loss"} <= set(progress.curve[-1])
    assert 0 <= progress.best <= 100
    with torch.no_grad():
        assert run.test(run.model.eval())["loss"] != before["loss"]
    assert len(json.loads(run.metadata["vocabulary"])) == run.data["vocabulary"]


def test_given_word_vectors_stay_for_an_epoch():
    embedding = nn.Embedding(3, 2)
    schedule = pair_runs.ThawThenHalve(embedding.weight, epoch=5)
    optimiser = torch.optim.Adam(embedding.parameters())
    for update, learns in [(0, False), (4, False), (5, True), (9, True)]:
        schedule.before(update, optimiser)
        assert embedding.weight.requires_grad is learns


def test_accuracy_is_in_per_cent_and_over_all_pairs():
    class Always(nn.Module):
        def forward(self, batch):
            return torch.tensor([[2.0, 0.0, 0.0]]).repeat(len(batch.label), 1)

    class Batch:
        def __init__(self, pairs):
            self.label = torch.tensor([label for _, label in pairs])

    pairs = [(n, 0 if n % 4 == 0 else 1 + n % 2) for n in range(403)]
    model = Always()
    model.weight = nn.Parameter(torch.zeros(1))
    settings = {**weissenborn2016.settings(100), "updates": 1, "validate_every": 1}
    run = pair_runs.pair_run(model, (pairs, pairs[:40], pairs), Batch, lambda pair: pair[0], settings, 1, {}, {})
    assert run.test(model)["accuracy"] == pytest.approx(100 * 101 / 403)
    assert run.validate(model)["accuracy"] == pytest.approx(25.0)
    assert run.test(model)["loss"] == pytest.approx(
        (101 * -torch.tensor([2.0, 0, 0]).log_softmax(0)[0] + 302 * -torch.tensor([2.0, 0, 0]).log_softmax(0)[1]) / 403
    )


@pytest.mark.data
def test_snli_says_that_its_data_are_substituted():
    from memlib.data import find

    if find("snli", "snli_dev.tsv") is None or find("snli", "snli_train.tsv") or find("snli", "snli_1.0_train.jsonl"):
        pytest.skip("needs MEMLIB_DATA with SNLI's development and test pairs, and no others")
    experiment = registry.get("snli/gru-shared")
    run = experiment.build({**experiment.settings_of("quick"), "hidden": 8}, 1, torch.device("cpu"))
    assert run.data["substituted"] is True
    assert run.data["test"] == 9824
    assert run.data["train"] + run.data["validation"] == 9842
    batch = next(run.batches)
    assert run.model(batch).shape == (50, 3)
