"""Chapter 3, the exercise on the likeness of keys: right and wrong answers."""

import math

import torch

from memlib.exercises import ch03
from memlib.models.auto_encoder import key_similarity
from tests.exercises.answers import Answers


def cosine(a, b):
    def inner(x, y):
        return sum((p * q.conjugate()).real for p, q in zip(x.tolist(), y.tolist(), strict=True))

    return inner(a, b) / math.sqrt(inner(a, a) * inner(b, b))


def over_pairs(keys, compare, partners):
    values = [compare(keys[t], keys[u]) for t in range(len(keys)) for u in partners(t, len(keys))]
    return float(sum(values) / len(values))


def others(t, steps):
    return [u for u in range(steps) if u != t]


def similarity(keys):
    return over_pairs(keys, cosine, others)


def similarity_in_place(keys):
    keys /= keys.norm(dim=-1, keepdim=True)
    return similarity(keys)


def similarity_by_model(keys):
    """Of the sentence twice, with padding at its end."""
    steps = len(keys)
    padded = torch.cat([keys, torch.randn_like(keys)])
    mask = torch.arange(2 * steps) < steps
    return key_similarity(torch.stack([padded, padded]), torch.stack([mask, mask])).item()


def unit(key):
    return key / key.norm()


def with_units(compare):
    return lambda a, b: compare(unit(a), unit(b))


def table_of(keys):
    return torch.tensor([[cosine(a, b) for b in keys] for a in keys], dtype=torch.float64)


def table_over(keys, length):
    """The table of inner products over one length for all of it."""
    table = keys @ keys.conj().T
    return (table / length(table)).real[~torch.eye(len(keys)).bool()].mean().item()


def less_ones(keys):
    steps = len(keys)
    return ((keys @ keys.mH).real.sum() - steps).item() / (steps * (steps - 1))


KEY_SIMILARITY = Answers(
    ch03.check_key_similarity,
    similarity,
    (
        ("diagonal", lambda keys: over_pairs(keys, cosine, lambda t, steps: range(steps))),
        ("no-conjugate", lambda keys: over_pairs(keys, with_units(lambda a, b: (a * b).sum().real), others)),
        ("absolute", lambda keys: over_pairs(keys, with_units(lambda a, b: torch.vdot(a, b).abs()), others)),
        ("absolute-real", lambda keys: over_pairs(keys, lambda a, b: abs(cosine(a, b)), others)),
        ("not-normalised", lambda keys: over_pairs(keys, lambda a, b: torch.vdot(a, b).real, others)),
        ("divided-by-width", lambda keys: over_pairs(keys, lambda a, b: (a.conj() * b).real.mean(), others)),
        (
            "normalised-entries",
            lambda keys: over_pairs(keys / keys.abs(), lambda a, b: (a.conj() * b).real.mean(), others),
        ),
        ("neighbours", lambda keys: sum(map(cosine, keys[1:], keys[:-1])) / (len(keys) - 1)),
        ("half", lambda keys: similarity(keys) / 2),
        ("counts-diagonal", lambda keys: similarity(keys) * (len(keys) - 1) / len(keys)),
        ("sum", lambda keys: similarity(keys) * (len(keys) ** 2 - len(keys))),
        ("norm-of-all", lambda keys: over_pairs(keys / keys.norm(), lambda a, b: torch.vdot(a, b).real, others)),
        ("norm-of-all", lambda keys: less_ones(keys / torch.linalg.vector_norm(keys))),
        ("norm-of-all", lambda keys: table_over(keys, lambda table: table.norm())),
        ("norm-of-all", lambda keys: table_over(keys, lambda table: table.real.norm())),
        ("norm-of-all", lambda keys: table_over(keys, lambda table: table.real.abs().max())),
        (
            "norm-of-columns",
            lambda keys: over_pairs(keys / keys.norm(dim=0), lambda a, b: torch.vdot(a, b).real, others),
        ),
        ("triangle-zeros", lambda keys: torch.triu(table_of(keys), diagonal=1).mean().item()),
        ("triangle-diagonal", lambda keys: torch.triu(table_of(keys)).mean().item()),
        (
            "triangle-diagonal",
            lambda keys: table_of(keys)[tuple(torch.triu_indices(len(keys), len(keys)))].mean().item(),
        ),
        (
            "triangle-diagonal",
            lambda keys: (torch.triu(table_of(keys)).sum() / (len(keys) * (len(keys) - 1) / 2)).item(),
        ),
        ("half", lambda keys: (torch.triu(table_of(keys), diagonal=1).sum() / (len(keys) * (len(keys) - 1))).item()),
        ("distance", lambda keys: 1 - similarity(keys)),
        ("type", lambda keys: torch.tensor(similarity(keys))),
        ("type", lambda keys: complex(similarity(keys))),
        ("precision", lambda keys: similarity(keys) + 1e-6),
        ("wrong-value", lambda keys: similarity(keys) ** 2 + 0.1),
        ("exception", lambda keys: (keys @ keys.mT).float().mean().itm()),
    ),
    similarity_in_place,
)
