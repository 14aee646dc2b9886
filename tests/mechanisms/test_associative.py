"""The matrix memory against its equations, and crosstalk against its law."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck

from memlib.mechanisms import associative

from . import naive

sizes = st.integers(1, 7)
seeds = st.integers(0, 2**31)


def draw(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@settings(deadline=None, max_examples=40)
@given(dk=sizes, dv=sizes, seed=seeds)
def test_write_and_recall_are_the_loops(dk: int, dv: int, seed: int) -> None:
    memory, key, value = draw(dk, dv, seed=seed), draw(dk, seed=seed + 1), draw(dv, seed=seed + 2)
    torch.testing.assert_close(associative.hebbian_write(memory, key, value), naive.outer_write(memory, key, value))
    torch.testing.assert_close(associative.recall(memory, key), naive.recall(memory, key))


@settings(deadline=None, max_examples=40)
@given(n=sizes, dk=sizes, dv=sizes, seed=seeds)
def test_store_is_n_writes(n: int, dk: int, dv: int, seed: int) -> None:
    keys, values = draw(n, dk, seed=seed), draw(n, dv, seed=seed + 1)
    memory = torch.zeros(dk, dv, dtype=torch.float64)
    for key, value in zip(keys, values, strict=True):
        memory = associative.hebbian_write(memory, key, value)
    torch.testing.assert_close(associative.store(keys, values), memory)


@settings(deadline=None, max_examples=30)
@given(n=sizes, dk=sizes, dv=sizes, seed=seeds)
def test_recall_is_the_value_plus_crosstalk(n: int, dk: int, dv: int, seed: int) -> None:
    keys, values = associative.unit(draw(n, dk, seed=seed)), draw(n, dv, seed=seed + 1)
    memory = associative.store(keys, values)
    noise = associative.crosstalk(keys, values)
    torch.testing.assert_close(noise, naive.crosstalk(keys, values))
    torch.testing.assert_close(associative.recall(memory, keys), values + noise)


def test_orthogonal_keys_have_no_crosstalk() -> None:
    keys = torch.linalg.qr(draw(9, 9, seed=3)).Q
    values = draw(9, 4, seed=4)
    assert associative.crosstalk(keys, values).abs().max() < 1e-14
    torch.testing.assert_close(associative.recall(associative.store(keys, values), keys), values)


@settings(deadline=None, max_examples=40)
@given(dk=sizes, dv=sizes, strength=st.floats(0, 2), seed=seeds)
def test_delta_write_moves_the_reading_towards_the_value(dk: int, dv: int, strength: float, seed: int) -> None:
    memory, key, value = draw(dk, dv, seed=seed), draw(dk, seed=seed + 1), draw(dv, seed=seed + 2)
    before = associative.recall(memory, key)
    after = associative.recall(associative.delta_write(memory, key, value, strength), key)
    torch.testing.assert_close(after, before + strength * key.square().sum() * (value - before))


def test_delta_write_with_a_unit_key_replaces_and_spares_orthogonal_keys() -> None:
    keys = torch.linalg.qr(draw(5, 5, seed=7)).Q
    memory = associative.store(keys, draw(5, 3, seed=8))
    value = draw(3, seed=9)
    after = associative.delta_write(memory, keys[2], value)
    torch.testing.assert_close(associative.recall(after, keys[2]), value)
    others = [0, 1, 3, 4]
    torch.testing.assert_close(associative.recall(after, keys[others]), associative.recall(memory, keys[others]))


def test_repeated_delta_writes_remove_crosstalk_where_keys_are_independent() -> None:
    keys, values = associative.unit(draw(6, 12, seed=1)), draw(6, 3, seed=2)
    memory = torch.zeros(12, 3, dtype=torch.float64)
    for _ in range(400):
        for key, value in zip(keys, values, strict=True):
            memory = associative.delta_write(memory, key, value)
    torch.testing.assert_close(associative.recall(memory, keys), values, rtol=0, atol=1e-9)


def test_functions_batch_over_leading_axes() -> None:
    memory, key, value = draw(4, 1, 3, 2, seed=1), draw(5, 3, seed=2), draw(5, 2, seed=3)
    strength = torch.rand(5, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    written = associative.delta_write(memory, key, value, strength)
    assert written.shape == (4, 5, 3, 2)
    alone = associative.delta_write(memory[2, 0], key[3], value[3], float(strength[3]))
    torch.testing.assert_close(written[2, 3], alone)


@pytest.mark.parametrize("function", [associative.delta_write, associative.hebbian_write])
def test_gradients_of_writes(function) -> None:
    inputs = [draw(3, 2, seed=1), draw(3, seed=2), draw(2, seed=3)]
    assert gradcheck(function, [x.requires_grad_() for x in inputs])


def test_gradients_of_reads_and_energies() -> None:
    keys, values = draw(4, 3, seed=1).requires_grad_(), draw(4, 2, seed=2).requires_grad_()
    assert gradcheck(associative.crosstalk, (keys, values))
    state, patterns = draw(3, seed=3).requires_grad_(), draw(4, 3, seed=4).requires_grad_()
    assert gradcheck(lambda s, p: associative.modern_hopfield_energy(s, p, 1.5), (state, patterns))
    assert gradcheck(lambda s, p: associative.modern_hopfield_update(s, p, 1.5), (state, patterns))


@pytest.mark.parametrize(("items", "dim"), [(2, 16), (10, 16), (10, 256), (80, 64), (300, 64)])
def test_crosstalk_follows_its_law(items: int, dim: int, generator: torch.Generator) -> None:
    trials = 4000 if items * dim < 1000 else 300
    keys = associative.unit(torch.randn(trials, items, dim, generator=generator, dtype=torch.float64))
    values = 1.7 * torch.randn(trials, items, 8, generator=generator, dtype=torch.float64)
    measured = associative.crosstalk(keys, values).square().mean(dim=(1, 2))  # one figure a trial
    law = associative.crosstalk_variance(items, dim, value_variance=1.7**2)
    standard_error = measured.std() / trials**0.5
    assert abs(measured.mean() - law) < 4 * standard_error
    assert standard_error < 0.05 * law  # the test can tell a wrong law


def hopfield_patterns(count: int, d: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randint(0, 2, (count, d), generator=generator).double() * 2 - 1


def test_hopfield_weights_and_energy_are_the_loops(generator: torch.Generator) -> None:
    patterns = hopfield_patterns(3, 6, generator)
    weights = associative.hopfield_weights(patterns)
    torch.testing.assert_close(weights, naive.hopfield_weights(patterns))
    state = hopfield_patterns(1, 6, generator)[0]
    assert float(associative.hopfield_energy(state, weights)) == pytest.approx(naive.hopfield_energy(state, weights))


def test_one_unit_at_a_time_never_raises_the_energy(generator: torch.Generator) -> None:
    weights = associative.hopfield_weights(hopfield_patterns(12, 30, generator))
    state = hopfield_patterns(20, 30, generator)
    start = energy = associative.hopfield_energy(state, weights)
    for unit in torch.randint(0, 30, (200,), generator=generator).tolist():
        state = associative.hopfield_update(state, weights, unit)
        now = associative.hopfield_energy(state, weights)
        assert (now <= energy + 1e-12).all()
        energy = now
    assert (energy < start).any()


def test_hopfield_completes_a_damaged_pattern_under_a_light_load(generator: torch.Generator) -> None:
    patterns = hopfield_patterns(5, 200, generator)
    weights = associative.hopfield_weights(patterns)
    damaged = patterns.clone()
    damaged[:, :40] *= -1
    for _ in range(5):
        damaged = associative.hopfield_update(damaged, weights)
    assert torch.equal(damaged, patterns)


def test_hopfield_fails_under_a_heavy_load(generator: torch.Generator) -> None:
    patterns = hopfield_patterns(60, 200, generator)  # 0.3 patterns a unit, above the limit of about 0.14
    kept = associative.hopfield_update(patterns, associative.hopfield_weights(patterns)) == patterns
    assert kept.all(-1).float().mean() < 0.2


def test_a_unit_without_input_keeps_its_state() -> None:
    state = torch.tensor([1.0, -1.0])
    assert torch.equal(associative.hopfield_update(state, torch.zeros(2, 2)), state)


def test_modern_hopfield_is_the_loop_and_recalls_where_the_classical_fails(generator: torch.Generator) -> None:
    patterns = hopfield_patterns(60, 200, generator)
    noisy = patterns + 0.5 * torch.randn(60, 200, generator=generator, dtype=torch.float64)
    recalled = associative.modern_hopfield_update(noisy, patterns, beta=1.0)
    torch.testing.assert_close(recalled, patterns, rtol=0, atol=1e-9)
    small, state = draw(4, 3, seed=5), draw(3, seed=6)
    torch.testing.assert_close(
        associative.modern_hopfield_update(state, small, 0.7), naive.softmax_recall(state, small, 0.7)
    )


@settings(deadline=None, max_examples=40)
@given(n=sizes, d=sizes, beta=st.floats(0.05, 20), seed=seeds)
def test_modern_update_lowers_its_energy(n: int, d: int, beta: float, seed: int) -> None:
    patterns, state = draw(n, d, seed=seed), draw(d, seed=seed + 1)
    before = associative.modern_hopfield_energy(state, patterns, beta)
    after = associative.modern_hopfield_energy(
        associative.modern_hopfield_update(state, patterns, beta), patterns, beta
    )
    assert after <= before + 1e-10
    assert after >= -1e-10


def test_the_modern_energy_is_exact_in_double() -> None:
    """One pattern, the state on it: -|x|² + ½|x|² + ½|x|² = 0. Of n alike, log n cancels to the last digits too."""
    pattern = torch.randn(7, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    energy = associative.modern_hopfield_energy(pattern, pattern.expand(3, 7), 0.5)
    assert abs(energy.item()) < 1e-14
