"""Holographic memory against its equations, and retrieval noise against its law."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck

from memlib.mechanisms import associative, holographic

from . import naive

sizes = st.integers(1, 9)
seeds = st.integers(0, 2**31)


def draw(*shape: int, seed: int, dtype: torch.dtype = torch.complex128) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def keys(*shape: int, seed: int) -> torch.Tensor:
    source = torch.Generator().manual_seed(seed)
    return holographic.random_keys(*shape, generator=source, dtype=torch.complex128)


def test_random_keys_have_modulus_one_and_mean_zero() -> None:
    drawn = keys(400, 250, seed=1)
    torch.testing.assert_close(drawn.abs(), torch.ones(400, 250, dtype=torch.float64))
    assert drawn.mean().abs() < 4 / 100_000**0.5


@settings(deadline=None, max_examples=40)
@given(d=sizes, seed=seeds)
def test_binding_is_the_printed_product_and_one_pair_comes_back(d: int, seed: int) -> None:
    key, value = keys(d, seed=seed), draw(d, seed=seed + 1)
    memory = holographic.bind(key, value)
    torch.testing.assert_close(memory, naive.complex_product(key, value))
    torch.testing.assert_close(holographic.unbind(key, memory), value)
    assert d == 1 or not torch.allclose(holographic.bind(key, memory), value)  # without the conjugate it does not


@settings(deadline=None, max_examples=40)
@given(d=st.integers(1, 12), seed=seeds)
def test_convolution_is_binding_in_the_fourier_basis(d: int, seed: int) -> None:
    a, b = draw(d, seed=seed, dtype=torch.float64), draw(d, seed=seed + 1, dtype=torch.float64)
    bound_pair = holographic.circular_convolution(a, b)
    torch.testing.assert_close(bound_pair, naive.circular_convolution(a, b))
    torch.testing.assert_close(torch.fft.fft(bound_pair), holographic.bind(torch.fft.fft(a), torch.fft.fft(b)))
    read = holographic.circular_correlation(a, b)
    torch.testing.assert_close(read, naive.circular_correlation(a, b))
    torch.testing.assert_close(torch.fft.fft(read), holographic.unbind(torch.fft.fft(a), torch.fft.fft(b)))


@settings(deadline=None, max_examples=40)
@given(d=sizes, scale=st.floats(0.01, 50), seed=seeds)
def test_bound_never_exceeds_one_and_keeps_the_direction(d: int, scale: float, seed: int) -> None:
    key = scale * draw(d, seed=seed)
    bounded = holographic.bound(key)
    assert (bounded.abs() <= 1 + 1e-12).all()
    torch.testing.assert_close(bounded.angle(), key.angle())
    torch.testing.assert_close(bounded, naive.bound(key))
    inside = key.abs() <= 1
    assert torch.equal(bounded[inside], key[inside])


def test_a_modulus_below_one_shrinks_what_is_read() -> None:
    key, value = 0.6 * keys(8, seed=1), draw(8, seed=2)
    torch.testing.assert_close(holographic.unbind(key, holographic.bind(key, value)), 0.36 * value)


def test_permutations_are_permutations_and_start_with_the_identity(generator: torch.Generator) -> None:
    drawn = holographic.permutations(6, 50, generator)
    assert torch.equal(drawn[0], torch.arange(50))
    assert torch.equal(drawn.sort(-1).values, torch.arange(50).expand(6, 50))
    assert len({tuple(row.tolist()) for row in drawn}) == 6


@settings(deadline=None, max_examples=40)
@given(copies=st.integers(1, 4), d=sizes, seed=seeds)
def test_redundant_memory_is_the_loops(copies: int, d: int, seed: int) -> None:
    permutations = holographic.permutations(copies, d, torch.Generator().manual_seed(seed))
    memory, key, value = draw(copies, d, seed=seed), draw(d, seed=seed + 1), draw(d, seed=seed + 2)
    written = holographic.write(memory, key, value, permutations)
    torch.testing.assert_close(written, naive.redundant_write(memory, key, value, permutations))
    torch.testing.assert_close(
        holographic.read(written, key, permutations), naive.redundant_read(written, key, permutations)
    )


@settings(deadline=None, max_examples=40)
@given(copies=st.integers(1, 4), d=sizes, strength=st.floats(0, 2), seed=seeds)
def test_overwrite_is_a_delta_rule_scaled_by_the_squared_modulus(
    copies: int, d: int, strength: float, seed: int
) -> None:
    permutations = holographic.permutations(copies, d, torch.Generator().manual_seed(seed))
    memory, key, value = draw(copies, d, seed=seed), draw(d, seed=seed + 1), draw(d, seed=seed + 2)
    before = holographic.read(memory, key, permutations)
    after = holographic.read(holographic.overwrite(memory, key, value, permutations, strength), key, permutations)
    scale = key.abs().square()[permutations].mean(0)
    torch.testing.assert_close(after, before + strength * scale * (value - before))
    unit_key = key / key.abs()
    replaced = holographic.overwrite(memory, unit_key, value, permutations)
    torch.testing.assert_close(holographic.read(replaced, unit_key, permutations), value)


def test_d_shifted_copies_are_the_outer_product_memory() -> None:
    d, n = 7, 5
    shifts = (torch.arange(d).unsqueeze(1) + torch.arange(d)) % d
    r, x = keys(n, d, seed=1), draw(n, d, seed=2)
    memory = torch.zeros(d, d, dtype=torch.complex128)
    for key, value in zip(r, x, strict=True):
        memory = holographic.write(memory, key, value, shifts)
    matrix = torch.einsum("nk,nv->kv", r, x)
    torch.testing.assert_close(memory.gather(0, (torch.arange(d).unsqueeze(1) - torch.arange(d)) % d), matrix)
    read = holographic.read(memory, r[2], shifts)
    torch.testing.assert_close(read, (r[2].conj() / d) @ matrix)


def test_batches_and_gradients() -> None:
    permutations = holographic.permutations(3, 4, torch.Generator().manual_seed(0))
    memory, key, value = draw(5, 3, 4, seed=1), draw(5, 4, seed=2), draw(4, seed=3)
    written = holographic.overwrite(memory, key, value, permutations, 0.5)
    torch.testing.assert_close(written[3], holographic.overwrite(memory[3], key[3], value, permutations, 0.5))
    inputs = [memory[0].requires_grad_(), key[0].requires_grad_(), value.requires_grad_()]
    assert gradcheck(lambda m, k, v: holographic.overwrite(m, k, v, permutations, 0.5), inputs)
    assert gradcheck(lambda m, k: holographic.read(m, holographic.bound(k), permutations), inputs[:2])


def measured_noise(r: torch.Tensor, x: torch.Tensor, copies: int, generator: torch.Generator) -> torch.Tensor:
    """Mean squared retrieval error of each trial: keys and values [trials, n, d], fresh permutations a trial."""
    trials, n, d = r.shape
    figures = []
    for t in range(trials):
        permutations = holographic.permutations(copies, d, generator)
        memory = (r[t][:, permutations] * x[t].unsqueeze(1)).sum(0)
        figures.append((holographic.read(memory.expand(n, -1, -1), r[t], permutations) - x[t]).abs().square().mean())
    return torch.stack(figures)


def agrees(measured: torch.Tensor, law: float) -> None:
    standard_error = measured.std() / len(measured) ** 0.5
    assert abs(measured.mean() - law) < 4 * standard_error
    assert standard_error < 0.06 * law  # the test can tell a wrong law


@pytest.mark.parametrize(
    ("items", "copies", "dim"),
    [(2, 1, 64), (12, 1, 64), (12, 4, 64), (12, 16, 64), (12, 16, 8), (40, 64, 16), (5, 8, 256)],
)
def test_noise_falls_with_copies_as_the_law_says(items: int, copies: int, dim: int) -> None:
    generator = torch.Generator().manual_seed(items * copies * dim)
    r = holographic.random_keys(300, items, dim, generator=generator, dtype=torch.complex128)
    x = torch.randn(300, items, dim, generator=generator, dtype=torch.complex128)
    agrees(measured_noise(r, x, copies, generator), holographic.retrieval_noise_variance(items, copies, dim))


@pytest.mark.parametrize(("copies", "spread"), [(1, 1.0), (16, 1.0), (16, 0.3), (16, 2.5)])
def test_copies_help_less_where_keys_are_alike(copies: int, spread: float) -> None:
    """Phases are a common one plus uniform noise in ±spread, so E[r̄ r'] = (sin(spread) / spread)²."""
    generator = torch.Generator().manual_seed(copies)
    items, dim = 10, 64
    common = holographic.random_keys(300, 1, dim, generator=generator, dtype=torch.complex128)
    noise = spread * (2 * torch.rand(300, items, dim, generator=generator, dtype=torch.float64) - 1)
    r = common * torch.polar(torch.ones_like(noise), noise)
    x = torch.randn(300, items, dim, generator=generator, dtype=torch.complex128)
    alike = float((torch.sin(torch.tensor(spread)) / spread) ** 2)
    law = holographic.retrieval_noise_variance(items, copies, dim, correlation=alike)
    agrees(measured_noise(r, x, copies, generator), law)


def test_the_noise_of_real_binding_is_that_of_one_copy(generator: torch.Generator) -> None:
    """Plate's real vectors of variance 1/d: correlation gives the value plus noise of about n/d an entry."""
    n, d, trials = 6, 256, 300
    a = torch.randn(trials, n, d, generator=generator, dtype=torch.float64) / d**0.5
    x = torch.randn(trials, n, d, generator=generator, dtype=torch.float64) / d**0.5
    memory = holographic.circular_convolution(a, x).sum(1, keepdim=True)
    noise = (holographic.circular_correlation(a, memory) - x).square().mean((1, 2))
    agrees(noise, n / d)


def test_outer_product_and_holographic_memory_trade_size_for_noise() -> None:
    """At d copies the noise of the holographic memory is within a factor of two of the outer product's."""
    n, d = 9, 32
    holographic_noise = holographic.retrieval_noise_variance(n, d, d)
    assert associative.crosstalk_variance(n, d) < holographic_noise < 2 * associative.crosstalk_variance(n, d)
