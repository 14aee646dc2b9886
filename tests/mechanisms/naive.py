"""The equations once more, as loops over numbers: the oracles of the tests beside this file."""

import cmath
import math

import torch
from torch import Tensor


def outer_write(memory: Tensor, key: Tensor, value: Tensor) -> Tensor:
    result = memory.clone()
    for i in range(len(key)):
        for j in range(len(value)):
            result[i, j] = memory[i, j] + key[i] * value[j]
    return result


def recall(memory: Tensor, key: Tensor) -> Tensor:
    result = torch.zeros(memory.shape[1], dtype=memory.dtype)
    for j in range(memory.shape[1]):
        for i in range(memory.shape[0]):
            result[j] += key[i] * memory[i, j]
    return result


def crosstalk(keys: Tensor, values: Tensor) -> Tensor:
    result = torch.zeros_like(values)
    for i in range(len(keys)):
        for j in range(len(keys)):
            if j != i:
                result[i] += sum(keys[i, a] * keys[j, a] for a in range(keys.shape[1])) * values[j]
    return result


def hopfield_weights(patterns: Tensor) -> Tensor:
    count, d = patterns.shape
    result = torch.zeros(d, d, dtype=patterns.dtype)
    for i in range(d):
        for j in range(d):
            if i != j:
                result[i, j] = sum(patterns[m, i] * patterns[m, j] for m in range(count)) / d
    return result


def hopfield_energy(state: Tensor, weights: Tensor) -> float:
    d = len(state)
    return -0.5 * sum(float(weights[i, j] * state[i] * state[j]) for i in range(d) for j in range(d))


def softmax_recall(state: Tensor, patterns: Tensor, beta: float) -> Tensor:
    scores = [math.exp(beta * float(sum(p * s for p, s in zip(row, state, strict=True)))) for row in patterns]
    return sum(score / sum(scores) * row for score, row in zip(scores, patterns, strict=True))


def complex_product(a: Tensor, b: Tensor) -> Tensor:
    """Real and imaginary parts side by side, as the paper prints it."""
    real = a.real * b.real - a.imag * b.imag
    imaginary = a.real * b.imag + a.imag * b.real
    return torch.complex(real, imaginary)


def bound(key: Tensor) -> Tensor:
    return torch.tensor([z if abs(z) <= 1 else cmath.rect(1, cmath.phase(z)) for z in key.tolist()], dtype=key.dtype)


def circular_convolution(a: Tensor, b: Tensor) -> Tensor:
    d = len(a)
    return torch.stack([sum(a[k] * b[(j - k) % d] for k in range(d)) for j in range(d)])


def circular_correlation(a: Tensor, b: Tensor) -> Tensor:
    d = len(a)
    return torch.stack([sum(a[k] * b[(j + k) % d] for k in range(d)) for j in range(d)])


def redundant_write(memory: Tensor, key: Tensor, value: Tensor, permutations: Tensor) -> Tensor:
    result = memory.clone()
    for s, permutation in enumerate(permutations):
        for j, source in enumerate(permutation):
            result[s, j] = memory[s, j] + key[source] * value[j]
    return result


def redundant_read(memory: Tensor, key: Tensor, permutations: Tensor) -> Tensor:
    result = torch.zeros_like(key)
    for s, permutation in enumerate(permutations):
        for j, source in enumerate(permutation):
            result[j] += key[source].conj() * memory[s, j] / len(permutations)
    return result
