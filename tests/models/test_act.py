"""Adaptive computation time: against one row at a time in plain loops, the work it saves, and around a memory."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from memlib.mechanisms.halting import spend
from memlib.models.act import ACT, ACTConfig
from memlib.models.ntm import NTMConfig
from memlib.models.ntm_cell import NTMCell
from memlib.models.recurrent import GRUCell, LSTMCell
from memlib.models.tanh_cell import TanhCell

SMALL = ACTConfig(maximum=9, halting_bias=-0.5)
MEMORY = NTMConfig(4, 2, slots=5, width=3, hidden_size=6)
CELLS = {
    "tanh": (lambda width: TanhCell(width, 6), 6),
    "gru": (lambda width: GRUCell(width, 6), 6),
    "lstm": (lambda width: LSTMCell(width, 6), 6),
    "ntm": (lambda width: NTMCell(replace(MEMORY, width_in=width)), 9),
    "ntm, feed-forward": (lambda width: NTMCell(replace(MEMORY, width_in=width, controller="feed-forward")), 9),
}


def network(name="tanh", config=SMALL, seed=0, width_in=3):
    torch.manual_seed(seed)
    make, features = CELLS[name]
    model = ACT(make(width_in + config.first_step_flag), features, 2, config).double()
    # Rows of one batch are to halt at different steps.
    nn.init.normal_(model.halting.weight, std=2.0)
    return model


def inputs(batch=7, time=4, width=3, seed=1):
    return torch.randn(batch, time, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def plus(total, weight, state):
    """total + weight * state, part by part; None stays None."""
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return weight * state if total is None else total + weight * state
    before = [None] * len(state) if total is None else total
    return type(state)(*(plus(a, weight, b) for a, b in zip(before, state, strict=True)))


def plain(model, sequence):
    """One row: the paper's text read aloud, with an output for each step and the mean of the outputs."""
    config, state = model.config, model.initial_state(1)
    outputs, counts, remainders = [], [], []
    for x in sequence:
        left, mean, answer, n = torch.ones((), dtype=x.dtype), None, 0.0, 0
        while True:
            n += 1
            flag = torch.tensor([[float(n == 1)]], dtype=x.dtype)
            seen = torch.cat([x.unsqueeze(0), flag], -1) if config.first_step_flag else x.unsqueeze(0)
            features, state = model.cell(seen, state)
            h = torch.sigmoid(features[0] @ model.halting.weight[0] + model.halting.bias[0])
            last = n == config.maximum or float(left.detach() - h.detach()) <= config.epsilon
            p = left if last else h
            mean = plus(mean, p, state)
            answer = answer + p * model.output(features)[0]
            if last:
                break
            left = left - h
        state = mean
        outputs.append(answer)
        counts.append(n)
        remainders.append(left)
    return torch.stack(outputs), state, counts, torch.stack(remainders)


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("name", CELLS)
def test_it_equals_plain_loops_in_outputs_and_gradients(name, skip) -> None:
    model, given = network(name, replace(SMALL, skip_finished=skip)), inputs()
    thought = model.ponder(given)
    rows = [plain(model, sequence) for sequence in given]
    expected = torch.stack([row[0] for row in rows])
    assert thought.steps.tolist() == [row[2] for row in rows]
    assert thought.steps.unique().numel() > 2
    torch.testing.assert_close(thought.outputs, expected, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(thought.remainder, torch.stack([row[3] for row in rows]), rtol=1e-10, atol=1e-10)
    wanted = torch.cat([row[1].memory for row in rows])
    torch.testing.assert_close(thought.state.memory, wanted, rtol=1e-10, atol=1e-10)
    weights = list(model.parameters())
    loss = thought.outputs.square().sum() + 0.1 * thought.cost.sum()
    theirs = expected.square().sum() + 0.1 * sum(row[3].sum() for row in rows)
    ours = torch.autograd.grad(loss, weights, allow_unused=True)
    for found, other in zip(ours, torch.autograd.grad(theirs, weights, allow_unused=True), strict=True):
        assert (found is None) == (other is None)
        if found is not None:
            torch.testing.assert_close(found, other, rtol=1e-8, atol=1e-9)


def test_weights_of_every_input_sum_to_1_and_are_those_of_the_mechanism() -> None:
    thought = network().ponder(inputs())
    torch.testing.assert_close(thought.weights.sum(-1), torch.ones(7, 4, dtype=torch.float64))
    most = thought.weights.shape[-1]
    assert most == thought.steps.max()
    # The weights are the halting probabilities but for the last one, which does not matter.
    again, remainder = spend(thought.weights, thought.steps)
    torch.testing.assert_close(again, thought.weights, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(remainder, thought.remainder, rtol=1e-12, atol=1e-12)
    before = thought.weights.cumsum(-1).gather(-1, (thought.steps - 2).clamp(min=0).unsqueeze(-1)).squeeze(-1)
    assert (before[thought.steps > 1] < 1 - SMALL.epsilon).all()
    last = thought.weights.gather(-1, thought.steps.unsqueeze(-1) - 1).squeeze(-1)
    torch.testing.assert_close(last, thought.remainder)
    torch.testing.assert_close(thought.cost, thought.steps + thought.remainder)


def test_finished_rows_are_computed_no_further() -> None:
    given, run = inputs(40, 3), []
    model = network()
    model.cell.register_forward_hook(lambda cell, arguments, result: run.append(len(arguments[0])))
    saving = model.ponder(given)
    assert sum(run) == saving.row_steps == saving.steps.sum().item()
    run.clear()
    model.config = replace(SMALL, skip_finished=False)
    wasting = model.ponder(given)
    assert sum(run) == wasting.row_steps == 40 * saving.steps.amax(0).sum().item()
    assert saving.row_steps < 0.6 * wasting.row_steps
    torch.testing.assert_close(saving.outputs, wasting.outputs, rtol=1e-12, atol=1e-12)
    run.clear()
    model.config = replace(SMALL, fixed=SMALL.maximum)
    assert model.ponder(given).row_steps == sum(run) == 40 * 3 * SMALL.maximum


def test_a_fixed_number_of_steps_is_the_cell_called_so_often() -> None:
    model, given = network("gru", replace(SMALL, fixed=3)), inputs()
    thought = model.ponder(given)
    state = model.initial_state(7)
    for t in range(4):
        for n in range(3):
            flag = torch.full((7, 1), float(n == 0), dtype=torch.float64)
            features, state = model.cell(torch.cat([given[:, t], flag], -1), state)
        torch.testing.assert_close(thought.outputs[:, t], model.output(features))
    assert thought.steps.tolist() == [[3] * 4] * 7
    assert thought.weights[0, 0].tolist() == [0, 0, 1]
    torch.testing.assert_close(thought.state.memory, state.memory)


def test_a_maximum_of_1_is_the_plain_network() -> None:
    given = inputs()
    capped, plain_one = network(config=replace(SMALL, maximum=1)), network(config=replace(SMALL, fixed=1))
    thought = capped.ponder(given)
    torch.testing.assert_close(thought.outputs, plain_one(given)[0])
    assert thought.steps.unique().tolist() == [1]
    assert thought.remainder.unique().tolist() == [1]


def test_nobody_thinks_longer_than_the_maximum() -> None:
    model = network()
    nn.init.constant_(model.halting.bias, -50.0)
    nn.init.zeros_(model.halting.weight)
    thought = model.ponder(inputs())
    assert thought.steps.unique().tolist() == [SMALL.maximum]
    torch.testing.assert_close(thought.remainder, torch.ones(7, 4, dtype=torch.float64))


def test_the_papers_bias_lets_it_start_with_two_steps() -> None:
    torch.manual_seed(0)
    model = ACT(TanhCell(4, 6), 6, 2).double()
    nn.init.zeros_(model.halting.weight)
    assert model.halting.bias.item() == 1
    assert model.ponder(inputs()).steps.unique().tolist() == [2]


def test_the_flag_tells_the_first_step_from_the_others() -> None:
    with_flag, without = network(config=SMALL), network(config=replace(SMALL, first_step_flag=False))
    assert with_flag.cell.input_size == 4
    assert without.cell.input_size == 3
    given = inputs()
    before = with_flag(given)[0]
    with torch.no_grad():
        with_flag.cell.layer.weight[:, 3] = 0
    assert not torch.allclose(before, with_flag(given)[0])
    without(given)


@pytest.mark.parametrize("name", ["lstm", "ntm"])
def test_a_sequence_in_two_parts_is_the_same_sequence(name) -> None:
    model, given = network(name), inputs()
    whole, last = model(given)
    first, state = model(given[:, :2])
    second, after = model(given[:, 2:], state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(after.memory, last.memory, rtol=1e-12, atol=1e-12)


def test_around_a_memory_the_mean_state_is_still_a_state_of_that_memory() -> None:
    model = network("ntm")
    thought = model.ponder(inputs())
    heads = thought.state.weights
    assert thought.steps.unique().numel() > 2
    torch.testing.assert_close(heads.sum(-1), torch.ones_like(heads[..., 0]))
    assert (heads >= 0).all()
    assert thought.state.memory.shape == (7, 5, 3)


def test_wrong_inputs_and_options_are_named() -> None:
    with pytest.raises(ValueError, match=r"expected inputs \[batch, time, 3\] with at least one step"):
        network()(inputs()[:, :0])
    with pytest.raises(ValueError, match=r"epsilon in \[0, 1\), got 1"):
        ACTConfig(epsilon=1.0)
    with pytest.raises(ValueError, match="maximum of at least one step, got 0"):
        ACTConfig(maximum=0)
    with pytest.raises(ValueError, match="fixed of at least one step, got 0"):
        ACTConfig.paper(fixed=0)
