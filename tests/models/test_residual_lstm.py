"""The stack of LSTMs against the cell's equations, its dropouts, its numbers of weights."""

import pytest
import torch
from torch.autograd import gradcheck
from torch.func import functional_call

from memlib.models.baselines.dropouts import embed, locked
from memlib.models.baselines.residual_lstm import LSTM, LSTMConfig
from memlib.models.baselines.token_model import detach
from memlib.models.recurrent import LSTMCell, unroll


@pytest.fixture(autouse=True)
def doubles():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(4)
    yield
    torch.set_default_dtype(torch.float32)


SMALL = LSTMConfig(11, embedding_size=5, hidden_sizes=(6, 6, 6), output_bias=True)


def by_cells(model: LSTM, tokens: torch.Tensor) -> torch.Tensor:
    """The stack from its equations: one cell a layer, unrolled."""
    xs = model.embedding.weight[tokens]
    for layer in model.layers:
        cell = LSTMCell(layer.input_size, layer.hidden_size)
        weights = {
            "gates.weight": torch.cat([layer.weight_ih_l0, layer.weight_hh_l0], 1),
            "gates.bias": layer.bias_ih_l0 + layer.bias_hh_l0,
        }
        start = cell.initial_state(len(tokens))
        ys, _ = unroll(lambda x, s, c=cell, w=weights: functional_call(c, w, (x, s)), xs, start)
        xs = xs + ys if model.config.residual and xs.shape == ys.shape else ys
    return model.output(xs)


@pytest.mark.parametrize("residual", [True, False])
def test_the_stack_is_its_cells_in_outputs_and_gradients(residual: bool) -> None:
    model = LSTM(LSTMConfig(11, 5, (6, 6, 6), residual=residual, output_bias=True))
    tokens = torch.randint(11, (3, 9))
    weights = list(model.parameters())
    ours, naive = model(tokens)[0], by_cells(model, tokens)
    torch.testing.assert_close(ours, naive, rtol=0, atol=1e-12)
    pull = torch.randn_like(ours)
    for a, b in zip(torch.autograd.grad(ours, weights, pull), torch.autograd.grad(naive, weights, pull), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-11)


def test_windows_with_a_carried_state_are_the_whole_stream() -> None:
    model, tokens = LSTM(SMALL), torch.randint(11, (3, 12))
    whole, last = model(tokens)
    first, state = model(tokens[:, :5])
    second, end = model(tokens[:, 5:], detach(state))
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=0, atol=1e-12)
    torch.testing.assert_close(end, last, rtol=0, atol=1e-12)
    torch.testing.assert_close(model(tokens[:, 5:], tuple(tuple(p) for p in state))[0], second)


def test_padding_anywhere_holds_the_state() -> None:
    model, tokens = LSTM(SMALL), torch.randint(11, (4, 7))
    mask = torch.rand(4, 7) > 0.4
    mask[0], mask[1], mask[2] = True, False, torch.tensor([True] * 3 + [False] * 4)
    before = model(torch.randint(11, (4, 3)))[1]
    logits, state = model(tokens, before, mask)
    assert (logits[~mask] == 0).all()
    for row in range(4):
        part = detach(before)
        part = type(part)(*(tuple(t[row : row + 1] for t in kind) for kind in part))
        kept = tokens[row : row + 1, mask[row]]
        if kept.shape[1]:
            alone, part = model(kept, part)
            torch.testing.assert_close(logits[row, mask[row]], alone[0], rtol=0, atol=1e-12)
        for kind, own in zip(state, part, strict=True):
            for whole, mine in zip(kind, own, strict=True):
                torch.testing.assert_close(whole[row], mine[0], rtol=0, atol=1e-12)


def test_nothing_looks_ahead() -> None:
    model, tokens = LSTM(SMALL), torch.randint(11, (1, 8))
    other = tokens.clone()
    other[0, 5] = (other[0, 5] + 1) % 11
    a, b = model(tokens)[0], model(other)[0]
    assert torch.equal(a[:, :5], b[:, :5])
    assert not torch.equal(a[:, 5], b[:, 5])


def test_gradients_reach_the_state() -> None:
    model = LSTM(LSTMConfig(5, 3, (4,)))
    tokens = torch.randint(5, (2, 4))
    memory, output = torch.randn(2, 4, requires_grad=True), torch.randn(2, 4, requires_grad=True)
    assert gradcheck(lambda c, h: model(tokens, ((c,), (h,)))[0], (memory, output))


