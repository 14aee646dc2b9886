"""The experiments on attention: what they are trained on, what is measured, and that a run is resumable."""

import copy
import math

import pytest
import torch
from torch import nn

from memlib.experiments import attention_gradients, attention_runs, registry
from memlib.experiments.attention_gradients import ESTIMATORS, Settings, estimates, one_seed, summary
from memlib.experiments.bahdanau2015 import EXPERIMENTS
from memlib.models.sequence_to_sequence import Written
from memlib.tasks import counting_objects
from memlib.tasks.reversal import Reversal
from memlib.training import Trainer, seed_all

SMALL = {"hidden": 8, "embedding": 4, "batch": 4, "test_rows": 8, "updates": 4, "validate_every": 2}


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda one: one.name)
def test_every_experiment_trains_for_a_few_updates(experiment) -> None:
    settings = {**experiment.settings_of("quick"), **SMALL}
    seed_all(1)
    run = experiment.build(settings, 1, torch.device("cpu"))
    with torch.no_grad():
        before = run.test(run.model.eval())
    assert {one.metric for one in experiment.published} | {experiment.metric} <= set(before)
    assert ("agreement" in before) == (settings["attention"] in ("additive", "dot"))
    weights = copy.deepcopy(run.model.state_dict())
    trainer = Trainer(run.model, run.optimiser, run.batches, run.loss, run.validate, run.settings)
    progress = trainer.train()
    assert len(progress.curve) == 2
    assert all(0 <= value <= 100 for key, value in before.items() if key != "loss")
    assert any(not torch.equal(weights[key], value) for key, value in run.model.state_dict().items())


def test_the_rows_of_the_ledger_are_there() -> None:
    rows = {experiment.name: experiment.row for experiment in EXPERIMENTS}
    assert {rows[f"attention/reversal-{one}"] for one in ("none", "additive", "dot")} == {"A1"}
    assert {rows[f"attention/counting-{one}"] for one in ("soft", "reinforce", "marginal", "straight-through")} == {
        "A2"
    }
    plain = registry.get("attention/reversal-none").published[0]
    assert (plain.metric, plain.figure, plain.higher_is_better, plain.own) == ("accuracy_at_40", 49.5, False, True)
    for one in ("additive", "dot"):
        assert registry.get(f"attention/reversal-{one}").published[0].figure == 99.0
    settings = [registry.get(f"attention/reversal-{one}").settings for one in ("none", "additive", "dot")]
    assert all({**one, "attention": ""} == {**settings[0], "attention": ""} for one in settings)


def test_the_longest_length_grows_and_a_resumed_stream_goes_on() -> None:
    stream = attention_runs.Growing(Reversal(longest=21), 2, 100, seed=1)
    lengths = [next(stream).source.shape[1] for _ in range(100)]
    assert all(length <= 1 + round((i + 1) / 5) for i, length in enumerate(lengths))
    assert max(lengths) > 15
    state = copy.deepcopy(stream.state_dict())
    after = [next(stream).source for _ in range(5)]
    other = attention_runs.Growing(Reversal(longest=21), 2, 100, seed=9)
    other.load_state_dict(state)
    assert all(torch.equal(next(other).source, one) for one in after)
    assert max(next(attention_runs.Growing(Reversal(longest=21), 2, 0, s)).source.shape[1] for s in range(60)) > 15


