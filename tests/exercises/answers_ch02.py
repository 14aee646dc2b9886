"""Chapter 2: right and wrong answers. The wrong ones are written as a student would, not as the check has them."""

import torch
from torch import fft

from memlib.exercises import ch02
from memlib.mechanisms import holographic
from tests.exercises.answers import Answers


def unbind(key, memory):
    pairs = zip(key.flatten().tolist(), memory.flatten().tolist(), strict=True)
    entries = [complex(k.real, -k.imag) * m for k, m in pairs]
    return torch.tensor(entries, dtype=key.dtype).reshape(key.shape)


def unbind_in_place(key, memory):
    return key.conj_physical_() * memory


UNBIND = Answers(
    ch02.check_unbind,
    unbind,
    (
        ("no-conjugate", lambda key, memory: key * memory),
        ("divides", lambda key, memory: memory / key),
        ("divides", lambda key, memory: memory * key.conj() / key.abs() ** 2),
        ("conjugated-memory", lambda key, memory: key * torch.conj(memory)),
        ("conjugated-both", lambda key, memory: key.conj() * memory.conj()),
        ("real-part", lambda key, memory: (key.conj() * memory).real),
        ("summed", lambda key, memory: (key.conj() * memory).sum(dim=-1)),
        ("normalised-key", lambda key, memory: torch.polar(torch.ones_like(key.real), -key.angle()) * memory),
        ("modulus", lambda key, memory: key.abs() * memory),
        ("dtype", lambda key, memory: (key.conj() * memory).to(torch.complex64)),
        ("exception", lambda key, memory: key.conjugate() * memory),
        ("wrong-values", lambda key, memory: key.conj() + memory),
    ),
    unbind_in_place,
)


def bound(key):
    entries = [z / abs(z) if abs(z) > 1 else z for z in key.flatten().tolist()]
    return torch.tensor(entries, dtype=key.dtype).reshape(key.shape)


def bound_in_place(key):
    outside = key.abs() > 1
    key[outside] = key[outside] / key[outside].abs()
    return key


BOUND = Answers(
    ch02.check_bound,
    bound,
    (
        ("always-normalises", lambda key: key / key.abs()),
        ("normalises-but-zero", lambda key: torch.polar(key.abs().sign(), key.angle())),
        ("multiplies", lambda key: key * torch.maximum(torch.ones_like(key.abs()), key.abs())),
        ("per-part", lambda key: torch.clamp(key.real, -1, 1) + 1j * torch.clamp(key.imag, -1, 1)),
        ("whole-vector", lambda key: key / torch.linalg.norm(key, dim=-1, keepdim=True).clamp(min=1)),
        ("largest-entry", lambda key: key / key.abs().max(dim=-1, keepdim=True).values.clamp(min=1)),
        ("minimum", lambda key: key / torch.clamp(key.abs(), max=1.0)),
        ("modulus-only", lambda key: torch.clamp(key.abs(), max=1.0)),
        ("squared-modulus", lambda key: key / (key.real**2 + key.imag**2).clamp(min=1)),
        ("softened", lambda key: key / (key.abs() + 1)),
        ("precision", lambda key: key / (key.abs().clamp(min=1) + 1e-6)),
        ("exception", lambda key: key.clamp(max=1)),
    ),
    bound_in_place,
)


def circular_convolution(a, b):
    width = a.shape[-1]
    entries = [sum(a[..., k] * b[..., (j - k) % width] for k in range(width)) for j in range(width)]
    return torch.stack(entries, dim=-1)


def convolution_in_place(a, b):
    result = circular_convolution(a, b)
    a.zero_()
    return result


def padded(a, b):
    size = 2 * a.shape[-1] - 1
    return fft.ifft(fft.fft(a, n=size) * fft.fft(b, n=size)).real


CIRCULAR_CONVOLUTION = Answers(
    ch02.check_circular_convolution,
    circular_convolution,
    (
        ("linear", padded),
        ("linear-truncated", lambda a, b: padded(a, b)[..., : a.shape[-1]]),
        ("correlation", lambda a, b: fft.ifft(fft.fft(a).conj() * fft.fft(b)).real),
        ("correlation-reversed", lambda a, b: fft.ifft(fft.fft(a) * fft.fft(b).conj()).real),
        ("no-inverse", lambda a, b: fft.fft(a) * fft.fft(b)),
        ("no-inverse", lambda a, b: fft.rfft(a) * fft.rfft(b)),
        ("elementwise", lambda a, b: a * b),
        ("complex-result", lambda a, b: fft.ifft(fft.fft(a) * fft.fft(b))),
        ("odd-width", lambda a, b: fft.irfft(fft.rfft(a) * fft.rfft(b))),
        ("forward-twice", lambda a, b: fft.fft(fft.fft(a) * fft.fft(b)).real),
        ("wrong-axis", lambda a, b: fft.ifft(fft.fft(a, axis=0) * fft.fft(b, axis=0), axis=0).real),
        ("scaled", lambda a, b: fft.ifft(fft.fft(a) * fft.fft(b)).real / a.shape[-1]),
        (
            "scaled-ortho",
            lambda a, b: fft.ifft(fft.fft(a, norm="ortho") * fft.fft(b, norm="ortho"), norm="ortho").real,
        ),
        ("no-batch", lambda a, b: fft.ifftn(fft.fftn(a) * fft.fftn(b)).real),
    ),
    convolution_in_place,
)


