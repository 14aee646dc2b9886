"""Chapter 2: right and wrong answers. The wrong ones are written as a student would, not as the check has them."""

import torch
from torch import fft

from memlib.exercises import ch02
from memlib.mechanisms import holographic
from tests.exercises.answers import Answers
from tests.exercises.answers_ch02_copies import COPIES
from tests.exercises.answers_ch02_redundant import OVERWRITE, REDUNDANT_READ


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
        ("replaced-by-one", lambda key: torch.where(key.abs() > 1, 1, key)),
        ("replaced-by-one", lambda key: key.masked_fill(key.abs() > 1, 1.0)),
        ("squared-modulus", lambda key: key / (key.real**2 + key.imag**2).clamp(min=1)),
        ("softened", lambda key: key / (key.abs() + 1)),
        ("precision", lambda key: key / (key.abs().clamp(min=1) + 1e-6)),
        ("exception", lambda key: key.clamp(max=1)),
        ("exception", lambda key: key / max(1, key.abs())),
    ),
    bound_in_place,
)


def circular_convolution(a, b):
    return fft.ifft(fft.fft(a) * fft.fft(b)).real


def convolution_by_loop(a, b):
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
        ("no-fft", convolution_by_loop),
        (
            "no-fft",
            lambda a, b: torch.stack([(a * b.flip(-1).roll(j + 1, -1)).sum(-1) for j in range(a.shape[-1])], -1),
        ),
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

ALL = (UNBIND, BOUND, CIRCULAR_CONVOLUTION, REDUNDANT_READ, OVERWRITE, COPIES)
LIBRARY = {
    "unbind": holographic.unbind,
    "bound": holographic.bound,
    "circular_convolution": holographic.circular_convolution,
    "redundant_read": holographic.read,
    "overwrite": holographic.overwrite,
}
