"""Holographic memory: holographic reduced representations with complex keys, and redundant copies.

A key r and a value x are complex vectors of the same width d. Binding multiplies them entry by entry, so a whole memory
has the size of one value. A key whose entries have modulus 1 is undone by its conjugate. Circular convolution of real
vectors is the same thing seen through a Fourier transform.

Papers: Plate 1995 (the representation), Danihelka et al. 2016 (complex keys, permuted copies, `bound`), Weissenborn
2016 (whose Eq. 1-4 and 7 this file follows, corrected as the book's errata page says).
Deviations: complex vectors are complex tensors, not two halves side by side. `overwrite` is the delta rule of
`memlib.mechanisms.associative` carried over; Weissenborn's Eq. 9 is its case of strength 1.
"""

import torch
from jaxtyping import Complex, Float, Int
from torch import Tensor

from memlib.mechanisms.shapes import checked


def random_keys(
    *shape: int, generator: torch.Generator | None = None, dtype: torch.dtype = torch.complex64
) -> Complex[Tensor, "*shape"]:
    """Draw keys with modulus 1 and independent phases, uniform over the circle.

    Args:
        shape: of the result, for example ``random_keys(n, d)``; the last axis is the width d.
        generator: the source of randomness; torch's global one when None.
        dtype: complex64 or complex128.

    Returns:
        Keys [*shape].

    Raises:
        TypeError: dtype is not complex.

    Source: danihelka2016
    """
    if not dtype.is_complex:
        raise TypeError(f"random_keys: expected dtype torch.complex64 or torch.complex128, got {dtype}.")
    phase = 2 * torch.pi * torch.rand(*shape, generator=generator, dtype=dtype.to_real())
    return torch.polar(torch.ones_like(phase), phase)


@checked
def bind(key: Complex[Tensor, "*#batch d"], value: Complex[Tensor, "*#batch d"]) -> Complex[Tensor, "*#batch d"]:
    """Bind a value to a key: r ⊛ x, the complex product entry by entry, [..., d].

    Args:
        key: r, [..., d].
        value: x, [..., d].

    Source: weissenborn2016, Eq. 1
    """
    return key * value


@checked
def unbind(key: Complex[Tensor, "*#batch d"], memory: Complex[Tensor, "*#batch d"]) -> Complex[Tensor, "*#batch d"]:
    """Undo a binding: r̄ ⊛ m, the product with the key's conjugate. Gives |r|² x for a memory of one pair.

    Args:
        key: r, [..., d].
        memory: m, [..., d].

    Returns:
        The retrieved value [..., d], with noise from every other pair in the memory.

    Source: weissenborn2016, Eq. 3
    """
    return key.conj() * memory


@checked
def bound(key: Complex[Tensor, "*batch d"]) -> Complex[Tensor, "*batch d"]:
    """Bring the modulus of each entry down to at most 1, keeping its direction: r / max(1, |r|).

    Entries inside the unit circle stay as they are: |r| <= 1, not |r| = 1.

    Args:
        key: r, [..., d].

    Returns:
        The bounded key [..., d].

    Raises:
        TypeError: key is no complex tensor.

    Source: weissenborn2016, Eq. 7
    """
    return key * key.abs().clamp(min=1.0).reciprocal()


def permutations(copies: int, dim: int, generator: torch.Generator | None = None) -> Int[Tensor, "copies dim"]:
    """Draw one random permutation of the entries for each copy of a memory; the first is the identity.

    Args:
        copies: the number of copies, at least 1.
        dim: d, the width of keys and values, at least 1.
        generator: the source of randomness; torch's global one when None.

    Returns:
        Indices [copies, dim]: copy s sees the key ``key[..., permutations[s]]``.

    Raises:
        ValueError: copies or dim is below 1.

    Source: weissenborn2016, Eq. 4
    """
    if copies < 1 or dim < 1:
        raise ValueError(f"permutations: expected copies >= 1 and dim >= 1, got copies={copies}, dim={dim}.")
    drawn = [torch.randperm(dim, generator=generator) for _ in range(copies - 1)]
    return torch.stack([torch.arange(dim), *drawn])


@checked
def write(
    memory: Complex[Tensor, "*#batch copies d"],
    key: Complex[Tensor, "*#batch d"],
    value: Complex[Tensor, "*#batch d"],
    permutations: Int[Tensor, "copies d"],
) -> Complex[Tensor, "*#batch copies d"]:
    """Add a pair to every copy, each under its own permutation of the key: m_s + (P_s r) ⊛ x.

    Args:
        memory: m, [..., copies, d].
        key: r, [..., d].
        value: x, [..., d].
        permutations: P as indices, [copies, d].

    Returns:
        The new memory [..., copies, d].

    Source: weissenborn2016, Eq. 4
    """
    return memory + bind(key[..., permutations], value.unsqueeze(-2))


