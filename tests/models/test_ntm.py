"""The Neural Turing Machine: against a plain machine of loops, its options, its trace, and that it stays finite."""

import warnings
from dataclasses import replace

import pytest
import torch
from torch import nn

from memlib.mechanisms import addressing
from memlib.models.baselines.step_lstm import StepLSTM
from memlib.models.ntm import NTM, NTMConfig
from memlib.models.recurrent import LSTMCell

SMALL = NTMConfig(4, 3, slots=6, width=5, read_heads=2, write_heads=2, hidden_size=7, shift_range=1)
BOTH = [SMALL, replace(SMALL, controller="feed-forward", shift_range=2, write_first=True, squash=False, clip=None)]


def machine(config=SMALL, seed=0, dtype=torch.float64):
    torch.manual_seed(seed)
    model = NTM(config).to(dtype)
    nn.init.normal_(model.cell.start_reads)
    return model


def inputs(batch=3, time=6, width=4, seed=1, dtype=torch.float64):
    return torch.randn(batch, time, width, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def plain(model, sequence):
    """One row, head by head, each with its own slice of the projection: the paper's text read aloud."""
    config, cell = model.config, model.cell
    state = cell.initial_state(1)
    memory, places = state.memory[0], list(state.weights[0])
    reads, controller = state.reads, state.controller
    outputs = []
    for x in sequence:
        seen = torch.cat([x.unsqueeze(0), reads], -1)
        if isinstance(cell.controller, LSTMCell):
            hidden, controller = cell.controller(seen, controller)
        else:
            hidden = cell.controller(seen).tanh()
        if config.clip is not None and isinstance(cell.controller, LSTMCell):
            hidden = hidden.clamp(-config.clip, config.clip)
        raw = cell.to_heads(hidden)[0]
        if config.clip is not None:
            raw = raw.clamp(-config.clip, config.clip)
        bend = torch.tanh if config.squash else lambda value: value
        H, W, K = config.heads, config.width, config.kernel
        at = 0
        keys = [bend(raw[at + h * W : at + (h + 1) * W]) for h in range(H)]
        at += H * W
        strengths = [torch.log1p(raw[at + h : at + h + 1].exp()) for h in range(H)]
        gates = [torch.sigmoid(raw[at + H + h : at + H + h + 1]) for h in range(H)]
        at += 2 * H
        kernels = [raw[at + h * K : at + (h + 1) * K].softmax(-1) for h in range(H)]
        at += H * K
        powers = [1 + torch.log1p(raw[at + h : at + h + 1].exp()) for h in range(H)]
        at += H
        V = config.write_heads
        erases = [torch.sigmoid(raw[at + v * W : at + (v + 1) * W]) for v in range(V)]
        at += V * W
        adds = [bend(raw[at + v * W : at + (v + 1) * W]) for v in range(V)]
        for h in range(H):
            found = addressing.content(memory, keys[h], strengths[h])
            kept = gates[h] * found + (1 - gates[h]) * places[h]
            places[h] = addressing.sharpen(addressing.shift(kept, kernels[h]), powers[h])
        after = memory
        for v in range(V):
            after = after * (1 - torch.outer(places[config.read_heads + v], erases[v]))
        for v in range(V):
            after = after + torch.outer(places[config.read_heads + v], adds[v])
        shown = after if config.write_first else memory
        reads = torch.cat([places[h] @ shown for h in range(config.read_heads)]).unsqueeze(0)
        memory = after
        outputs.append(model.output(torch.cat([hidden, reads], -1))[0])
    return torch.stack(outputs), memory, torch.stack(places)


@pytest.mark.parametrize("config", BOTH, ids=lambda one: one.controller)
def test_it_equals_a_plain_machine_in_outputs_and_gradients(config):
    model = machine(config)
    given = inputs()
    outputs, state = model(given)
    weights = list(model.parameters())
    gradients = torch.autograd.grad(outputs.square().sum(), weights)
    rows = [plain(model, sequence) for sequence in given]
    expected = torch.stack([row[0] for row in rows])
    torch.testing.assert_close(outputs, expected, rtol=1e-11, atol=1e-11)
    torch.testing.assert_close(state.memory, torch.stack([row[1] for row in rows]), rtol=1e-11, atol=1e-11)
    torch.testing.assert_close(state.weights, torch.stack([row[2] for row in rows]), rtol=1e-11, atol=1e-11)
    theirs = torch.autograd.grad(expected.square().sum(), weights)
    for ours, wanted in zip(gradients, theirs, strict=True):
        torch.testing.assert_close(ours, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("config", BOTH, ids=lambda one: one.controller)
def test_a_sequence_in_two_parts_is_the_same_sequence(config):
    model, given = machine(config), inputs()
    whole, last = model(given)
    first, state = model(given[:, :2])
    second, after = model(given[:, 2:], state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(after.memory, last.memory, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("config", BOTH, ids=lambda one: one.controller)
def test_the_trace_shows_what_was_done(config):
    model, given = machine(config), inputs()
    outputs, state = model(given)
    traced, after, trace = model.trace(given)
    assert torch.equal(traced, outputs)
    assert torch.equal(after.memory, state.memory)
    assert torch.equal(trace.memory[:, -1], state.memory)
    assert trace.weights.shape == (3, 6, 4, 6)
    assert trace.reads.shape == (3, 6, 2, 5)
    for stage in (trace.content, trace.interpolated, trace.shifted, trace.weights):
        torch.testing.assert_close(stage.sum(-1), torch.ones_like(stage[..., 0]), rtol=1e-12, atol=1e-12)
        assert (stage >= 0).all()
    told = trace.signals
    kept = addressing.interpolate(trace.content[:, 1:], trace.weights[:, :-1], told.gate[:, 1:])
    torch.testing.assert_close(trace.interpolated[:, 1:], kept, rtol=1e-12, atol=1e-12)
    moved = addressing.shift(trace.interpolated, told.kernel)
    torch.testing.assert_close(trace.shifted, moved, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(trace.weights, addressing.sharpen(moved, told.power), rtol=1e-12, atol=1e-12)
    assert told.add.shape == told.erase.shape == (3, 6, 2, 5)


@pytest.mark.parametrize("start", ["constant", "learned", "random"])
def test_the_memory_starts_as_asked(start):
    model = machine(replace(SMALL, memory_start=start), dtype=torch.float32)
    memory = model.initial_state(2).memory
    assert torch.equal(memory[0], memory[1])
    assert ("cell.start_memory" in dict(model.named_parameters())) == (start == "learned")
    assert ("cell.start_memory" in model.state_dict()) == (start != "constant")
    assert (memory == 1e-6).all() == (start == "constant")
    model(inputs(2, dtype=torch.float32))[0].square().sum().backward()
    assert start != "learned" or model.cell.start_memory.grad.abs().max() > 0


def test_the_heads_start_as_asked():
    first = machine(replace(SMALL, head_start="first")).initial_state(2).weights
    assert first.tolist() == [[[1, 0, 0, 0, 0, 0]] * 4] * 2
    uniform = machine(replace(SMALL, head_start="uniform")).initial_state(1).weights
    torch.testing.assert_close(uniform, torch.full((1, 4, 6), 1 / 6, dtype=torch.float64))
    model = machine()
    model(inputs())[0].square().sum().backward()
    assert model.cell.start_weights.grad.abs().max() > 0


def test_clipping_keeps_the_heads_signals_in_bounds():
    sharp = machine(replace(SMALL, clip=0.5))
    _, _, trace = sharp.trace(100 * inputs())
    assert trace.signals.strength.max() <= torch.tensor(0.5).exp().log1p() + 1e-6
    _, _, free = machine(replace(SMALL, clip=None)).trace(100 * inputs())
    assert free.signals.strength.max() > torch.tensor(0.5).exp().log1p()


@pytest.mark.parametrize("config", BOTH, ids=lambda one: one.controller)
def test_a_thousand_steps_stay_finite_in_float32(config):
    model = machine(config, dtype=torch.float32)
    with torch.no_grad():
        # Signals at their extremes: huge strengths, gates and powers.
        model.cell.to_heads.weight.mul_(30)
    with torch.no_grad():
        outputs, state = model(3 * inputs(2, 1000, dtype=torch.float32))
    assert outputs.isfinite().all()
    assert all(part.isfinite().all() for part in state[:3])
    torch.testing.assert_close(state.weights.sum(-1), torch.ones(2, 4), rtol=1e-4, atol=1e-4)
    model(3 * inputs(2, 100, dtype=torch.float32))[0].square().mean().backward()
    assert all(weight.grad.isfinite().all() for weight in model.parameters())


def test_without_a_compiler_it_says_so_and_goes_on(monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no compiler here\nand more words")

    model, given = machine(), inputs()
    expected, _ = model(given)
    monkeypatch.setattr(torch, "compile", broken)
    with pytest.warns(UserWarning, match="runs uncompiled.*no compiler here$"):
        assert model.compile_step() is False
    assert torch.equal(model(given)[0], expected)


def test_a_compiled_step_is_used_in_training_alone(monkeypatch):
    calls = []

    def compiler(function):
        def compiled(*args):
            calls.append(function)
            return function(*args)

        return compiled

    monkeypatch.setattr(torch, "compile", compiler)
    model, given = machine(), inputs()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.compile_step() is True
    del calls[:]
    model(given)
    assert calls == [model.cell] * given.shape[1]
    with torch.no_grad():
        model(given)
    assert len(calls) == given.shape[1]
    assert set(model.state_dict()) == set(machine().state_dict())


def test_sizes():
    model = NTM(NTMConfig.paper(9, 8, controller="feed-forward", head_start="first"))
    heads = 100 * (2 * (20 + 3 + 3) + 2 * 20) + 2 * (20 + 3 + 3) + 2 * 20
    assert model.size() == (9 + 20) * 100 + 100 + heads + (100 + 20) * 8 + 8 + 20
    # Four gates of 256 from inputs and outputs, two biases each; three layers.
    layers = [4 * 256 * (n + 256 + 2) for n in (9, 256, 256)]
    assert StepLSTM(9, 8).size() == sum(layers) + 256 * 8 + 8


def test_the_lstm_baseline_carries_its_state():
    torch.manual_seed(0)
    model, given = StepLSTM(4, 3, 8, 2).double(), inputs()
    whole, last = model(given)
    first, state = model(given[:, :2])
    second, after = model(given[:, 2:], state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(after[1], last[1], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("model", [machine(), StepLSTM(4, 3)], ids=["ntm", "lstm"])
def test_wrong_inputs_are_named(model):
    with pytest.raises(ValueError, match=r"expected inputs \[batch, time, 4\].*got \(3, 6, 5\)"):
        model(inputs(width=5))
    with pytest.raises(ValueError, match="at least one step"):
        model(inputs()[:, :0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"slots": 0}, "slots >= 1"),
        ({"shift_range": 3}, "2 shift_range"),
        ({"controller": "gru"}, "controller in feed-forward, lstm; got 'gru'"),
        ({"memory_start": "zero"}, "memory_start in"),
        ({"clip": 0.0}, "clip above 0"),
    ],
)
def test_wrong_options_are_named(change, said):
    with pytest.raises(ValueError, match=said):
        replace(SMALL, **change)
