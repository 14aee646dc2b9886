"""Chapter 8, outer-product attention: right and wrong answers."""

import torch

from memlib.exercises import ch08
from tests.exercises.answers import Answers


def outer_attention(query, keys, values):
    total = torch.zeros(len(query), values.shape[1], dtype=query.dtype)
    for key, value in zip(keys, values, strict=True):
        total += torch.outer(torch.tanh(query * key), value)
    return total


def outer_attention_in_place(query, keys, values):
    keys *= query
    return torch.tanh(keys).T @ values


OUTER_ATTENTION = Answers(
    ch08.check_outer_attention,
    outer_attention,
    (
        ("dot-product", lambda q, k, v: v.T @ torch.softmax(k @ q, 0)),
        ("no-tanh", lambda q, k, v: (q * k).T @ v),
        ("tanh-of-the-sum", lambda q, k, v: torch.tanh((q * k).T @ v)),
        ("tanh-of-the-query", lambda q, k, v: (torch.tanh(q) * k).T @ v),
        ("turned", lambda q, k, v: outer_attention(q, k, v).T),
        ("softmax", lambda q, k, v: torch.softmax(q * k, 0).T @ v),
        ("mean", lambda q, k, v: outer_attention(q, k, v) / k.shape[0]),
        ("query-left-out", lambda q, k, v: torch.tanh(k).T @ v),
        ("sums-first", lambda q, k, v: torch.tanh(q * k).sum(0)[:, None] * v.sum(0)),
        (
            "tanh-of-each-table",
            lambda q, k, v: sum(torch.tanh(torch.outer(q * x, y)) for x, y in zip(k, v, strict=True)),
        ),
        ("scaled", lambda q, k, v: outer_attention(q / len(q) ** 0.5, k, v)),
        ("wrong-values", lambda q, k, v: 2 * outer_attention(q, k, v)),
        ("shape", lambda q, k, v: torch.tanh(q * k) @ torch.ones(len(q)).double()),
    ),
    outer_attention_in_place,
)


def pull_apart(keys):
    moves = [max(float(one - other) for one in column for other in column) for column in keys.T]
    return torch.tensor(moves, dtype=keys.dtype)


def pull_apart_in_place(keys):
    keys -= keys.amin(0).clone()
    return keys.amax(0)


PULL_APART = Answers(
    ch08.check_pull_apart,
    pull_apart,
    (
        ("largest-move", lambda k: torch.maximum(k.amax(0), -k.amin(0))),
        ("signs", lambda k: pull_apart(k.sign())),
        ("sum", lambda k: (torch.ones(len(k)).double() @ k).abs()),
        ("from-the-mean", lambda k: torch.stack([(key - k.sum(0) / len(k)).abs() for key in k]).amax(0)),
        ("from-the-first", lambda k: (k[:1] - k).abs().amax(0)),
        ("deviation", lambda k: ((k - k.mean(0)) ** 2).mean(0).sqrt()),
        ("of-keys", lambda k: pull_apart(k.T)),
        ("sample-deviation", lambda k: k.std(0)),
        ("neighbours", lambda k: k.diff(dim=0).abs().amax(0)),
        ("of-sizes", lambda k: pull_apart(k.abs())),
        ("upside-down", lambda k: k.amin(0) - k.amax(0)),
        ("wrong-values", lambda k: pull_apart(k) / 2),
    ),
    pull_apart_in_place,
)


def read_back(memory, matched, item):
    wanted = torch.zeros(len(matched)).double()
    wanted[item] = 1
    return torch.linalg.solve(matched @ matched.T, wanted) @ matched @ memory


def read_back_in_place(memory, matched, item):
    rows = torch.linalg.pinv(matched).T.clone()
    memory[:] = matched.T @ (rows @ memory)
    matched *= 2
    return (rows @ memory)[item]


def by_gram_schmidt(memory, matched, item):
    q, _ = torch.linalg.qr(matched.T)
    row = q[:, item] * (q[:, item] @ matched[item])
    return row / row.square().sum() @ memory


