"""The runs on catbAbI: the figures, the state that goes on, every model trained and resumed."""

import json
import math
from types import SimpleNamespace

import pytest
import torch

from memlib.experiments import catbabi_models, catbabi_runs, registry
from memlib.experiments.catbabi_score import score
from memlib.models.fwm import FWMConfig
from memlib.tasks.catbabi_stream import in_order
from memlib.training import Trainer, seed_all

from .test_catbabi_score import Same

CPU = torch.device("cpu")
# Table 1: accuracy and perplexity, QA mode then LM mode; weights.
TABLE = {
    "jbfw": (13.22, 31.19, 0.0, 160.3, 548_000),
    "lstm": (80.88, 1.93, 80.15, 1.84, 8_000_000),
    "transformer-xl": (87.66, 1.50, 90.23, 1.39, 10_500_000),
    "mnm": (88.97, 2.50, 69.30, 2.60, 1_100_000),
    "fwm": (96.75, 1.36, 93.04, 1.45, 694_000),
}
TINY = {
    "generated": 12,
    "generated_tasks": [1, 2, 3],
    "batch": 3,
    "window": 40,
    "validation_windows": 2,
    "updates": 6,
    "validate_every": 3,
}


@pytest.mark.parametrize("name", TABLE)
def test_table_1_of_schlag2021(name):
    qa, lm = (registry.get(f"catbabi-{mode}/{name}") for mode in ("qa", "lm"))
    assert [one.figure for one in (*qa.published, *lm.published)] == list(TABLE[name][:4])
    assert qa.parameters == TABLE[name][4] - 200 * 256
    assert [one.higher_is_better for one in qa.published] == [True, False]
    for experiment in (qa, lm):
        settings = experiment.settings_of("full")
        assert (settings["batch"], settings["window"], settings["updates"]) == (32, 200, 50_000)
    assert (qa.settings["mode"], lm.settings["mode"]) == ("qa", "lm")


def test_the_settings_of_the_authors_script():
    settings = registry.get("catbabi-qa/fwm").settings_of("full")
    assert (settings["learning_rate"], settings["warm_up"], settings["vocabulary_rows"]) == (1e-3, 0, 200)
    assert (settings["reset"], settings["test_rows"], settings["stories"]) == ("never", 1, "real")
    model = catbabi_models.build("fwm", 200, {})
    assert model.config == FWMConfig.official(vocabulary=200)
    assert sum(p.numel() for p in model.parameters()) == pytest.approx(694_000, rel=0.005)


@pytest.mark.parametrize("name", ["lstm", "transformer-xl", "mnm", "jbfw"])
def test_the_sizes_of_the_other_models(name):
    with torch.device("meta"):
        model = catbabi_models.build(name, 200, {})
    assert sum(p.numel() for p in model.parameters()) == pytest.approx(TABLE[name][4], rel=0.05)


def settings_of(name, **changes):
    return {**registry.get(name).settings_of("quick"), **TINY, **changes}


def trained(run, updates=None, folder=None):
    trainer = Trainer(run.model, run.optimiser, run.batches, run.loss, run.validate, run.settings, folder=folder)
    trainer.resume()
    if updates is not None:
        trainer.settings = SimpleNamespace(**{**vars(run.settings), "updates": updates})
    return trainer.train()


@pytest.mark.parametrize("mode", ["qa", "lm"])
@pytest.mark.parametrize("name", TABLE)
def test_every_model_trains_is_left_and_goes_on_with_the_same_numbers(name, mode, tmp_path):
    experiment = registry.get(f"catbabi-{mode}/{name}")
    settings = settings_of(experiment.name)

    def build():
        seed_all(1)
        return experiment.build(settings, 1, CPU)

    whole = trained(build())
    assert whole.update == 6
    assert all(math.isfinite(row["loss"]) and 0 <= row["accuracy"] <= 100 for row in whole.curve)
    assert ("perplexity_all_words" in whole.curve[0]) == (mode == "lm")
    trained(build(), updates=3, folder=tmp_path)
    again = build()
    parted = trained(again, folder=tmp_path)
    assert parted.curve == whole.curve
    assert all(torch.equal(one, whole.best_weights[key]) for key, one in parted.best_weights.items())
    figures = again.test(again.model.eval())
    assert {f"accuracy_task_{task}" for task in (1, 2, 3)} <= set(figures)
    assert {"accuracy", "perplexity", "validation_loss"} <= set(figures)
    assert len(json.loads(again.metadata["vocabulary"])) == again.data["vocabulary"]
    assert again.data["substituted"] is False


