"""The Transformer-XL against loops over queries and keys, and windows against the whole stream."""

import math

import pytest
import torch

from memlib.models.baselines.token_model import detach
from memlib.models.baselines.transformer_xl import (
    TransformerXL,
    TransformerXLConfig,
    TransformerXLState,
    positions,
    relative_shift,
)


@pytest.fixture(autouse=True)
def doubles():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(6)
    yield
    torch.set_default_dtype(torch.float32)


def small(**options) -> TransformerXL:
    settings = {"embedding_size": 5, "width": 8, "heads": 2, "inner_size": 12, "layers": 3, "memory": 30}
    model = TransformerXL(TransformerXLConfig(11, **{**settings, **options}))
    for weights in model.parameters():
        torch.nn.init.normal_(weights, std=0.4)
    return model


@pytest.mark.parametrize(("queries", "keys"), [(1, 1), (1, 5), (4, 4), (4, 9)])
def test_the_shift_is_a_look_up_by_distance(queries: int, keys: int) -> None:
    scores = torch.randn(2, 3, queries, keys, requires_grad=True)
    shifted = relative_shift(scores)
    pull = torch.randn_like(shifted).tril(keys - queries)
    naive = torch.zeros_like(shifted)
    for i in range(queries):
        for j in range(keys - queries + i + 1):
            distance = (keys - queries + i) - j
            naive[..., i, j] = scores[..., i, keys - 1 - distance]
            torch.testing.assert_close(shifted[..., i, j], naive[..., i, j], rtol=0, atol=0)
    ours, theirs = (torch.autograd.grad(t, scores, pull)[0] for t in (shifted, naive))
    torch.testing.assert_close(ours, theirs)


def naive_layer(layer, xs, before, u, v) -> torch.Tensor:
    """One row through one layer: a loop over heads, queries and keys."""
    width, heads = layer.config.width, layer.config.heads
    size, m = width // heads, len(before)
    every = torch.cat([before, xs])
    found = []
    for i in range(len(xs)):
        parts = []
        for head in range(heads):
            own = slice(head * size, (head + 1) * size)
            q = (layer.query.weight @ xs[i])[own]
            scores, values = [], []
            for j in range(m + i + 1):
                k = (layer.key_value.weight[:width] @ every[j])[own]
                r = (layer.distance_key.weight @ positions(torch.tensor([m + i - j + 0.0]), width)[0])[own]
                scores.append(((q + u[head, 0]) @ k + (q + v[head, 0]) @ r) / math.sqrt(size))
                values.append((layer.key_value.weight[width:] @ every[j])[own])
            parts.append(torch.stack(scores).softmax(0) @ torch.stack(values))
        found.append(layer.combine.weight @ torch.cat(parts))
    xs = layer.norm(xs + torch.stack(found))
    return layer.last_norm(xs + layer.narrow(layer.widen(xs).relu()))


