"""Forgetting the whole array against forgetting through a key."""

import pytest
import torch
from torch.autograd import gradcheck

from memlib.mechanisms import holographic
from memlib.models.am_rnn import as_complex
from memlib.models.baselines.associative_lstm import AssociativeLSTM, AssociativeLSTMConfig, AssociativeState
from memlib.models.recurrent import unroll


@pytest.fixture(autouse=True)
def doubles():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(2)
    yield
    torch.set_default_dtype(torch.float32)


def test_a_step_is_its_equations() -> None:
    cell = AssociativeLSTM(AssociativeLSTMConfig(3, 8, copies=3))
    x = torch.randn(1, 3)
    state = AssociativeState(torch.randn(1, 3, 4, dtype=torch.complex128), torch.randn(1, 8))
    y, new = cell(x, state)
    raw = cell.layer.weight @ torch.cat([x[0], state.output[0]]) + cell.layer.bias
    keep, write, show = (torch.sigmoid(raw[4 * i : 4 * i + 4]) for i in range(3))
    keys = [holographic.bound(as_complex(raw[12 + 8 * i : 20 + 8 * i])) for i in range(3)]
    total = torch.zeros(4, dtype=torch.complex128)
    for s, p in enumerate(cell.permutations):
        copy = keep * state.memory[0, s] + keys[0][p] * (write * keys[2])
        torch.testing.assert_close(new.memory[0, s], copy)
        total += keys[1][p] * copy / 3
    shown = show * holographic.bound(total)
    torch.testing.assert_close(y[0], torch.cat([shown.real, shown.imag]))


def test_keyed_forgetting_spares_what_other_keys_hold() -> None:
    """Ten writes with the forget gate half shut: the array loses all of an old pair, the keyed memory little of it."""
    generator = torch.Generator().manual_seed(5)
    left = {}
    for forget in ("array", "keyed"):
        cell = AssociativeLSTM(AssociativeLSTMConfig(3, 128, copies=16, forget=forget))
        keys = holographic.random_keys(11, 200, 64, generator=generator, dtype=torch.complex128)
        value = holographic.random_keys(200, 64, generator=generator, dtype=torch.complex128)
        empty = torch.zeros(200, 16, 64, dtype=torch.complex128)
        memory = holographic.write(empty, keys[0], value, cell.permutations)
        keep = torch.full((200, 64), 0.5)
        for key in keys[1:]:
            memory = cell.forget(memory, key, keep)
        found = holographic.read(memory, keys[0], cell.permutations)
        left[forget] = float((value.conj() * found).real.mean())
    assert left["array"] == pytest.approx(0.5**10)
    kappa = holographic.retrieval_noise_variance(2, 16, 64)
    assert left["keyed"] == pytest.approx((1 - 0.5 * kappa) ** 10, abs=0.02)


@pytest.mark.parametrize("forget", ["array", "keyed"])
def test_gradients(forget: str) -> None:
    cell = AssociativeLSTM(AssociativeLSTMConfig(2, 4, copies=2, forget=forget))
    xs = torch.randn(1, 3, 2, requires_grad=True)
    assert gradcheck(lambda x: unroll(cell, x)[0], (xs,))


def test_bad_settings_are_explained() -> None:
    with pytest.raises(ValueError, match="'array' or 'keyed', got 'all'"):
        AssociativeLSTMConfig(3, 8, forget="all")
    with pytest.raises(ValueError, match="even hidden_size"):
        AssociativeLSTMConfig(3, 7)