def test_the_state_goes_on_from_window_to_window_or_not():
    stories = catbabi_runs.data(False, 12, "whole")
    windows = list(in_order(stories.test, 2, 40))[:3]
    for carry, expected in ((True, [0, 40, 80]), (False, [0, 0, 0])):
        model = Same(len(stories.ids), 3)
        score(model, windows, "qa", CPU, None, carry)
        assert [one[0].item() for one in model.seen] == expected
    model = Same(len(stories.ids), 3)
    score(model, windows, "qa", CPU, (torch.tensor([5.0, 6.0]),))
    assert model.seen[1].tolist() == [45, 46]


@pytest.mark.parametrize(
    ("reset", "expected"), [("never", [0, 40, 80, 120, 160]), ("window", [0] * 5), ("epoch", [0, 40, 80, 0, 40])]
)
def test_the_state_in_training(reset, expected):
    settings = settings_of("catbabi-qa/fwm", reset=reset)
    stories = catbabi_runs.data(False, 12, "whole")
    reader = catbabi_runs.Reader(stories, settings, CPU)
    words = sum(stories.train.starts[-1:])
    assert reader.epoch == math.ceil(words / (3 * 40))
    reader.epoch = 3
    model, carry = Same(len(stories.ids), 3), None
    run = registry.get("catbabi-qa/fwm").build(settings, 1, CPU)
    for _ in range(5):
        _, carry = reader.loss(model, next(run.batches), carry)
    assert [one[0].item() for one in model.seen] == expected
    assert carry[0] == 5


def test_validation_begins_from_the_first_row_of_training():
    settings = settings_of("catbabi-qa/fwm")
    reader = catbabi_runs.Reader(catbabi_runs.data(False, 12, "whole"), settings, CPU)
    reader.state = (torch.tensor([7.0, 8.0, 9.0]),)
    model = Same(len(reader.stories.ids), 3)
    reader.validate(model)
    assert model.seen[0].tolist() == [7.0] * catbabi_runs.EVALUATION_ROWS
    assert len(model.seen) == settings["validation_windows"]
    reader.test(model)
    assert model.seen[2].abs().max() == 0


def test_the_variants_change_what_they_say():
    changed = {
        "fwm-reads-1": ("options", {"reads": 1}),
        "fwm-reads-2": ("options", {"reads": 2}),
        "fwm-concatenated": ("options", {"concatenate_keys": True}),
        "fwm-split": ("form", "split"),
        "fwm-reset-epoch": ("reset", "epoch"),
        "fwm-reset-window": ("reset", "window"),
        "fwm-compositions": ("form", "held-out"),
    }
    base = registry.get("catbabi-qa/fwm").settings
    for name, (key, value) in changed.items():
        settings = registry.get(f"catbabi-qa/{name}").settings
        assert {one: settings[one] for one in settings if settings[one] != base[one]} == {key: value}


@pytest.mark.parametrize(
    ("name", "figure"), [("fwm-split", "accuracy_unsplit"), ("fwm-compositions", "accuracy_unseen")]
)
def test_the_untested_claims_have_their_figure(name, figure):
    experiment = registry.get(f"catbabi-qa/{name}")
    seed_all(1)
    run = experiment.build(settings_of(experiment.name, generated=60), 1, CPU)
    figures = run.test(run.model.eval())
    assert 0 <= figures[figure] <= 100
    assert {one.metric for one in experiment.published} <= set(figures)


def test_the_warm_up_and_what_differs():
    settings = settings_of("catbabi-qa/transformer-xl", learning_rate=0.01, warm_up=4, test_rows=8)
    run = catbabi_runs.run("transformer-xl", ("batch 32 where the paper has 64",), settings, 1, CPU)
    rates = []
    for update in range(6):
        run.schedule.before(update, run.optimiser)
        rates.append(run.optimiser.param_groups[0]["lr"])
    assert rates == pytest.approx([0.0025, 0.005, 0.0075, 0.01, 0.01, 0.01])
    assert run.data["differs"] == ["batch 32 where the paper has 64", "tested in 8 rows at once, the paper in one"]


def test_without_data_the_full_profile_says_that_it_is_substituted(monkeypatch):
    monkeypatch.setattr(catbabi_runs, "find", lambda *args: None)
    catbabi_runs.data.cache_clear()
    assert catbabi_runs.data(True, 12, "whole").about["substituted"] is True
    assert catbabi_runs.data(True, 12, "whole").about["source"] == "generated stories of bAbI's tasks 1, 2, 3"
    catbabi_runs.data.cache_clear()
    with pytest.raises(ValueError, match="whole, split or held-out; got 'halved'"):
        catbabi_runs.data(False, 12, "halved")
    with pytest.raises(ValueError, match="expected one of the models fwm, lstm"):
        catbabi_models.build("gru", 20, {})
