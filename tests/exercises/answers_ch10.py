"""Chapter 10: right and wrong answers. The wrong ones are written as a student would, not as the check has them."""

import torch
from torch.nn.functional import elu

from memlib.exercises import ch10
from memlib.mechanisms import fast_weights
from tests.exercises.answers import Answers
from tests.exercises.answers_ch10_corrections import CORRECTIONS
from tests.exercises.answers_ch10_pencil import BEST_DECAY, STABLE_STRENGTH


def read_all_at_once(queries, keys, values, decay, rate):
    memory, outputs = torch.zeros(keys.shape[1], values.shape[1], dtype=keys.dtype), []
    for key, value, query in zip(keys, values, queries, strict=True):
        memory = decay * memory + rate * torch.outer(key, value)
        outputs.append(query @ memory)
    return torch.stack(outputs)


def read_in_place(queries, keys, values, decay, rate):
    values *= rate
    return read_all_at_once(queries, keys, values, decay, 1.0)


def summed(weight, own=True, later=False):
    """Σ_i weight(t, i, q_t · k_i, decay, rate) v_i, by loops."""

    def answer(queries, keys, values, decay, rate):
        steps = range(len(keys))

        def row(t):
            seen = [i for i in steps if i < t or (own and i == t) or (later and i > t)]
            parts = [weight(t, i, queries[t] @ keys[i], decay, rate) * values[i] for i in seen]
            return sum(parts, torch.zeros_like(values[0]))

        return torch.stack([row(t) for t in steps])

    return answer


def upper(queries, keys, values, decay, rate):
    age = torch.arange(len(keys))[None, :] - torch.arange(len(keys))[:, None]
    return rate * (queries @ keys.T * (decay ** age.double()).triu()) @ values


def signed_future(queries, keys, values, decay, rate):
    age = torch.arange(len(keys))[:, None] - torch.arange(len(keys))[None, :]
    return rate * (queries @ keys.T * decay ** age.double()) @ values


def softmax(queries, keys, values, decay, rate):
    scores = queries @ keys.T
    scores[torch.ones_like(scores).triu(1) > 0] = -torch.inf
    return rate * torch.softmax(scores, -1) @ values


def last_memory(queries, keys, values, decay, rate):
    memory = torch.zeros(keys.shape[1], values.shape[1], dtype=keys.dtype)
    for key, value in zip(keys, values, strict=True):
        memory = decay * memory + rate * torch.outer(key, value)
    return queries @ memory


def powers_apart(queries, keys, values, decay, rate):
    steps = torch.arange(len(keys), dtype=torch.float64)
    faded, lifted = queries * (decay**steps)[:, None], keys * (decay ** (-steps))[:, None]
    return rate * (faded @ lifted.T).tril() @ values


def reads_first(queries, keys, values, decay, rate):
    memory, outputs = torch.zeros(keys.shape[1], values.shape[1], dtype=keys.dtype), []
    for key, value, query in zip(keys, values, queries, strict=True):
        outputs.append(query @ memory)
        memory = decay * memory + rate * torch.outer(key, value)
    return torch.stack(outputs)


def whole_ages(queries, keys, values, decay, rate):
    steps = torch.arange(len(keys))
    fade = (decay ** (steps[:, None] - steps[None, :])).tril()
    return rate * (queries @ keys.T * fade) @ values


def masked(queries, keys, values, decay, rate):
    age = torch.arange(len(keys))[:, None] - torch.arange(len(keys))[None, :]
    return rate * (queries @ keys.T * decay ** age.double() * (age >= 0)) @ values


READ_ALL_AT_ONCE = Answers(
    ch10.check_read_all_at_once,
    read_all_at_once,
    (
        ("sees-the-future", summed(lambda t, i, s, d, r: r * d ** abs(t - i) * s, later=True)),
        ("sees-the-future", signed_future),
        ("only-the-future", upper),
        ("without-own-step", summed(lambda t, i, s, d, r: r * d ** (t - i) * s, own=False)),
        ("one-too-old", summed(lambda t, i, s, d, r: r * d ** (t - i + 1) * s)),
        ("no-decay", summed(lambda t, i, s, d, r: r * s)),
        ("no-rate", summed(lambda t, i, s, d, r: d ** (t - i) * s)),
        ("rate-fades", summed(lambda t, i, s, d, r: (r * d) ** (t - i) * s)),
        ("reads-first", reads_first),
        ("age-turned", summed(lambda t, i, s, d, r: r * d ** (i - t) * s if d else s)),
        ("plain", lambda q, k, v, d, r: r * (q @ k.T @ v)),
        ("times-age", summed(lambda t, i, s, d, r: r * d * (t - i) * s)),
        ("scaled", lambda q, k, v, d, r: read_all_at_once(q, k, v, d, r) / q.shape[1] ** 0.5),
        ("single-precision", whole_ages),
        ("softmax", softmax),
        ("last-only", lambda *given: read_all_at_once(*given)[-1]),
        ("last-memory", last_memory),
        ("keys-as-queries", lambda q, k, v, d, r: read_all_at_once(k, q, v, d, r)),
        ("overflow", powers_apart),
        ("infinite-future", masked),
        ("argument-order", lambda keys, values, queries, decay, rate: queries),
        ("shape", lambda q, k, v, d, r: read_all_at_once(q, k, v, d, r).T[:, :1]),
        ("wrong-values", summed(lambda t, i, s, d, r: r * d ** (t - i) * s**2)),
    ),
    read_in_place,
)


