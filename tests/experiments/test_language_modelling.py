"""The language models' experiments: what they aim at, their parts, and that they train and resume."""

import math

import pytest
import torch

from memlib.experiments import language_runs as lm
from memlib.experiments import registry
from memlib.experiments.experiment import Published
from memlib.models.language_model import LanguageConfig, LanguageModel
from memlib.tasks.language import FIRST, LATER, batchify
from memlib.tasks.recurring_names import TOLD
from memlib.tasks.text_windows import Windows
from memlib.training import Trainer, seed_all

PERPLEXITIES = {
    "wikitext-2/lstm": Published("perplexity", 65.8, higher_is_better=False),
    "wikitext-2/fwm": Published("perplexity", 61.65, "best", 3, higher_is_better=False),
    "ptb/lstm": Published("perplexity", 57.3, higher_is_better=False),
    "ptb/fwm": Published("perplexity", 54.48, "best", 3, higher_is_better=False),
}
SMALL = {"tokens": 3000, "names": 12, "width": 8, "memory_size": 4, "updates": 6, "validate_every": 3, "bptt": 12}


def trainer_of(name, folder=None, seed=1, **changes):
    experiment = registry.get(name)
    seed_all(seed)
    run = experiment.build({**experiment.settings_of("quick"), **SMALL, **changes}, seed, torch.device("cpu"))
    return run, Trainer(
        run.model,
        run.optimiser,
        run.batches,
        run.loss,
        run.validate,
        run.settings,
        folder=folder,
        schedule=run.schedule,
    )


@pytest.mark.parametrize("name", PERPLEXITIES)
def test_the_figures_of_the_paper(name):
    experiment = registry.get(name)
    assert experiment.published == (PERPLEXITIES[name],)
    assert not experiment.higher_is_better
    settings = experiment.settings_of("full")
    assert (settings["width"], settings["memory_size"], settings["reads"]) == (400, 32, 3)
    assert settings["text"] == name.split("/")[0]
    assert experiment.settings_of("quick")["text"] == "names"


@pytest.mark.parametrize("name", ["lstm", "fwm"])
def test_generated_text_is_an_experiment_of_its_own(name):
    experiment = registry.get(f"recurring-names/{name}")
    (accepted,) = experiment.published
    assert (accepted.metric, accepted.own) == ("loss_told", True)
    run, _ = trainer_of(experiment.name)
    assert run.data["substituted"] is False
    assert run.data["differs"] == []


def test_both_sides_differ_in_nothing_but_what_stands_behind_the_lstm():
    for text in ("wikitext-2", "ptb", "recurring-names"):
        one, other = (registry.get(f"{text}/{name}").settings_of("full") for name in ("lstm", "fwm"))
        assert {key for key in one if one[key] != other[key]} == {"behind"}
        sizes = [sum(p.numel() for p in lm.model_of(settings, 12_000).parameters()) for settings in (one, other)]
        assert abs(sizes[0] - sizes[1]) <= 401


@pytest.mark.parametrize("name", ["wikitext-2/lstm", "wikitext-2/fwm"])
def test_a_model_trains_for_a_few_updates_and_says_what_differs(name):
    run, trainer = trainer_of(name)
    before = run.test(run.model.eval())
    progress = trainer.train()
    after = run.test(run.model.eval())
    assert set(after) == {"perplexity", "loss", "loss_first", "loss_later", "loss_told"}
    assert after["perplexity"] < before["perplexity"]
    assert after["perplexity"] == pytest.approx(math.exp(after["loss"]))
    assert set(progress.curve[-1]) >= {"perplexity", "training_loss", "loss_told"}
    assert run.data["substituted"] is True
    assert any("one layer of 400 in place of three" in words for words in run.data["differs"])


def test_a_resumed_run_goes_on_bit_for_bit(tmp_path):
    straight, trainer = trainer_of("wikitext-2/fwm", updates=8, output_dropout=0.2)
    trainer.train()
    _, first = trainer_of("wikitext-2/fwm", tmp_path, updates=8, output_dropout=0.2)
    first.settings = type(first.settings)(**{**vars(first.settings), "updates": 5})
    first.train()
    resumed, second = trainer_of("wikitext-2/fwm", tmp_path, seed=1, updates=8, output_dropout=0.2)
    second.resume()
    assert second.progress.update == 5
    second.train()
    for key, value in straight.model.state_dict().items():
        assert torch.equal(value, resumed.model.state_dict()[key]), key


def test_the_rate_follows_the_length_and_falls_to_a_tenth():
    windows = Windows(torch.zeros(2, 5000, dtype=torch.long), 70, seed=1)
    schedule = lm.ScaledByLength(0.01, windows, updates=100, falls_from=0.5)
    optimiser = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])
    for update, share in [(0, 1.0), (50, 1.0), (75, 0.55), (100, 0.1)]:
        schedule.before(update, optimiser)
        assert optimiser.param_groups[0]["lr"] == pytest.approx(0.01 * share * windows.upcoming / 70)
        window = next(windows)
        assert window.tokens.shape[1] != 70 or windows.bptt == 70


@pytest.mark.parametrize("behind", ["memory", "layer"])
def test_losses_of_words_do_not_depend_on_the_window(behind):
    torch.manual_seed(3)
    config = LanguageConfig(30, width=8, behind=behind, memory_size=4, cutoffs=(10,))
    model = LanguageModel(config).double().eval()
    rows = batchify(torch.randint(30, (100,)), 4)
    whole = lm.word_losses(model, rows, window=100)
    assert whole.shape == (4, 24)
    torch.testing.assert_close(lm.word_losses(model, rows, window=7), whole)
    out, _ = model(rows[:, :-1])
    expected = -model.softmax.log_probabilities(out.raw.flatten(0, 1), model.embedding.weight)
    torch.testing.assert_close(whole.flatten(), expected[torch.arange(96), rows[:, 1:].flatten()])


def test_figures_are_apart_for_marked_words():
    losses = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    marks = torch.tensor([[0, FIRST, LATER], [LATER, 0, TOLD]])
    found = lm.figures(losses, marks)
    assert found["perplexity"] == pytest.approx(math.exp(3.5))
    assert (found["loss_first"], found["loss_later"], found["loss_told"]) == (2.0, 3.5, 6.0)
    assert set(lm.figures(losses, None)) == {"perplexity", "loss"}


@pytest.mark.data
def test_wikitext_2_in_full_size_takes_two_steps():
    from memlib.data import find

    if find("wikitext-2") is None:
        pytest.skip("needs MEMLIB_DATA with WikiText-2")
    experiment = registry.get("wikitext-2/fwm")
    run = experiment.build({**experiment.settings_of("full"), "updates": 2}, 1, torch.device("cpu"))
    assert run.data["substituted"] is False
    assert (run.data["train"], run.data["vocabulary"]) == (2_088_628, 33_278)
    carry = None
    for _ in range(2):
        loss, carry = run.loss(run.model, next(run.batches), carry)
        run.optimiser.zero_grad()
        loss.backward()
        run.optimiser.step()
    assert loss.item() < 14