READ_BACK = Answers(
    ch08.check_read_back,
    read_back,
    (
        ("plain", lambda m, x, j: m.T @ x[j]),
        ("unit", lambda m, x, j: m.T @ (x[j] / x[j].norm())),
        ("crosstalk", lambda m, x, j: m.T @ x[j] / (x[j] @ x[j])),
        ("gram-schmidt", by_gram_schmidt),
        ("columns", lambda m, x, j: m @ x[j]),
        ("all", lambda m, x, j: torch.linalg.pinv(x.T) @ m),
        ("wrong-side", lambda m, x, j: x.pinverse()[j] @ m),
        ("wrong-values", lambda m, x, j: 3 * read_back(m, x, j)),
    ),
    read_back_in_place,
)


def relate(memory, query_weights, key_weights, value_weights, tanh=torch.tanh):
    def out(weights):
        return torch.nn.functional.layer_norm(weights @ memory, memory.shape[1:])

    q, k, v = out(query_weights), out(key_weights), out(value_weights)
    return torch.stack([tanh(one * k).T @ v for one in q])


def relate_in_place(memory, query_weights, key_weights, value_weights):
    found = relate(memory, query_weights, key_weights, value_weights)
    memory.zero_()
    return found


def by(normalise, memory_too=False):
    def answer(memory, *weights):
        m = normalise(memory) if memory_too else memory
        q, k, v = (w @ m if memory_too else normalise(w @ m) for w in weights)
        return torch.einsum("sjd,jv->sdv", torch.tanh(q[:, None] * k), v)

    return answer


def normal(*axes):
    return lambda x: (x - x.mean(axes, keepdim=True)) / (x.var(axes, unbiased=False, keepdim=True) + 1e-5).sqrt()


def attend(memory, *weights):
    q, k, v = (normal(-1)(w @ memory) for w in weights)
    return torch.softmax(q @ k.T, 1) @ v


def values_bare(memory, query_weights, key_weights, value_weights):
    q, k = (normal(-1)(w @ memory) for w in (query_weights, key_weights))
    return torch.stack([torch.tanh(one * k).T @ (value_weights @ memory) for one in q])


RELATE = Answers(
    ch08.check_relate,
    relate,
    (
        ("no-normalisation", by(lambda x: x)),
        ("memory-normalised", by(normal(-1), memory_too=True)),
        ("over-all", by(normal(0, 1))),
        ("over-items", by(normal(0))),
        ("no-tanh", lambda *given: relate(*given, tanh=lambda x: x)),
        ("dot-product", attend),
        ("turned", lambda *given: relate(*given).transpose(1, 2)),
        ("keys-for-values", lambda m, q, k, v: relate(m, q, v, k)),
        ("one-matrix", lambda *given: sum(relate(*given))),
        ("unbiased", by(lambda x: (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True) + 1e-5).sqrt())),
        ("unbiased-bare", by(lambda x: (x - x.mean(-1, keepdim=True)) / x.std(-1, keepdim=True))),
        ("values-bare", values_bare),
        ("softmax", lambda *given: relate(*given, tanh=lambda x: x.softmax(0))),
        ("mean", lambda *given: relate(*given) / given[2].shape[0]),
        ("wrong-values", lambda *given: relate(*given) + 1),
    ),
    relate_in_place,
)


def free_numbers(pairs, width, depth):
    rank = sorted((pairs, width, depth))[0]
    return width * rank + (depth - rank) * rank  # some columns, and how the others are mixed of them


FREE_NUMBERS = Answers(
    ch08.check_free_numbers,
    free_numbers,
    (
        ("entries", lambda n, d, v: d * v),
        ("both-vectors", lambda n, d, v: (d + v) * min(n, d, v)),
        ("scale-only", lambda n, d, v: (d + v - 1) * min(n, d, v)),
        ("no-limit", lambda n, d, v: n * d + n * (v - n)),
        ("rank", lambda n, d, v: min(n, d, v)),
        ("share", lambda n, d, v: (d * v) // n),
        ("both-vectors-of-all", lambda n, d, v: n * d + n * v),
        ("scale-only-of-all", lambda n, d, v: n * d + n * (v - 1)),
        ("scale-only-capped", lambda n, d, v: min(d * v, n * (d + v - 1))),
        ("rank-of-keys", lambda n, d, v: (r := min(n, d)) * d + r * (v - r)),
        ("wrong-value", lambda n, d, v: 5),
    ),
)


ALL = (OUTER_ATTENTION, PULL_APART, READ_BACK, RELATE, FREE_NUMBERS)
LIBRARY: dict[str, object] = {}
