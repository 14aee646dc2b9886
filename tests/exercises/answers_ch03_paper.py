"""Chapter 3, the exercises for pencil and paper: right and wrong answers."""

import math

import torch

from memlib.exercises import ch03
from memlib.models.am_rnn import AMRNN, AMRNNConfig
from tests.exercises.answers import Answers


def second_read(before, after, modulus):
    kept = modulus * modulus
    entries = [(1 - kept) * b + kept * a for b, a in zip(before.tolist(), after.tolist(), strict=True)]
    return torch.tensor(entries, dtype=before.dtype)


def second_read_in_place(before, after, modulus):
    after -= before
    return before + modulus**2 * after


def second_read_over(copies, gather):
    """Read copy by copy, with one key of random phases."""

    def answer(before, after, modulus):
        phases = 6 * torch.rand(copies, len(before), dtype=torch.float64)
        key = torch.polar(torch.full_like(phases, modulus), phases)
        return before + gather(key.conj() * key * (after - before))

    return answer


SECOND_READ = Answers(
    ch03.check_second_read,
    second_read,
    (
        ("not-squared", lambda before, after, modulus: (1 - modulus) * before + modulus * after),
        ("not-squared", lambda before, after, modulus: torch.lerp(before, after, modulus)),
        ("just-after", lambda before, after, modulus: after),
        ("shrinks-all", lambda before, after, modulus: modulus * modulus * after),
        ("shrinks-all", lambda before, after, modulus: after * modulus),
        ("sign", lambda before, after, modulus: before + modulus**2 * (before - after)),
        ("swapped", lambda before, after, modulus: modulus**2 * before + (1 - modulus**2) * after),
        ("only-the-change", lambda before, after, modulus: (after - before) * modulus**2),
        ("writes-state", lambda before, after, modulus: before + after * modulus**2),
        ("divides", lambda before, after, modulus: before + (after - before) / modulus**2),
        ("sums-copies", second_read_over(8, lambda parts: parts.sum(0))),
        ("sums-copies", lambda before, after, modulus: before + 4 * modulus**2 * (after - before)),
        ("sums-copies", lambda before, after, modulus: 3 * second_read(before, after, modulus)),
        ("one-copy", lambda before, after, modulus: before + modulus**2 * (after - before) / 8),
        ("wrong-values", lambda before, after, modulus: before + modulus**4 * (after - before)),
        ("dtype", lambda before, after, modulus: second_read(before, after, modulus).real),
        ("exception", lambda before, after, modulus: before + modulus.square() * after),
    ),
    second_read_in_place,
)


def parameters(inputs, hidden):
    def layer(width, outputs, bias=True):
        return sum(width + bias for _ in range(outputs))

    seen = inputs + 2 * hidden
    return layer(inputs + hidden, hidden, bias=False) + layer(seen, hidden) + layer(seen, hidden) + layer(seen, hidden)


def parameters_by_model(inputs, hidden):
    layer = AMRNN(AMRNNConfig.paper(inputs, hidden, copies=3))
    return sum(math.prod(weights.shape) for weights in layer.state_dict().values() if weights.is_floating_point())


def size_of(module):
    return sum(weights.numel() for weights in module.parameters())


PARAMETERS = Answers(
    ch03.check_parameters,
    parameters,
    (
        ("key-bias", lambda n, h: (n + h + 1) * h + 3 * (n + 2 * h + 1) * h),
        ("two-vectors", lambda n, h: (n + h) * h + 3 * (n + h + 1) * h),
        ("one-gate", lambda n, h: (n + h) * h + 2 * (n + 2 * h + 1) * h),
        ("one-gate", lambda n, h: (n + h) * h + 2 * (n + 2 * h) * h + 3 * h),
        ("no-biases", lambda n, h: (n + h) * h + 3 * (n + 2 * h) * h),
        ("no-key", lambda n, h: 3 * (n + 2 * h + 1) * h),
        ("key-from-input", lambda n, h: n * h + 3 * (n + 2 * h + 1) * h),
        ("key-halved", lambda n, h: (n + h) * (h // 2) + 3 * (n + 2 * h + 1) * h),
        ("key-doubled", lambda n, h: (n + h) * 2 * h + 3 * (n + 2 * h + 1) * h),
        ("two-biases", lambda n, h: (n + h) * h + 3 * (n + 2 * h + 2) * h),
        ("two-biases", lambda n, h: (n + h) * h + size_of(torch.nn.GRUCell(n + h, h, device="meta"))),
        ("torch-gru", lambda n, h: (n + h) * h + size_of(torch.nn.GRU(n, h, device="meta"))),
        ("wrong-value", lambda n, h: (n + h) * h + 3 * (n + 2 * h + 5) * h),
        ("type", lambda n, h: (n + h) * h + 6 * (n + 2 * h + 1) * h / 2),
    ),
)


def crossover(copies):
    words = 1
    while words <= copies:
        words += 1
    return words


CROSSOVER = Answers(
    ch03.check_crossover,
    crossover,
    (
        ("equal", lambda copies: copies),
        ("half", lambda copies: copies // 2 + 1),
        ("half", lambda copies: math.floor(copies / 2)),
        ("half", lambda copies: copies / 2),
        ("half", lambda copies: 1 + copies / 2),
        ("double", lambda copies: copies * 2 + 1),
        ("double", lambda copies: copies * 2),
        ("float", lambda copies: copies / 1 + 1),
        ("float-equal", lambda copies: copies / 1),
        ("one-too-many", lambda copies: copies + 2),
        ("wrong-value", lambda copies: copies**2 + 7),
        ("type", lambda copies: copies + 0.5),
    ),
)
