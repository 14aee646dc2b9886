"""Chapter 1: right and wrong answers. The wrong ones are written as a student would, not as the check has them."""

import math

import torch
from torch.nn.functional import softmax

from memlib.exercises import ch01
from memlib.mechanisms import associative
from tests.exercises.answers import Answers, over_batch
from tests.exercises.answers_ch01_capacity import CAPACITY


def recall(memory, key):
    def one(m, k):
        return torch.stack([sum(k[i] * m[i, j] for i in range(m.shape[0])) for j in range(m.shape[1])])

    return over_batch(one, [memory, key], [2, 1])


def recall_in_place(memory, key):
    memory *= key[..., None]
    return memory.sum(-2)


def recall_loop_wrong_way(memory, key):
    return (memory * key[..., None, :]).sum(-1)


RECALL = Answers(
    ch01.check_recall,
    recall,
    (
        ("transposed", lambda memory, key: memory @ key),
        ("transposed", recall_loop_wrong_way),
        ("transposed", lambda memory, key: (memory @ key.unsqueeze(-1)).squeeze(-1)),
        ("lost-batch", lambda memory, key: key @ memory),
        ("no-batch", lambda memory, key: torch.einsum("kv,k->v", memory, key)),
        ("no-batch", lambda memory, key: memory.T @ key),
        ("no-sum", lambda memory, key: torch.einsum("...kv,...k->...kv", memory, key)),
        ("wrong-axis-summed", lambda memory, key: (key[..., None] * memory).sum(dim=-1)),
        ("mean", lambda memory, key: (key[..., None] * memory).mean(dim=-2)),
        ("normalised-key", lambda memory, key: recall(memory, key / key.norm(dim=-1, keepdim=True))),
        ("divided-by-square", lambda memory, key: recall(memory, key) / key.square().sum(-1, keepdim=True)),
        ("type", lambda memory, key: recall(memory, key).numpy()),
        ("type", lambda memory, key: recall(memory, key).tolist()),
        ("type", lambda memory, key: (recall(memory, key),)),
        ("dtype", lambda memory, key: recall(memory.float(), key.float())),
        ("precision", lambda memory, key: recall(memory.float(), key.float()).double()),
        ("shape", lambda memory, key: recall(memory, key)[..., None]),
        ("not-finite", lambda memory, key: recall(memory, key) / 0),
        ("wrong-values", lambda memory, key: recall(memory, key) + 1),
        ("argument-order", lambda key, memory: (key[..., None, :] @ memory)[..., 0, :]),
    ),
    recall_in_place,
)


def crosstalk(keys, values):
    n = len(keys)
    return torch.stack([sum((keys[i] @ keys[j]) * values[j] for j in range(n) if j != i) for i in range(n)])


def crosstalk_in_place(keys, values):
    values -= (keys @ keys.T) @ values
    return -values


CROSSTALK = Answers(
    ch01.check_crosstalk,
    crosstalk,
    (
        ("recall-itself", lambda keys, values: keys @ (keys.T @ values)),
        ("recall-itself", lambda keys, values: (keys @ keys.T) @ values),
        ("sign", lambda keys, values: values - keys @ keys.T @ values),
        ("earlier-pairs-only", lambda keys, values: torch.tril(keys @ keys.T, -1) @ values),
        ("later-pairs-only", lambda keys, values: torch.triu(keys @ keys.T, 1) @ values),
        ("mean-over-all", lambda keys, values: crosstalk(keys, values) / keys.shape[0]),
        ("mean", lambda keys, values: crosstalk(keys, values) / (keys.shape[0] - 1)),
        ("recall-of-mean", lambda keys, values: keys @ (keys.T @ values / len(keys)) - values),
        ("absolute", lambda keys, values: (keys @ keys.T @ values - values).abs()),
        ("length-only", lambda keys, values: (keys @ keys.T @ values - values).norm(dim=-1)),
        ("values-back", lambda keys, values: (keys @ keys.T).diagonal()[:, None] * values),
        ("exception", lambda keys, values: (keys.T @ keys) @ values - values),
        ("shape", lambda keys, values: keys.T @ values),
    ),
    crosstalk_in_place,
)


def delta_write(memory, key, value, strength):
    def one(m, k, v, s):
        old = recall(m, k)
        rows, columns = m.shape
        entries = [[m[i, j] + s[0] * k[i] * (v[j] - old[j]) for j in range(columns)] for i in range(rows)]
        return torch.stack([torch.stack(row) for row in entries])

    return over_batch(one, [memory, key, value, strength], [2, 1, 1, 1])


def delta_in_place(memory, key, value, strength):
    old = (key[..., None] * memory).sum(-2)
    memory += key[..., None] * (strength * (value - old))[..., None, :]
    return memory


def delta_in_place_without_return(memory, key, value, strength):
    memory.copy_(delta_write(memory, key, value, strength))


def outer(key, value):
    return key[..., None] * value[..., None, :]


def old(memory, key):
    return (key[..., None] * memory).sum(-2)


