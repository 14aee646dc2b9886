"""The DNC: a step against the equations, the whole against its steps, its options, and that it stays finite."""

import pytest
import torch
from torch import Tensor

from memlib.mechanisms import addressing, allocation
from memlib.models.dnc import DNC, DNCConfig, DNCState
from memlib.models.dnc_memory import initial_memory, memory_step, signals

SIZES = {"slots": 6, "width": 5, "heads": 3, "hidden_size": 8}
VARIANTS = {
    "lstm": {},
    "two layers": {"layers": 2},
    "feed-forward": {"controller": "feed-forward"},
    "no links": {"links": False},
    "no allocation": {"allocation": False},
    "neither": {"links": False, "allocation": False},
    "one of each": {"slots": 1, "heads": 1},
}


def draw(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def dnc(seed: int = 1, **options) -> DNC:
    torch.manual_seed(seed)
    return DNC(DNCConfig(4, 3, **{**SIZES, **options})).double()


def test_a_memory_step_is_the_equations_head_by_head() -> None:
    config = DNCConfig(4, 3, **SIZES)
    state = initial_memory(config, 2, torch.zeros(6, 5, dtype=torch.float64))
    for step in range(4):
        told = signals(config, draw(2, sum([4 * 5, 5, 4, 5 + 1 + 4, 9]), seed=step))
        reads, after = memory_step(config, state, told)
        for row in range(2):
            kept = allocation.retention(told.free_gates[row], state.read_weights[row])
            used = allocation.usage(state.usage[row], state.write_weights[row], kept)
            like = addressing.content(state.memory[row], told.write_key[row], told.write_strength[row])
            gates = told.allocation_gate[row], told.write_gate[row]
            where = allocation.write_weights(like, allocation.allocate(used), *gates)
            memory = addressing.erase_add(state.memory[row], where, told.erase[row], told.write[row])
            link, last = allocation.link(state.link[row], state.precedence[row], where)
            for head in range(3):
                before = state.read_weights[row, head]
                back, like, on = told.modes[row, head]
                found = addressing.content(memory, told.read_keys[row, head], told.read_strengths[row, head])
                weights = back * (link.T @ before) + like * found + on * (link @ before)
                torch.testing.assert_close(after.read_weights[row, head], weights)
                torch.testing.assert_close(reads[row, head], weights @ memory)
            for ours, theirs in ((after.usage, used), (after.memory, memory), (after.link, link)):
                torch.testing.assert_close(ours[row], theirs)
            torch.testing.assert_close(after.precedence[row], last)
        state = after


def test_the_interface_is_in_range() -> None:
    config = DNCConfig(4, 3, **SIZES)
    told = signals(config, 5 * draw(2, 4 * 5 + 5 + 4 + 10 + 9))
    for gate in (told.erase, told.free_gates, told.allocation_gate, told.write_gate):
        assert ((gate >= 0) & (gate <= 1)).all()
    assert (told.read_strengths >= 1).all()
    assert (told.write_strength >= 1).all()
    torch.testing.assert_close(told.modes.sum(-1), torch.ones(2, 3, dtype=torch.float64))


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS)
def test_a_sequence_may_be_read_in_two_pieces(options) -> None:
    model = dnc(**options)
    inputs = draw(2, 7, 4)
    whole, last = model(inputs)
    first, state = model(inputs[:, :3])
    second, after = model(inputs[:, 3:], tuple(state))
    assert whole.shape == (2, 7, 3)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(after.memory.memory, last.memory.memory)
    assert isinstance(after, DNCState)


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS)
def test_rows_do_not_see_each_other_and_all_weights_learn(options) -> None:
    model = dnc(**options)
    inputs = draw(3, 6, 4)
    outputs, _ = model(inputs)
    torch.testing.assert_close(model(inputs[1:2])[0], outputs[1:2])
    (outputs * draw(*outputs.shape, seed=2)).sum().backward()
    # Of one slot there is nothing to choose: keys, strengths and modes do nothing there.
    if options.get("slots") != 1:
        for name, weight in model.named_parameters():
            assert weight.grad is not None, name
            assert weight.grad.abs().sum() > 0, name
    assert model.size() == sum(weight.numel() for weight in model.parameters())


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS)
def test_the_trace_is_what_happens(options) -> None:
    model = dnc(**options)
    inputs = draw(2, 5, 4)
    outputs, state, trace = model.trace(inputs)
    torch.testing.assert_close(outputs, model(inputs)[0])
    assert not outputs.requires_grad
    slots, heads = model.config.slots, model.config.heads
    assert trace.memory.memory.shape == (2, 5, slots, 5)
    assert trace.memory.read_weights.shape == (2, 5, heads, slots)
    assert trace.memory.write_weights.shape == (2, 5, slots)
    assert trace.signals.modes.shape == (2, 5, heads, 3 if model.config.links else 0)
    torch.testing.assert_close(trace.memory.link[:, -1], state.memory.link)
    assert trace.memory.link.shape[-1] == (slots if model.config.links else 0)
    assert trace.memory.usage.shape[-1] == (slots if model.config.allocation else 0)