def attended(queries, keys, values, later=False):
    rows = []
    for t, query in enumerate(queries):
        until = len(keys) if later else t + 1
        weights = torch.stack([query @ key for key in keys[:until]])
        rows.append(weights @ values[:until] / weights.sum())
    return torch.stack(rows)


def phi(x):
    return torch.where(x > 0, x + 1, x.exp())


def linear_attention(queries, keys, values):
    return attended(phi(queries), phi(keys), values)


def linear_in_place(queries, keys, values):
    elu(keys, inplace=True)
    return attended(phi(queries), keys + 1, values)


def numerator(queries, keys, values):
    return torch.tril((elu(queries) + 1) @ (elu(keys) + 1).T) @ values


def of_products(queries, keys, values):
    weights = phi(queries @ keys.T).tril()
    return weights / weights.sum(1, keepdim=True) @ values


def table(queries, keys):
    return (phi(queries) @ phi(keys).T).tril()


def earlier_only(queries, keys, values):
    weights = (phi(queries) @ phi(keys).T).tril(-1)
    return weights @ values / weights.sum(1)[:, None]


def columns(queries, keys, values):
    weights = (phi(queries) @ phi(keys).T).tril()
    return weights / weights.sum(0, keepdim=True) @ values


def by_softmax(queries, keys, values):
    return torch.stack([torch.softmax(keys[: t + 1] @ q, 0) @ values[: t + 1] for t, q in enumerate(queries)])


LINEAR_ATTENTION = Answers(
    ch10.check_linear_attention,
    linear_attention,
    (
        ("no-normaliser", numerator),
        ("no-features", attended),
        ("features-on-keys-only", lambda q, k, v: attended(q, phi(k), v)),
        ("features-on-queries-only", lambda q, k, v: attended(phi(q), k, v)),
        ("features-of-products", of_products),
        ("no-one", lambda q, k, v: attended(elu(q), elu(k), v)),
        ("relu", lambda q, k, v: attended(torch.relu(q), torch.relu(k), v)),
        ("sees-the-future", lambda q, k, v: attended(phi(q), phi(k), v, later=True)),
        ("normaliser-sees-the-future", lambda q, k, v: numerator(q, k, v) / (phi(q) @ phi(k).sum(0))[:, None]),
        ("divides-by-steps", lambda q, k, v: numerator(q, k, v) / torch.arange(1.0, len(k) + 1)[:, None]),
        ("sum-over-queries", columns),
        ("no-keepdim", lambda q, k, v: table(q, k) / table(q, k).sum(1) @ v),
        ("softmax-over-table", lambda q, k, v: torch.softmax(table(q, k), 1) @ v),
        ("softmax-over-table", lambda q, k, v: by_softmax(phi(q), phi(k), v)),
        ("exponential", lambda q, k, v: attended(torch.exp(q), torch.exp(k), v)),
        ("one-inside", lambda q, k, v: attended(elu(q + 1), elu(k + 1), v)),
        ("keys-as-queries", lambda q, k, v: linear_attention(k, q, v)),
        ("without-own-step", earlier_only),
        ("softmax", by_softmax),
        ("dtype", lambda q, k, v: linear_attention(q, k, v).float()),
        ("wrong-values", lambda q, k, v: attended(phi(q), phi(k) + 1, v)),
    ),
    linear_in_place,
)


ALL = (READ_ALL_AT_ONCE, LINEAR_ATTENTION, BEST_DECAY, CORRECTIONS, STABLE_STRENGTH)
LIBRARY = {
    "read_all_at_once": fast_weights.causal_attention,
    "linear_attention": fast_weights.linear_attention,
}
