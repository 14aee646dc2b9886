"""The softmax in two steps is one distribution; the language model is its parts, step by step and window by window."""

import math

import pytest
import torch

from memlib.models.fwm_cell import FastWeightMemory
from memlib.models.language_model import LanguageConfig, LanguageModel, ResidualLayer
from memlib.models.split_softmax import SplitSoftmax

NO_DROPOUT = {"word_dropout": 0.0, "input_dropout": 0.0, "output_dropout": 0.0}


def softmax(cutoffs, vocabulary=23, width=5):
    torch.manual_seed(1)
    split = SplitSoftmax(vocabulary, width, cutoffs).double()
    for parameter in split.parameters():
        torch.nn.init.normal_(parameter)
    return split, torch.randn(vocabulary, width, dtype=torch.float64, requires_grad=True)


@torch.no_grad()
def log_p(split, y, word, table):
    """log p of one word, from the two steps."""
    first, ends = split.edges[1], split.edges[1:]
    head = [float(y @ table[w] + split.bias[w]) for w in range(first)]
    head += [float(y @ door + bias) for door, bias in zip(split.doors, split.door_bias, strict=True)]
    total = math.log(sum(map(math.exp, head)))
    if word < first:
        return head[word] - total
    group = next(i for i, end in enumerate(ends) if word < end)
    scores = {w: float(y @ table[w] + split.bias[w]) for w in range(ends[group - 1], ends[group])}
    return head[first + group - 1] - total + scores[word] - math.log(sum(map(math.exp, scores.values())))


@pytest.mark.parametrize("cutoffs", [(), (6,), (4, 11), (1, 2, 22)])
def test_a_split_softmax_is_its_two_steps_and_sums_to_one(cutoffs):
    split, table = softmax(cutoffs)
    ys, targets = torch.randn(40, 5, dtype=torch.float64), torch.arange(40) % 23
    errors = split(ys, targets, table)
    expected = [-log_p(split, y, int(word), table) for y, word in zip(ys, targets, strict=True)]
    torch.testing.assert_close(errors, torch.tensor(expected, dtype=torch.float64))
    whole = split.log_probabilities(ys, table)
    torch.testing.assert_close(whole.exp().sum(1), torch.ones(40, dtype=torch.float64))
    torch.testing.assert_close(-whole[torch.arange(40), targets], errors)


@pytest.mark.parametrize("cutoffs", [(), (4, 11)])
def test_gradients_are_those_of_the_whole_distribution(cutoffs):
    split, table = softmax(cutoffs)
    ys = torch.randn(30, 5, dtype=torch.float64, requires_grad=True)
    targets = torch.randint(23, (30,))
    sources = [ys, table, *split.parameters()]
    found = torch.autograd.grad(split(ys, targets, table).mean(), sources, allow_unused=True)
    whole = torch.nn.functional.nll_loss(split.log_probabilities(ys, table), targets)
    for a, b in zip(found, torch.autograd.grad(whole, sources, allow_unused=True), strict=True):
        torch.testing.assert_close(a, b)


def test_a_batch_without_rare_words_is_no_problem():
    split, table = softmax((4, 11))
    errors = split(torch.randn(3, 5, dtype=torch.float64), torch.tensor([0, 3, 1]), table)
    errors.sum().backward()
    assert (table.grad[4:] == 0).all()
    assert (errors > 0).all()


@pytest.mark.parametrize("cutoffs", [(0, 5), (5, 5), (9, 4), (23,)])
def test_cutoffs_that_do_not_rise_are_refused(cutoffs):
    with pytest.raises(ValueError, match="expected cutoffs that rise from above 0 to below 23"):
        SplitSoftmax(23, 5, cutoffs)


def model_of(behind, **changes):
    torch.manual_seed(2)
    config = LanguageConfig(19, width=6, behind=behind, memory_size=4, cutoffs=(7,), **{**NO_DROPOUT, **changes})
    return LanguageModel(config).double()


def test_a_window_is_its_steps_with_a_memory():
    model = model_of("memory")
    for weight in model.behind.parameters():
        torch.nn.init.normal_(weight, std=0.7)
    tokens = torch.randint(19, (3, 11))
    out, state = model(tokens)
    h = c = torch.zeros(3, 6, dtype=torch.float64)
    memory = model.behind.initial_memory(3)
    for t in range(11):
        h, c = torch.lstm_cell(model.embedding(tokens[:, t]), (h, c), *model.lstm._flat_weights)
        y, memory = model.behind(h, memory)
        torch.testing.assert_close(out.raw[:, t], y)
    torch.testing.assert_close(state.memory, memory)
    torch.testing.assert_close(state.cell, c)
    assert memory.flatten(1).norm(dim=1).max() > 0.5


@pytest.mark.parametrize("behind", ["memory", "layer"])
def test_two_windows_are_one(behind):
    model, tokens = model_of(behind), torch.randint(19, (2, 9))
    whole, end = model(tokens)
    first, state = model(tokens[:, :4])
    second, last = model(tokens[:, 4:], state.detach())
    torch.testing.assert_close(torch.cat([first.raw, second.raw], 1), whole.raw)
    for a, b in zip(last, end, strict=True):
        torch.testing.assert_close(a, b)
    errors = model.errors(whole.raw[:, :-1], tokens[:, 1:])
    assert errors.shape == (2, 8)
    errors.mean().backward()
    assert all(p.grad.abs().max() > 0 for p in model.parameters())


def test_the_memory_is_as_the_authors_have_it_for_language():
    config = LanguageConfig(19).memory()
    assert (config.write_scale, config.strength_bias, config.residual) == (1.0, 1.0, True)
    assert (config.squash_first_query, config.squash_entities) == (True, True)
    assert (config.memory_size, config.reads, config.hidden_size) == (32, 3, 400)


def test_both_sides_have_the_same_size():
    counts = {
        behind: sum(p.numel() for p in LanguageModel(LanguageConfig(50, behind=behind)).behind.parameters())
        for behind in ("memory", "layer")
    }
    assert counts["memory"] == 97 * 401 + 128 * 401 + 400 * 33
    assert abs(counts["layer"] - counts["memory"]) <= 401
    assert isinstance(model_of("layer").behind, ResidualLayer)
    assert isinstance(model_of("memory").behind, FastWeightMemory)


def test_dropout_is_for_training_alone():
    model = model_of("memory", word_dropout=0.3, input_dropout=0.3, output_dropout=0.5)
    tokens = torch.randint(19, (2, 9))
    model.eval()
    assert torch.equal(model(tokens)[0].raw, model(tokens)[0].dropped)
    model.train()
    out = model(tokens)[0]
    zeros = out.dropped == 0
    assert zeros.any()
    assert torch.equal(zeros.all(1), zeros.any(1))
    assert not torch.equal(out.raw, model(tokens)[0].raw)


def test_wrong_settings_and_tokens_are_refused():
    with pytest.raises(ValueError, match="expected behind as one of memory, layer; got 'stack'"):
        LanguageConfig(19, behind="stack")
    with pytest.raises(ValueError, match="output"):
        LanguageConfig(19, output_dropout=1.0)
    with pytest.raises(ValueError, match=r"expected tokens \[batch, time\]"):
        model_of("layer")(torch.zeros(3, 0, dtype=torch.long))
