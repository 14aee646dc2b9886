"""The AM-RNN against its equations, in the two real halves that the paper writes."""

import pytest
import torch
from torch.autograd import gradcheck

from memlib.models.am_config import AMRNNConfig
from memlib.models.am_rnn import AMRNN, AMState, DualAMRNN, as_complex, as_real
from memlib.models.recurrent import GRUState, LSTMState, unroll


@pytest.fixture(autouse=True)
def doubles():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(2)
    yield
    torch.set_default_dtype(torch.float32)


def halves_bound(key):
    re, im = key.chunk(2)
    d = torch.maximum(torch.ones_like(re), (re * re + im * im).sqrt())
    return re / d, im / d


def halves_read(memory, key, permutations):
    """(1/N_c) Σ_s conj(P_s r) ⊛ m_s with explicit real and imaginary parts; memory [copies, 2, d]."""
    total = torch.zeros(2, permutations.shape[1])
    for s, p in enumerate(permutations):
        re, im = key[0][p], key[1][p]
        total[0] += re * memory[s, 0] + im * memory[s, 1]
        total[1] += re * memory[s, 1] - im * memory[s, 0]
    return (total / len(permutations)).flatten()


def halves_write(memory, key, change, permutations):
    new, (cr, ci) = memory.clone(), change.chunk(2)
    for s, p in enumerate(permutations):
        re, im = key[0][p], key[1][p]
        new[s, 0] += re * cr - im * ci
        new[s, 1] += re * ci + im * cr
    return new


def naive_step(rnn, x, memory, h, rest, phi=None):
    key = halves_bound(rnn.keys.weight @ torch.cat([x, h]))
    before = halves_read(memory, key, rnn.permutations)
    seen = [x] if rnn.config.cell == "lstm" else [x, h]
    seen = torch.cat([*seen, *([] if phi is None else [phi])])[None]
    state = LSTMState(before[None], rest[None]) if rnn.config.cell == "lstm" else GRUState(before[None])
    y, after = rnn.cell(seen, state)
    memory = halves_write(memory, key, after.memory[0] - before, rnn.permutations)
    return y[0], memory, key


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_the_am_rnn_is_its_equations(cell: str) -> None:
    rnn = AMRNN(AMRNNConfig(3, 6, copies=4, cell=cell))
    xs = torch.randn(2, 5, 3)
    ys, state = unroll(rnn, xs)
    for b in range(2):
        memory, h = torch.zeros(4, 2, 3), torch.zeros(6)
        for t in range(5):
            h, memory, _ = naive_step(rnn, xs[b, t], memory, h, h)
            torch.testing.assert_close(ys[b, t], h)
        torch.testing.assert_close(torch.view_as_real(state.memory[b]).movedim(-1, 1), memory)


@pytest.mark.parametrize("share", [True, False])
def test_the_dual_am_rnn_reads_the_other_memory(share: bool) -> None:
    dual = DualAMRNN(AMRNNConfig(3, 6, copies=4, share_key=share))
    source = torch.randn(2, 4, 3, dtype=torch.complex128)
    ys, state = unroll(dual, torch.randn(2, 4, 3), dual.beside(source))
    assert torch.equal(state.source, source)  # only read
    xs = torch.randn(2, 4, 3)
    ys, _ = unroll(dual, xs, dual.beside(source))
    for b in range(2):
        memory, h = torch.zeros(4, 2, 3), torch.zeros(6)
        other = torch.view_as_real(source[b]).movedim(-1, 1)
        for t in range(4):
            seen = torch.cat([xs[b, t], h])
            weight = dual.rnn.keys.weight if share else dual.source_key.weight
            phi = halves_read(other, halves_bound(weight @ seen), dual.rnn.permutations)
            h, memory, _ = naive_step(dual.rnn, xs[b, t], memory, h, None, phi)
            torch.testing.assert_close(ys[b, t], h)


def test_reading_again_gives_the_new_state_for_keys_of_modulus_one() -> None:
    """The rewritten read is a delta rule: exact for |r| = 1, scaled by |r|² else."""
    for normalise in (True, False):
        rnn = AMRNN(AMRNNConfig(3, 6, copies=4, normalise_keys=normalise))
        state = rnn.initial_state(2)._replace(memory=torch.randn(2, 4, 3, dtype=torch.complex128))
        x = torch.randn(2, 3)
        key = rnn.key(x, state.output)[:, 0]
        before = rnn.read(state.memory, key)
        y, new = rnn(x, state)
        again = rnn.read(new.memory, key)
        scale = as_complex(again - before) / as_complex(y - before)
        if normalise:
            torch.testing.assert_close(again, y)
        else:
            expected = key.abs().square()[:, rnn.permutations].mean(1)
            torch.testing.assert_close(scale, expected.to(scale.dtype))
            assert (expected < 0.999).any()


def test_real_and_complex_forms_are_inverse() -> None:
    real = torch.randn(2, 3, 8)
    assert torch.equal(as_real(as_complex(real)), real)


def test_extra_keys_feed_the_cell() -> None:
    rnn = AMRNN(AMRNNConfig(3, 6, copies=2, read_keys=2))
    assert rnn.keys.out_features == 18
    assert rnn.cell.input_size == 3 + 6 + 12
    ys, state = unroll(rnn, torch.randn(2, 4, 3))
    assert ys.shape == (2, 4, 6)
    assert state.memory.shape == (2, 2, 3)


def test_gradients() -> None:
    rnn = DualAMRNN(AMRNNConfig(2, 4, copies=2, share_key=False))
    source = torch.randn(1, 2, 2, dtype=torch.complex128, requires_grad=True)
    xs = torch.randn(1, 3, 2, requires_grad=True)
    assert gradcheck(lambda x, m: unroll(rnn, x, rnn.beside(m))[0], (xs, source))


def test_the_state_does_not_grow_with_the_sequence() -> None:
    rnn = AMRNN(AMRNNConfig(3, 6))
    sizes = {sum(p.numel() for p in unroll(rnn, torch.randn(1, t, 3))[1][:2]) for t in (1, 10, 100)}
    assert sizes == {8 * 3 + 6}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden_size": 7}, "even hidden_size of at least 2, got 7"),
        ({"cell": "rnn"}, "cell to be one of gru, lstm; got 'rnn'"),
        ({"copies": 0}, "copies >= 1"),
    ],
)
def test_bad_settings_are_explained(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        AMRNNConfig(**{"input_size": 3, "hidden_size": 6, **options})


def test_states_are_named() -> None:
    state = AMRNN(AMRNNConfig(3, 6, cell="lstm")).initial_state(2)
    assert isinstance(state, AMState)
    assert [part.shape for part in state.rest] == [(2, 6)]