@pytest.mark.parametrize("options", [{}, {"controller": "feed-forward"}, {"allocation": False}], ids=str)
def test_it_stays_finite_over_a_thousand_steps_in_single_precision(options) -> None:
    model = dnc(**options).float()
    with torch.no_grad():
        model.interface.weight *= 5  # gates and strengths that go to their ends
    inputs = 3 * draw(1, 1000, 4).float()
    outputs, state = model(inputs)
    outputs.square().mean().backward()
    assert outputs.isfinite().all()
    assert all(part.isfinite().all() for part in state.memory)
    assert all(weight.grad.isfinite().all() for weight in model.parameters())
    for weights in (state.memory.write_weights, state.memory.read_weights, state.memory.usage):
        assert (weights >= 0).all()
    assert (state.memory.read_weights.sum(-1) <= 1 + 1e-4).all()


def test_free_slots_are_written_one_after_the_other() -> None:
    """Told to write to free slots, it fills the memory in order; told to free what it read, it writes there again."""
    config = DNCConfig(4, 3, slots=4, width=4, heads=1)
    state = initial_memory(config, 1, torch.zeros(4, 4))
    told = signals(config, torch.zeros(1, 8 + 4 + 2 + 7 + 3))._replace(
        allocation_gate=torch.ones(1, 1), write_gate=torch.ones(1, 1), free_gates=torch.zeros(1, 1)
    )
    written = []
    for item in torch.eye(4):
        _, state = memory_step(config, state, told._replace(write=item.unsqueeze(0)))
        written.append(int(state.write_weights.argmax()))
    assert written == [0, 1, 2, 3]
    torch.testing.assert_close(state.memory[0], torch.eye(4))
    state = state._replace(read_weights=torch.tensor([[[0.0, 0.0, 1.0, 0.0]]]))
    _, state = memory_step(config, state, told._replace(free_gates=torch.ones(1, 1)))
    assert int(state.write_weights.argmax()) == 2


def test_without_allocation_a_full_write_goes_over_what_is_like_it() -> None:
    model = dnc(allocation=False, links=False)
    assert model.first_memory.requires_grad
    assert model.initial_state(2).memory.memory[0].std() > 0
    assert "first_memory" in model.state_dict()
    assert "first_memory" not in dnc().state_dict()


def test_it_may_begin_by_writing_to_free_slots_and_reading_sharply() -> None:
    plain, biased = dnc(), dnc(gate_bias=2.0, strength_bias=3.0, mode_bias=1.5, input_scale=2.0)
    torch.testing.assert_close(biased.inputs.weight, 2 * plain.inputs.weight)
    biased.inputs.weight.data /= 2
    inputs = draw(2, 1, 4)
    before, after = (model.trace(inputs)[2].signals for model in (plain, biased))
    for name, bias in (("write_gate", 2.0), ("allocation_gate", 2.0), ("free_gates", -2.0)):
        torch.testing.assert_close(getattr(after, name).logit(), getattr(before, name).logit() + bias)
    torch.testing.assert_close((after.read_strengths - 1).expm1().log(), (before.read_strengths - 1).expm1().log() + 3)
    torch.testing.assert_close(after.erase, before.erase)
    ratio = (after.modes / before.modes).log()
    torch.testing.assert_close(ratio[..., 1] - ratio[..., 0], torch.full_like(ratio[..., 0], 1.5))
    torch.testing.assert_close(ratio[..., 2], ratio[..., 0])


def test_a_compiled_step_gives_the_same(monkeypatch) -> None:
    calls = []
    monkeypatch.setattr(torch, "compile", lambda function: lambda *args: calls.append(1) or function(*args))
    model, inputs = dnc(), draw(2, 5, 4)
    plain = model(inputs)[0]
    assert model.compile_step()
    calls.clear()
    torch.testing.assert_close(model(inputs)[0], plain)
    assert len(calls) == 5
    monkeypatch.setattr(torch, "compile", lambda function: 1 / 0)
    with pytest.warns(UserWarning, match="uncompiled"):
        assert not model.compile_step()


def test_wrong_settings_and_inputs_are_said_in_words() -> None:
    with pytest.raises(ValueError, match="slots = 0"):
        DNCConfig(4, 3, slots=0)
    with pytest.raises(ValueError, match="feed-forward"):
        DNCConfig(4, 3, controller="gru")
    with pytest.raises(ValueError, match=r"\[batch, time, 4\]"):
        dnc()(draw(2, 5, 3))
    with pytest.raises(ValueError, match="a state of 2 rows"):
        dnc()(draw(2, 5, 4), dnc().initial_state(3))
    paper = DNCConfig.paper(92, 90)
    assert (paper.slots, paper.width, paper.heads, paper.hidden_size, paper.layers) == (128, 50, 5, 256, 3)