DELTA_WRITE = Answers(
    ch01.check_delta_write,
    delta_write,
    (
        ("hebbian", lambda memory, key, value, strength: memory + strength[..., None] * outer(key, value)),
        ("hebbian-no-strength", lambda memory, key, value, strength: memory + outer(key, value)),
        ("no-strength", lambda memory, key, value, strength: memory + outer(key, value - old(memory, key))),
        (
            "strength-on-value",
            lambda memory, key, value, strength: memory + outer(key, strength * value - old(memory, key)),
        ),
        (
            "strength-on-old",
            lambda memory, key, value, strength: memory + outer(key, value - strength * old(memory, key)),
        ),
        (
            "decays-memory",
            lambda memory, key, value, strength: (1 - strength[..., None]) * memory + outer(key, strength * value),
        ),
        ("only-the-change", lambda memory, key, value, strength: outer(key, strength * (value - old(memory, key)))),
        ("sign", lambda memory, key, value, strength: memory + outer(key, strength * (old(memory, key) - value))),
        (
            "transposed",
            lambda memory, key, value, strength: memory + outer(strength * (value - old(memory, key)), key),
        ),
        ("old-transposed", lambda memory, key, value, strength: memory + outer(key, strength * (value - memory @ key))),
        (
            "strength-broadcast",
            lambda memory, key, value, strength: memory + strength * outer(key, value - old(memory, key)),
        ),
        (
            "normalised-key",
            lambda memory, key, value, strength: (
                memory + outer(key / key.norm(dim=-1, keepdim=True), strength * (value - old(memory, key)))
            ),
        ),
        ("normalised-key", lambda m, k, v, s: delta_write(m, k / k.norm(dim=-1, keepdim=True), v, s)),
        (
            "normalised-key",
            lambda m, k, v, s: m + outer(k, s * (v - old(m, k / k.norm(dim=-1, keepdim=True)))),
        ),
        (
            "divided-by-square",
            lambda memory, key, value, strength: (
                memory + outer(key / (key**2).sum(-1, keepdim=True), strength * (value - old(memory, key)))
            ),
        ),
    ),
    delta_in_place,
)


def hopfield_step(state, patterns, beta):
    def one(s):
        scores = [beta * float(s @ x) for x in patterns]
        weights = [math.exp(score - max(scores)) for score in scores]
        return sum(w / sum(weights) * x for w, x in zip(weights, patterns, strict=True))

    return over_batch(one, [state], [1])


def clamped(state, patterns, beta, largest):
    weights = (beta * state @ patterns.T).clamp(max=largest).exp()
    return weights / weights.sum(-1, keepdim=True) @ patterns


def shared_largest(state, patterns, beta):
    scores = beta * state @ patterns.T
    weights = torch.exp(scores - torch.max(scores))
    return weights / weights.sum(-1, keepdim=True) @ patterns


def hopfield_in_place(state, patterns, beta):
    state.mul_(beta)
    return softmax(state @ patterns.T, dim=-1) @ patterns


MODERN_HOPFIELD = Answers(
    ch01.check_modern_hopfield,
    hopfield_step,
    (
        ("softmax-axis", lambda state, patterns, beta: softmax(beta * state @ patterns.T, dim=0) @ patterns),
        ("no-beta", lambda state, patterns, beta: softmax(state @ patterns.T, dim=-1) @ patterns),
        ("beta-outside", lambda state, patterns, beta: beta * softmax(state @ patterns.T, dim=-1) @ patterns),
        ("argmax", lambda state, patterns, beta: patterns[torch.argmax(state @ patterns.T, dim=-1)]),
        ("no-softmax", lambda state, patterns, beta: (beta * state @ patterns.T) @ patterns),
        ("weights-only", lambda state, patterns, beta: softmax(beta * state @ patterns.T, dim=-1)),
        ("divided-by-beta", lambda state, patterns, beta: softmax(state @ patterns.T / beta, dim=-1) @ patterns),
        (
            "scaled-by-root",
            lambda state, patterns, beta: (
                softmax(beta * state @ patterns.T / math.sqrt(patterns.shape[-1]), dim=-1) @ patterns
            ),
        ),
        (
            "cosine",
            lambda state, patterns, beta: (
                softmax(beta * associative.unit(state) @ associative.unit(patterns).T, dim=-1) @ patterns
            ),
        ),
        (
            "overflow",
            lambda state, patterns, beta: (
                (e := torch.exp(beta * state @ patterns.T)) / e.sum(-1, keepdim=True) @ patterns
            ),
        ),
        ("clamped", lambda state, patterns, beta: clamped(state, patterns, beta, 50)),
        ("clamped", lambda state, patterns, beta: clamped(state, patterns, beta, 700)),
        ("shared-largest", shared_largest),
        ("no-batch", lambda state, patterns, beta: softmax(beta * patterns @ state, dim=-1) @ patterns),
        ("no-batch", lambda state, patterns, beta: patterns.T @ softmax(beta * patterns @ state, dim=-1)),
    ),
    hopfield_in_place,
)


ALL = (RECALL, CROSSTALK, DELTA_WRITE, MODERN_HOPFIELD, CAPACITY)
LIBRARY = {
    "recall": associative.recall,
    "crosstalk": associative.crosstalk,
    "delta_write": associative.delta_write,
    "modern_hopfield": associative.modern_hopfield_update,
}