@checked
def read(
    memory: Complex[Tensor, "*#batch copies d"],
    key: Complex[Tensor, "*#batch d"],
    permutations: Int[Tensor, "copies d"],
) -> Complex[Tensor, "*#batch d"]:
    """Read every copy with its permuted key and average: (1/N_c) Σ_s conj(P_s r) ⊛ m_s.

    Args:
        memory: m, [..., copies, d].
        key: r, [..., d].
        permutations: the ones that the memory was written with, [copies, d].

    Returns:
        The retrieved value [..., d].

    Source: weissenborn2016, Eq. 4
    """
    return unbind(key[..., permutations], memory).mean(-2)


@checked
def overwrite(
    memory: Complex[Tensor, "*#batch copies d"],
    key: Complex[Tensor, "*#batch d"],
    value: Complex[Tensor, "*#batch d"],
    permutations: Int[Tensor, "copies d"],
    strength: Float[Tensor, "*#batch 1"] | float = 1.0,
) -> Complex[Tensor, "*#batch copies d"]:
    """Replace what a key retrieves (the delta rule): m_s + β (P_s r) ⊛ (x - x̂), with x̂ read before the write.

    Reading again gives x̂ + β c (x - x̂), where c is the mean of |P_s r|² over the copies: x itself for keys of modulus
    1 and β = 1.

    Args:
        memory: m, [..., copies, d].
        key: r, [..., d].
        value: x, [..., d].
        permutations: [copies, d].
        strength: β, a number or [..., 1]; 0 leaves the memory alone, 1 replaces.

    Returns:
        The new memory [..., copies, d].

    Source: weissenborn2016, Eq. 9
    """
    return write(memory, key, strength * (value - read(memory, key, permutations)), permutations)


@checked
def circular_convolution(a: Float[Tensor, "*#batch d"], b: Float[Tensor, "*#batch d"]) -> Float[Tensor, "*#batch d"]:
    """Bind real vectors: c_j = Σ_k a_k b_{(j-k) mod d}, computed by FFT in O(d log d).

    Args:
        a: [..., d].
        b: [..., d].

    Returns:
        [..., d]. Its Fourier transform is the product of theirs: `bind` in another basis.

    Source: plate1995
    """
    return torch.fft.irfft(torch.fft.rfft(a) * torch.fft.rfft(b), n=a.shape[-1])


@checked
def circular_correlation(a: Float[Tensor, "*#batch d"], b: Float[Tensor, "*#batch d"]) -> Float[Tensor, "*#batch d"]:
    """Unbind real vectors: c_j = Σ_k a_k b_{(j+k) mod d}, computed by FFT. The key comes first.

    Args:
        a: the key, [..., d].
        b: the memory, [..., d].

    Returns:
        [..., d]. Its Fourier transform is conj(F a) times F b: `unbind` in another basis.

    Source: plate1995
    """
    return torch.fft.irfft(torch.fft.rfft(a).conj() * torch.fft.rfft(b), n=a.shape[-1])


def retrieval_noise_variance(
    items: int, copies: int, dim: int, value_variance: float = 1.0, correlation: float = 0.0
) -> float:
    """Mean |noise|² of one entry of what is read, for keys of modulus 1: (n - 1) σ² (ρ² + (1 - ρ²) κ).

    κ = 1/N_c + (1 - 1/N_c)/d is what averaging N_c random permutations leaves: two permutations send an entry to the
    same place once in d times, so no number of copies brings κ below 1/d. ρ = |E[r̄_i r'_i]| measures how alike two keys
    are, entry by entry; averaging does not touch that part.

    Args:
        items: n, the number of stored pairs, at least 1.
        copies: N_c, at least 1.
        dim: d, the width, at least 1.
        value_variance: σ², the mean of |x|² for an entry of a value; values are independent with mean 0.
        correlation: ρ between 0 (independent phases) and 1 (one key for all).

    Returns:
        The expected squared modulus of the noise in one entry.

    Raises:
        ValueError: an argument is out of its range.

    Source: weissenborn2016, Eq. 4
    """
    if items < 1 or copies < 1 or dim < 1 or value_variance < 0 or not 0 <= correlation <= 1:
        raise ValueError(
            "retrieval_noise_variance: expected items, copies and dim >= 1, value_variance >= 0 and "
            f"0 <= correlation <= 1; got items={items}, copies={copies}, dim={dim}, "
            f"value_variance={value_variance}, correlation={correlation}."
        )
    averaged = 1 / copies + (1 - 1 / copies) / dim
    return (items - 1) * value_variance * (correlation**2 + (1 - correlation**2) * averaged)
