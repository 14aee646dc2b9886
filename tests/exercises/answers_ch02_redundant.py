"""Chapter 2, the exercises on redundant memories: right and wrong answers."""

import torch

from memlib.exercises import ch02
from memlib.mechanisms import holographic
from tests.exercises.answers import Answers


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


def read_and_index(memory, key, permutations, orders):
    pieces = zip(memory, permutations, orders, strict=True)
    return sum((key[p].conj() * m)[order] for m, p, order in pieces) / len(memory)


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
        (
            "permutes-reading",
            lambda memory, key, permutations: (key.conj() * memory.gather(1, permutations.argsort(1))).mean(0),
        ),
        (
            "permutes-reading",
            lambda memory, key, permutations: read_and_index(memory, key, permutations, permutations.argsort()),
        ),
        ("permutes-reading", lambda memory, key, permutations: read_and_index(memory, key, permutations, permutations)),
        ("divides", lambda memory, key, permutations: (memory / key[permutations]).mean(0)),
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
        ("splits-error", lambda m, k, v, p: m + k[p] * (v - read(m, k, p)) / m.shape[0]),
        ("permutes-error", lambda m, k, v, p: m + (k * (v - read(m, k, p)))[p]),
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