def read(memory, key, permutations):
    copies, width = memory.shape
    entries = [sum(key[permutations[s, i]].conj() * memory[s, i] for s in range(copies)) / copies for i in range(width)]
    return torch.stack(entries)


def read_in_place(memory, key, permutations):
    memory *= key[permutations].conj()
    return memory.mean(0)


def read_inverse(memory, key, permutations):
    return torch.stack(
        [key[torch.argsort(order)].conj() * copy for order, copy in zip(permutations, memory, strict=True)]
    ).mean(0)


REDUNDANT_READ = Answers(
    ch02.check_redundant_read,
    read,
    (
        ("sum", lambda memory, key, permutations: (key[permutations].conj() * memory).sum(0)),
        (
            "permutes-memory",
            lambda memory, key, permutations: torch.stack(
                [key.conj() * m[p] for m, p in zip(memory, permutations, strict=True)]
            ).mean(0),
        ),
        ("inverse-permutation", read_inverse),
        ("first-copy", lambda memory, key, permutations: key.conj() * memory[0]),
        ("no-conjugate", lambda memory, key, permutations: (key[permutations] * memory).mean(0)),
        ("not-permuted", lambda memory, key, permutations: (key.conj() * memory).mean(0)),
        ("no-mean", lambda memory, key, permutations: key[permutations].conj() * memory),
        ("wrong-axis", lambda memory, key, permutations: (key[permutations].conj() * memory).mean(1)),
        ("conjugated-memory", lambda memory, key, permutations: (key[permutations] * memory.conj()).mean(0)),
        ("one-permutation", lambda memory, key, permutations: (key[permutations[-1]].conj() * memory).mean(0)),
        ("real-part", lambda memory, key, permutations: (key[permutations].conj() * memory).mean(0).real),
        ("exception", lambda memory, key, permutations: key.conj() @ memory),
        ("shape", lambda memory, key, permutations: key[permutations].conj().T @ memory),
    ),
    read_in_place,
)


def overwrite(memory, key, value, permutations):
    missing = value - read(memory, key, permutations)
    copies, width = memory.shape
    rows = [[memory[s, i] + key[permutations[s, i]] * missing[i] for i in range(width)] for s in range(copies)]
    return torch.stack([torch.stack(row) for row in rows])


def overwrite_in_place(memory, key, value, permutations):
    memory += key[permutations] * (value - read(memory, key, permutations))
    return memory


def own_reading(memory, key, value, permutations):
    bound_key = key[permutations]
    return memory + bound_key * (value - bound_key.conj() * memory)


OVERWRITE = Answers(
    ch02.check_overwrite,
    overwrite,
    (
        ("only-adds", lambda memory, key, value, permutations: memory + key[permutations] * value),
        ("own-reading", own_reading),
        ("conjugate", lambda m, k, v, p: m + k[p].conj() * (v - read(m, k, p))),
        ("replaces-memory", lambda m, k, v, p: holographic.write(torch.zeros_like(m), k, v, p)),
        ("only-the-change", lambda m, k, v, p: k[p] * (v - read(m, k, p))),
        ("not-permuted", lambda m, k, v, p: m + k * (v - read(m, k, p))),
        ("only-erases", lambda m, k, v, p: m - k[p] * read(m, k, p)),
        ("sign", lambda m, k, v, p: m + k[p] * (read(m, k, p) - v)),
        ("unbound", lambda m, k, v, p: m + v - read(m, k, p)),
        ("read-without-conjugate", lambda m, k, v, p: m + k[p] * (v - (k[p] * m).mean(0))),
        ("sum-of-readings", lambda m, k, v, p: m + k[p] * (v - (k[p].conj() * m).sum(0))),
        ("plain-read", lambda m, k, v, p: m + k[p] * (v - (k.conj() * m).mean(0))),
        ("wrong-values", lambda m, k, v, p: m + k[p] * (v + read(m, k, p))),
    ),
    overwrite_in_place,
)

ALL = (UNBIND, BOUND, CIRCULAR_CONVOLUTION, REDUNDANT_READ, OVERWRITE)
LIBRARY = {
    "unbind": holographic.unbind,
    "bound": holographic.bound,
    "circular_convolution": holographic.circular_convolution,
    "redundant_read": holographic.read,
    "overwrite": holographic.overwrite,
}