def test_the_papers_numbers_of_weights() -> None:
    assert LSTM(LSTMConfig.paper()).size() == 8_018_944
    assert LSTM(LSTMConfig.paper(200)).size() == 8_034_304
    assert sum(t.numel() for kind in LSTM(LSTMConfig.paper()).initial_state(1) for t in kind) == 4096
    assert LSTM(LSTMConfig.awd(10_000)).size() == 24_221_600


def test_dropped_words_are_dropped_everywhere_and_entries_at_every_step() -> None:
    table, tokens = torch.nn.Embedding(40, 3), torch.randint(40, (2, 200))
    xs = embed(table, tokens, 0.5, True)
    gone = (xs == 0).all(-1)
    by_word = [set(gone[tokens == word].tolist()) for word in range(40)]
    assert all(len(kinds) == 1 for kinds in by_word if kinds)
    assert {True} in by_word
    torch.testing.assert_close(xs[~gone], 2 * table(tokens)[~gone])
    ys = locked(torch.ones(5, 7, 100), 0.25, True)
    assert torch.equal(ys, ys[:, :1].expand_as(ys))
    assert set(ys.unique().tolist()) == {0.0, 1 / 0.75}
    assert not torch.equal(ys[0], ys[1])
    assert torch.equal(locked(ys, 0.5, False), ys)


def test_dropout_of_weights_falls_on_the_recurrent_ones_alone() -> None:
    model = LSTM(LSTMConfig(11, 5, (6,), weight_dropout=0.5))
    tokens = torch.randint(11, (2, 4))
    plain = model.eval()(tokens)[0]
    model.train()
    a, b = model(tokens)[0], model(tokens)[0]
    torch.testing.assert_close(a[:, 0], plain[:, 0])
    assert not torch.allclose(a[:, 1:], b[:, 1:])
    assert model.layers[0].weight_hh_l0.grad is None
    a.sum().backward()
    share = (model.layers[0].weight_hh_l0.grad == 0).double().mean()
    assert 0.2 < float(share) < 0.8


def test_penalties() -> None:
    model = LSTM(LSTMConfig(11, 5, (6,), activation_penalty=2.0, slowness_penalty=3.0))
    tokens = torch.randint(11, (2, 4))
    h = model.layers[0](model.embedding(tokens))[0]
    expected = 2 * (h**2).mean() + 3 * ((h[:, 1:] - h[:, :-1]) ** 2).mean()
    torch.testing.assert_close(model.run(tokens).extra_loss, expected)
    mask = torch.ones(2, 4, dtype=torch.bool)
    mask[1, 2:] = False
    kept = torch.cat([h[0], h[1, :2]])
    steps = torch.cat([h[0, 1:] - h[0, :-1], h[1, 1:2] - h[1, :1]])
    torch.testing.assert_close(model.run(tokens, None, mask).extra_loss, 2 * (kept**2).mean() + 3 * (steps**2).mean())
    assert model.eval().run(tokens).extra_loss == 0


def test_tied_weights_are_one_tensor() -> None:
    model = LSTM(LSTMConfig(11, 5, (6, 5), tied=True, residual=False))
    assert model.output.weight is model.embedding.weight
    assert model.size() == sum(p.numel() for p in model.layers.parameters()) + 55


def test_bad_settings_and_calls_are_explained() -> None:
    with pytest.raises(ValueError, match="last layer of the word vectors' size, 5, got 6"):
        LSTMConfig(11, 5, (6,), tied=True)
    with pytest.raises(ValueError, match="weight_dropout to be at least 0 and below 1, got 1"):
        LSTMConfig(11, weight_dropout=1.0)
    with pytest.raises(ValueError, match="at least one of hidden_sizes"):
        LSTMConfig(11, hidden_sizes=())
    with pytest.raises(ValueError, match="a corpus of ptb, wikitext-2; got 'brown'"):
        LSTMConfig.awd(10, "brown")
    model = LSTM(SMALL)
    with pytest.raises(ValueError, match=r"tokens \[batch, time\]"):
        model(torch.randint(11, (3,)))
    with pytest.raises(TypeError, match="whole numbers"):
        model(torch.rand(2, 3))
    with pytest.raises(ValueError, match="from 0 to 10, got 11 to 11"):
        model(torch.full((1, 2), 11))
    with pytest.raises(ValueError, match="the state is of 2 rows, the tokens of 3"):
        model(torch.randint(11, (3, 2)), model.initial_state(2))
    with pytest.raises(ValueError, match=r"a mask of shape \(2, 3\), got \(2, 4\)"):
        model(torch.randint(11, (2, 3)), None, torch.ones(2, 4, dtype=torch.bool))
    with pytest.raises(TypeError, match="a mask of booleans"):
        model(torch.randint(11, (2, 3)), None, torch.ones(2, 3))