@pytest.mark.parametrize("tied", [False, True])
def test_the_model_is_its_equations_in_outputs_and_gradients(tied: bool) -> None:
    model, tokens = small(tied=tied), torch.randint(11, (1, 4))
    memory = torch.randn(1, 3, 3, 8, requires_grad=True)
    ours = model(tokens, TransformerXLState(memory, torch.tensor([3])))[0][0]
    xs = model.embedding.weight[tokens[0]] @ model.project.weight.T * math.sqrt(8)
    for number, layer in enumerate(model.layers):
        xs = naive_layer(layer, xs, memory[0, number], model.content_bias, model.place_bias)
    by_words = model.project.weight @ model.embedding.weight.T
    naive = xs @ by_words + model.output_bias if tied else model.output(xs)
    torch.testing.assert_close(ours, naive, rtol=0, atol=1e-12)
    pull, of = torch.randn_like(ours), [memory, *model.parameters()]
    for a, b in zip(torch.autograd.grad(ours, of, pull), torch.autograd.grad(naive, of, pull), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


@pytest.mark.parametrize("windows", [(7, 5), (1, 2, 3, 6), (1,) * 12])
def test_windows_with_memory_are_the_whole_stream_within_the_span(windows: tuple[int, ...]) -> None:
    model, tokens = small(), torch.randint(11, (2, 12))
    whole, last = model(tokens)
    state, pieces = None, []
    for part in tokens.split(windows, 1):
        logits, state = model(part, state)
        pieces.append(logits)
    pieces = torch.cat(pieces, 1)
    torch.testing.assert_close(pieces, whole, rtol=0, atol=1e-12)
    torch.testing.assert_close(state, last, rtol=0, atol=1e-12)
    pull, weights = torch.randn_like(whole), list(model.parameters())
    for a, b in zip(torch.autograd.grad(pieces, weights, pull), torch.autograd.grad(whole, weights, pull), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


def test_with_one_span_for_all_windows_are_the_stream_however_long() -> None:
    model, tokens = small(memory=4, same_span=True), torch.randint(11, (2, 15))
    whole = model(tokens)[0]
    state, pieces = None, []
    for part in tokens.split((6, 1, 8), 1):
        logits, state = model(part, state)
        pieces.append(logits)
    torch.testing.assert_close(torch.cat(pieces, 1), whole, rtol=0, atol=1e-12)
    assert state.hidden.shape == (2, 3, 4, 8)
    free = small(memory=4)
    free.load_state_dict(model.state_dict())
    assert not torch.allclose(free(tokens)[0][:, 5:], whole[:, 5:])


def test_nothing_looks_ahead_and_the_memory_is_seen() -> None:
    model, tokens = small(), torch.randint(11, (1, 8))
    other = tokens.clone()
    other[0, 5] = (other[0, 5] + 1) % 11
    a, b = model(tokens)[0], model(other)[0]
    torch.testing.assert_close(a[:, :5], b[:, :5], rtol=0, atol=1e-13)
    assert not torch.allclose(a[:, 5], b[:, 5])
    state = model(torch.randint(11, (1, 4)))[1]
    assert not torch.allclose(model(tokens, state)[0][:, -1], a[:, -1])


@pytest.mark.parametrize("memory", [30, 4])
def test_padding_anywhere_is_as_if_it_were_not_there(memory: int) -> None:
    model = small(memory=memory)
    start, tokens = torch.randint(11, (4, 3)), torch.randint(11, (4, 7))
    first = torch.tensor([[True] * 3, [False] * 3, [True, False, True], [True] * 3])
    mask = torch.rand(4, 7) > 0.4
    mask[0], mask[1], mask[2] = True, torch.tensor([True] * 3 + [False] * 4), False
    _, state = model(start, None, first)
    logits, state = model(tokens, detach(state), mask)
    after = torch.randint(11, (4, 2))
    onwards = model(after, state)[0]
    assert (logits[~mask] == 0).all()
    for row in range(4):
        own = None
        for part, there in ((start, first), (tokens, mask)):
            kept = part[row : row + 1, there[row]]
            if kept.shape[1]:
                alone, own = model(kept, own)
        if mask[row].any():
            torch.testing.assert_close(logits[row, mask[row]], alone[0], rtol=0, atol=1e-12)
        torch.testing.assert_close(onwards[row], model(after[row : row + 1], own)[0][0], rtol=0, atol=1e-12)


def test_the_papers_numbers_of_weights() -> None:
    with torch.device("meta"):
        assert TransformerXL(TransformerXLConfig.paper()).size() == 10_507_776
        assert TransformerXL(TransformerXLConfig.paper(200)).size() == 10_523_136
        assert TransformerXL(TransformerXLConfig.paper(tied=True)).size() == 10_415_796


@pytest.mark.parametrize(("size", "width"), [(256, 512), (32, 64), (64, 64)])
def test_word_vectors_reach_the_layers_at_one_size(size: int, width: int) -> None:
    """Whatever the widths: otherwise a small model starts with inputs near 0 and does not learn to look things up."""
    model = TransformerXL(TransformerXLConfig(200, size, width, 4, 8, 1))
    xs = model.project(model.embedding.weight) * math.sqrt(width)
    assert float(xs.detach().std()) == pytest.approx(0.45, rel=0.1)
    assert float(model.layers[0].query.weight.detach().std()) == pytest.approx(0.45 / math.sqrt(width), rel=0.1)


def test_dropout_is_there_in_training_alone() -> None:
    rates = {
        "dropout": 0.3,
        "attention_dropout": 0.3,
        "token_dropout": 0.3,
        "input_dropout": 0.3,
        "output_dropout": 0.3,
    }
    tokens = torch.randint(11, (2, 6))
    for name, rate in rates.items():
        model = small(**{name: rate})
        assert not torch.equal(model(tokens)[0], model(tokens)[0]), name
        assert torch.equal(model.eval()(tokens)[0], model(tokens)[0])


def test_bad_settings_are_explained() -> None:
    with pytest.raises(ValueError, match="an even width that 3 heads divide, got 8"):
        TransformerXLConfig(11, width=8, heads=3)
    with pytest.raises(ValueError, match="a memory of at least 0, and a spread"):
        TransformerXLConfig(11, memory=-1)
    with pytest.raises(ValueError, match="attention_dropout to be at least 0"):
        TransformerXLConfig(11, attention_dropout=-0.1)
