"""The Neural Turing Machine's experiments: that each trains, resumes and is scored, and the study of copying."""

import json
from dataclasses import replace

import pytest
import torch

from memlib.experiments import copy_heads, copy_study, graves2014, step_tasks
from memlib.experiments.copy_study import Recipe
from memlib.models.ntm import NTM, NTMConfig
from memlib.tasks.copying import Copy
from memlib.training import Trainer, seed_all

TASKS = ["copy", "repeat-copy", "associative-recall", "ngrams", "priority-sort"]
NAMED = {one.name: one for one in graves2014.EXPERIMENTS}
TINY = {"updates": 4, "validate_every": 2, "batch": 2, "evaluation_batch": 2, "evaluation_batches": 2}


def run_of(name, seed=1, **changes):
    experiment = NAMED[name]
    settings = {**experiment.settings_of("quick"), **TINY, **changes}
    seed_all(seed)
    return experiment.build(settings, seed, torch.device("cpu"))


def trainer_of(run, **more):
    return Trainer(run.model, run.optimiser, run.batches, run.loss, run.validate, run.settings, guard=run.guard, **more)


def test_every_task_has_a_machine_and_an_lstm():
    assert set(NAMED) == {f"ntm/{task}{end}" for task in TASKS for end in ("", "-lstm")} | {"ntm/copy-general"}
    for task in TASKS:
        machine, lstm = (NAMED[f"ntm/{task}{end}"].settings_of("full") for end in ("", "-lstm"))
        same = set(machine) - {"model", "model_options"}
        assert {key: machine[key] for key in same} == {key: lstm[key] for key in same}


@pytest.mark.parametrize("name", NAMED)
def test_an_experiment_trains_for_a_few_updates(name):
    run = run_of(name)
    before = {key: value.clone() for key, value in run.model.state_dict().items()}
    progress = trainer_of(run).train()
    assert progress.update == 4
    assert "cost" in progress.curve[-1]
    assert any((value != before[key]).any() for key, value in run.model.state_dict().items())
    metric = NAMED[name].published[0].metric
    full = NAMED[name].settings_of("full")["tests"]
    assert metric in {"bit_error", "excess"} | {f"bit_error_{test}" for test in full}
    assert run.data["differs"] == [
        "batches of 2 sequences where the paper takes them one by one",
        f"Adam with rate {NAMED[name].settings['learning_rate']:g} where the paper has RMSProp with "
        f"{'3e-05' if name.endswith('lstm') else '0.0001'}",
    ]


def test_further_tests_have_figures_of_their_own():
    run = run_of("ntm/copy-lstm", tests={"at_7": {"lengths": [7, 7]}})
    figures = run.test(run.model.eval())
    assert set(figures) == {
        f"{name}{end}"
        for name in ("cost", "wrong_bits", "bit_error", "relative_error", "sequences")
        for end in ("", "_at_7")
    }
    # An untrained model tosses coins; nine sequences in ten of 56 bits are wrong between a quarter and three quarters.
    assert 0.2 < figures["bit_error_at_7"] < 0.8
    assert figures["wrong_bits_at_7"] == pytest.approx(56 * figures["bit_error_at_7"])
    assert run.test(run.model) == figures


def test_a_resumed_run_goes_on_bit_for_bit(tmp_path):
    stages = {"stages": [[0, {"lengths": [1, 2]}], [3, {"lengths": [5, 5]}]]}
    straight = run_of("ntm/copy-general", **stages)
    trainer_of(straight).train()
    first = run_of("ntm/copy-general", **stages)
    first.settings = replace(first.settings, updates=2)
    trainer_of(first, folder=tmp_path).train()
    second = run_of("ntm/copy-general", seed=7, **stages)
    trainer = trainer_of(second, folder=tmp_path)
    trainer.resume()
    trainer.train()
    for key, value in straight.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[key])


def test_a_task_grows_by_stages():
    short, long = Copy(lengths=(2, 2)), Copy(lengths=(4, 4))
    stream = step_tasks.Staged([(0, short), (3, long)], 2, 1)
    assert [next(stream).inputs.shape[1] for _ in range(5)] == [5, 5, 5, 9, 9]
    with pytest.raises(ValueError, match="begin at 0 and rise"):
        step_tasks.Staged([(1, short)], 2, 1)
    with pytest.raises(ValueError, match="begin at 0 and rise"):
        step_tasks.Staged([(0, short), (5, long), (3, short)], 2, 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"task": "paste"}, "there is no task 'paste'; there are: copy"),
        ({"model": "turing"}, "there is no model 'turing'"),
        ({"optimiser": "sgd"}, "there is no optimiser 'sgd'; there are: adam, rmsprop"),
    ],
)
def test_unknown_names_are_refused(change, said):
    with pytest.raises(ValueError, match=said):
        step_tasks.build({"task": "copy", "model": "lstm", "updates": 1, "validate_every": 1, **change}, 1, "cpu")


