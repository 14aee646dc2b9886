"""Cells against torch's or the written equation, and the one time loop."""

import pytest
import torch
from torch import nn

from memlib.models.recurrent import GRUCell, GRUState, LSTMCell, LSTMState, unroll


@pytest.fixture(autouse=True)
def doubles():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(1)
    yield
    torch.set_default_dtype(torch.float32)


def test_the_lstm_is_torchs() -> None:
    ours, theirs = LSTMCell(3, 4), nn.LSTMCell(3, 4)
    with torch.no_grad():
        weight = ours.gates.weight
        theirs.weight_ih.copy_(weight[:, :3])
        theirs.weight_hh.copy_(weight[:, 3:])
        theirs.bias_ih.copy_(ours.gates.bias)
        theirs.bias_hh.zero_()
    x, state = torch.randn(2, 3), LSTMState(torch.randn(2, 4), torch.randn(2, 4))
    y, new = ours(x, state)
    h, c = theirs(x, (state.output, state.memory))
    torch.testing.assert_close((y, new.memory), (h, c))
    assert (ours.gates.bias[4:8] == 1).all()


def test_the_gru_is_its_equation() -> None:
    cell, x, h = GRUCell(3, 4), torch.randn(2, 3), torch.randn(2, 4)
    y, new = cell(x, GRUState(h))
    for b in range(2):
        seen = torch.cat([x[b], h[b]])
        gates = torch.sigmoid(cell.gates.weight @ seen + cell.gates.bias)
        r, u = gates[:4], gates[4:]
        c = torch.tanh(cell.candidate.weight @ torch.cat([x[b], r * h[b]]) + cell.candidate.bias)
        torch.testing.assert_close(y[b], (1 - u) * h[b] + u * c)
    assert new.memory is y


@pytest.mark.parametrize("cell", [GRUCell(3, 4), LSTMCell(3, 4)])
def test_a_masked_run_is_the_shorter_run(cell) -> None:
    cell = cell.double()
    xs, mask = torch.randn(2, 6, 3), torch.tensor([[True] * 6, [True] * 4 + [False] * 2])
    ys, state = unroll(cell, xs, mask=mask)
    short, last = unroll(cell, xs[1:, :4])
    torch.testing.assert_close(ys[1, :4], short[0])
    assert (ys[1, 4:] == 0).all()
    torch.testing.assert_close(state.memory[1], last.memory[0])
    whole, _ = unroll(cell, xs)
    torch.testing.assert_close(ys[0], whole[0])


def test_unroll_wants_three_axes() -> None:
    with pytest.raises(ValueError, match=r"expected xs \[batch, time, input\]"):
        unroll(GRUCell(3, 4), torch.randn(2, 3))