class Perfect(nn.Module):
    """Writes sources backwards, but takes every letter of the first quarter of each for the first of the alphabet."""

    def greedy(self, source, steps):
        n = source.shape[1]
        tokens = torch.cat([source.flip(1), torch.full((len(source), 1), 2)], 1)
        tokens[:, n - n // 4 : n] = 3
        return Written(torch.empty(0), torch.empty(0), tokens[:, :steps])

    def forward(self, source, target):
        weights = torch.eye(source.shape[1]).flip(0).expand(len(source), -1, -1)
        return Written(torch.empty(0), nn.functional.pad(weights, (0, 0, 0, 1)), torch.empty(0))


def test_accuracy_is_given_for_each_length() -> None:
    experiment = registry.get("attention/reversal-additive")
    run = experiment.build({**experiment.settings_of("quick"), **SMALL, "test_rows": 200}, 1, torch.device("cpu"))
    figures = run.test(Perfect())
    share = {5: 1 / 5, 10: 2 / 10, 20: 5 / 20, 30: 7 / 30, 40: 10 / 40}
    for length, wrong in share.items():
        expected = 100 * (1 - wrong * 25 / 26)
        deviation = 100 * math.sqrt(1 / 26 * wrong / (200 * length))
        assert figures[f"accuracy_at_{length}"] == pytest.approx(expected, abs=4 * deviation)
    assert figures["accuracy"] == pytest.approx(sum(figures[f"accuracy_at_{n}"] for n in share) / 5)
    assert figures["agreement"] == 100.0


@pytest.fixture(scope="module")
def measured():
    told = {**registry.get("attention/counting-reinforce").settings, "hidden": 12}
    torch.manual_seed(2)
    model = attention_runs.counter(told)
    with torch.no_grad():
        # As trained ones are: what a branch is worth differs from branch to branch, and the answer bends.
        for layer, factor in ((model.see[0], 3), (model.see[2], 3), (model.answer[2], 20)):
            layer.weight.mul_(factor)
    pictures = counting_objects.batch(counting_objects.Counting(), 20, torch.Generator().manual_seed(3))
    return model, pictures, *estimates(model, pictures)


def test_reinforce_has_no_bias_and_its_variance_is_as_drawn(measured) -> None:
    _, _, weights, exact, gradients = measured
    assert set(gradients) == set(ESTIMATORS)
    found = {
        name: summary(weights, exact, one, torch.Generator().manual_seed(1), 3000) for name, one in gradients.items()
    }
    for name in ("reinforce", "reinforce_learned_baseline", "reinforce_mean_baseline"):
        assert found[name]["bias"] < 1e-6
        assert found[name]["cosine"] == pytest.approx(1, abs=1e-4)
        assert found[name]["variance_drawn"] == pytest.approx(found[name]["variance"], rel=0.1)
    assert found["reinforce_mean_baseline"]["variance"] < found["reinforce"]["variance"] / 2
    assert found["straight_through"]["bias"] > 1e-3
    assert found["marginal"]["variance"] == pytest.approx(0, abs=1e-6)


def test_the_exact_gradient_and_that_of_the_loss_agree(measured) -> None:
    """By autograd, from the mean reward over all branches down to the scores."""
    model, pictures, weights, exact, _ = measured
    scores = weights.log().detach().requires_grad_()
    _, logs = model.branches(pictures.regions, pictures.question, pictures.answer)
    by_autograd = torch.autograd.grad((scores.softmax(-1) * logs.detach()).sum(), scores)[0]
    torch.testing.assert_close(exact, by_autograd, rtol=1e-4, atol=1e-6)


def test_a_small_measurement_has_every_stage() -> None:
    told: list[str] = []
    settings = Settings(stages=(0, 2), pictures=8, draws=20, seeds=(1,))
    found = one_seed(settings, 1, told.append)
    assert [one["updates"] for one in found] == [0, 2]
    assert len(told) == 2
    record = {"settings": attention_gradients.plain(settings), "stages": [found]}
    assert sum("straight-through" in line for line in attention_gradients.lines(record)) == 2
    assert registry.get("attention-gradient-variance").settings_of("quick")["stages"] == [0, 300, 1_500]
    with pytest.raises(ValueError, match="no profile 'slow'"):
        attention_gradients.settings_for("slow")
    with pytest.raises(ValueError, match="one glance, got 2"):
        estimates(
            attention_runs.counter({**attention_gradients.bahdanau2015.COUNTING, "attention": "soft", "glances": 2}),
            None,
        )