class Scripted(NTM):
    """A machine whose trace is given: it looks where it is told, and answers what stands there."""

    def __init__(self, written, looked, sharp=1.0):
        super().__init__(NTMConfig(9, 8, slots=8, read_heads=1))
        self.written, self.looked, self.sharp = written, looked, sharp

    def trace(self, inputs, state=None):
        _, state, trace = super().trace(inputs)
        length = len(self.written)
        weights = torch.full((len(inputs), inputs.shape[1], 2, 8), (1 - self.sharp) / 7)
        slots = torch.zeros(len(inputs), 8, 8)
        for t, slot in enumerate(self.written):
            weights[:, t, 1, slot] = self.sharp
            slots[:, slot] = inputs[:, t, :8]
        outputs = torch.zeros(len(inputs), inputs.shape[1], 8)
        for t, slot in enumerate(self.looked):
            weights[:, length + 1 + t, 0, slot] = self.sharp
            outputs[:, length + 1 + t] = 2 * slots[:, slot] - 1
        return outputs, state, trace._replace(weights=weights)


@pytest.mark.parametrize(
    ("written", "looked", "sharp", "how"),
    [
        ([0, 1, 2, 3], [0, 1, 2, 3], 1.0, "none"),
        ([3, 2, 1, 0], [0, 1, 2, 3], 1.0, "slips"),
        ([0, 1, 0, 1], [0, 1, 0, 1], 1.0, "overwrites"),
        ([0, 1, 2, 3], [3, 2, 1, 0], 0.2, "blurred"),
    ],
)
def test_failures_are_told_apart(written, looked, sharp, how):
    found = copy_heads.heads(Scripted(written, looked, sharp), 4, 6, 1)
    assert found["how"] == how
    assert found["write_peak"] == pytest.approx(sharp)
    assert found["fresh"] == len(set(written)) / 4
    assert (found["bit_error"] == 0) == (how == "none")


def test_the_way_of_the_write_head():
    assert copy_heads.heads(Scripted([5, 4, 3, 2], [5, 4, 3, 2]), 4, 6, 1)["way"] == -1
    assert copy_heads.heads(Scripted([6, 7, 0, 1], [6, 7, 0, 1]), 4, 6, 1)["way"] == 1


def test_every_variant_changes_the_recipe():
    for name, change in copy_study.VARIANTS.items():
        recipe = replace(Recipe(), **change)
        assert (recipe == Recipe()) == (name == "recipe")
        assert all(getattr(Recipe(), key) != value for key, value in change.items())
        assert recipe.updates * recipe.batch <= Recipe().updates * Recipe().batch
        # Whatever starts with a number for each slot is trained with the slots of the tests.
        machine = NTM(copy_study.config(recipe))
        assert copy_study.resized(machine, recipe.test_slots).config.slots == recipe.test_slots == 128


def test_a_machine_takes_its_weights_to_more_slots():
    torch.manual_seed(0)
    small = NTM(copy_study.config(Recipe(slots=16)))
    large = copy_study.resized(small, 64)
    assert large.config.slots == 64
    assert all(torch.equal(a, b) for a, b in zip(small.parameters(), large.parameters(), strict=True))
    inputs = Copy(lengths=(3, 3)).draw(2, torch.Generator().manual_seed(1)).inputs
    assert large(inputs)[0].isfinite().all()
    learned = NTM(copy_study.config(Recipe(slots=16, head_start="learned")))
    assert copy_study.resized(learned, 64) is learned


def test_the_quick_study_is_a_record():
    settings, plain = copy_study.settings_for("quick")
    told = []
    record = copy_study.run(replace(settings, seeds=(1,)), told.append)
    assert json.loads(json.dumps(record)) == record
    assert record["settings"] == plain
    assert (
        [one["variant"] for one in record["variants"]]
        == ["recipe", "heads start: learned"]
        == [line.split(", seed")[0] for line in told]
    )
    (point,) = record["variants"][0]["points"]
    assert set(point["bit_error"]) == {"4", "8"}
    assert point["heads"]["how"] in copy_heads.KINDS
    text = copy_study.lines(record)
    assert len(text) == 3
    assert text[0].split() == ["variant", "at", "4", "at", "8", "failed"]
    again = copy_study.run(replace(settings, seeds=(1,)))
    assert again["variants"][0]["points"][0]["bit_error"] == point["bit_error"]
    with pytest.raises(ValueError, match="no profile 'slow'"):
        copy_study.settings_for("slow")
