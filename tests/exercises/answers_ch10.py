"""Chapter 10: right and wrong answers. The wrong ones are written as a student would, not as the check has them."""

import torch
from torch.nn.functional import elu

from memlib.exercises import ch10
from memlib.mechanisms import fast_weights
from tests.exercises.answers import Answers
from tests.exercises.answers_ch10_pencil import BEST_DECAY, STABLE_STRENGTH


def read_all_at_once(keys, values, queries, decay, rate):
    memory, outputs = torch.zeros(keys.shape[1], values.shape[1], dtype=keys.dtype), []
    for key, value, query in zip(keys, values, queries, strict=True):
        memory = decay * memory + rate * torch.outer(key, value)
        outputs.append(query @ memory)
    return torch.stack(outputs)


def read_in_place(keys, values, queries, decay, rate):
    values *= rate
    return read_all_at_once(keys, values, queries, decay, 1.0)


def summed(weight, own=True, later=False):
    """Σ_i weight(t, i, q_t · k_i, decay, rate) v_i, by loops."""

    def answer(keys, values, queries, decay, rate):
        steps = range(len(keys))

        def row(t):
            seen = [i for i in steps if i < t or (own and i == t) or (later and i > t)]
            parts = [weight(t, i, queries[t] @ keys[i], decay, rate) * values[i] for i in seen]
            return sum(parts, torch.zeros_like(values[0]))

        return torch.stack([row(t) for t in steps])

    return answer


def upper(keys, values, queries, decay, rate):
    age = torch.arange(len(keys))[None, :] - torch.arange(len(keys))[:, None]
    return rate * (queries @ keys.T * (decay ** age.double()).triu()) @ values


def signed_future(keys, values, queries, decay, rate):
    age = torch.arange(len(keys))[:, None] - torch.arange(len(keys))[None, :]
    return rate * (queries @ keys.T * decay ** age.double()) @ values


def softmax(keys, values, queries, decay, rate):
    scores = queries @ keys.T
    scores[torch.ones_like(scores).triu(1) > 0] = -torch.inf
    return rate * torch.softmax(scores, -1) @ values


def last_memory(keys, values, queries, decay, rate):
    memory = torch.zeros(keys.shape[1], values.shape[1], dtype=keys.dtype)
    for key, value in zip(keys, values, strict=True):
        memory = decay * memory + rate * torch.outer(key, value)
    return queries @ memory


def powers_apart(keys, values, queries, decay, rate):
    steps = torch.arange(len(keys), dtype=torch.float64)
    faded, lifted = queries * (decay**steps)[:, None], keys * (decay ** (-steps))[:, None]
    return rate * (faded @ lifted.T).tril() @ values


def masked(keys, values, queries, decay, rate):
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
        ("softmax", softmax),
        ("last-only", lambda *given: read_all_at_once(*given)[-1]),
        ("last-memory", last_memory),
        ("keys-as-queries", lambda k, v, q, d, r: read_all_at_once(q, v, k, d, r)),
        ("overflow", powers_apart),
        ("infinite-future", masked),
        ("argument-order", lambda queries, keys, values, decay, rate: queries),
        ("shape", lambda k, v, q, d, r: read_all_at_once(k, v, q, d, r).T[:, :1]),
        ("wrong-values", summed(lambda t, i, s, d, r: r * d ** (t - i) * s**2)),
    ),
    read_in_place,
)


def attended(keys, values, queries, later=False):
    rows = []
    for t, query in enumerate(queries):
        until = len(keys) if later else t + 1
        weights = torch.stack([query @ key for key in keys[:until]])
        rows.append(weights @ values[:until] / weights.sum())
    return torch.stack(rows)


def phi(x):
    return torch.where(x > 0, x + 1, x.exp())


def linear_attention(keys, values, queries):
    return attended(phi(keys), values, phi(queries))


def linear_in_place(keys, values, queries):
    elu(keys, inplace=True)
    return attended(keys + 1, values, phi(queries))


def numerator(keys, values, queries):
    return torch.tril((elu(queries) + 1) @ (elu(keys) + 1).T) @ values


def of_products(keys, values, queries):
    weights = phi(queries @ keys.T).tril()
    return weights / weights.sum(1, keepdim=True) @ values


def columns(keys, values, queries):
    weights = (phi(queries) @ phi(keys).T).tril()
    return weights / weights.sum(0, keepdim=True) @ values


def by_softmax(keys, values, queries):
    return torch.stack([torch.softmax(keys[: t + 1] @ q, 0) @ values[: t + 1] for t, q in enumerate(queries)])


LINEAR_ATTENTION = Answers(
    ch10.check_linear_attention,
    linear_attention,
    (
        ("no-normaliser", numerator),
        ("no-features", attended),
        ("features-on-keys-only", lambda k, v, q: attended(phi(k), v, q)),
        ("features-on-queries-only", lambda k, v, q: attended(k, v, phi(q))),
        ("features-of-products", of_products),
        ("no-one", lambda k, v, q: attended(elu(k), v, elu(q))),
        ("relu", lambda k, v, q: attended(torch.relu(k), v, torch.relu(q))),
        ("sees-the-future", lambda k, v, q: attended(phi(k), v, phi(q), later=True)),
        ("normaliser-sees-the-future", lambda k, v, q: numerator(k, v, q) / (phi(q) @ phi(k).sum(0))[:, None]),
        ("divides-by-steps", lambda k, v, q: numerator(k, v, q) / torch.arange(1.0, len(k) + 1)[:, None]),
        ("sum-over-queries", columns),
        ("softmax", by_softmax),
        ("dtype", lambda k, v, q: linear_attention(k, v, q).float()),
        ("wrong-values", lambda k, v, q: attended(phi(k) + 1, v, phi(q))),
    ),
    linear_in_place,
)


def corrections(keys, values, strengths):
    rows = []
    for t in range(len(keys)):
        known = sum(((keys[i] @ keys[t]) * rows[i] for i in range(t)), torch.zeros_like(values[t]))
        rows.append(strengths[t] * (values[t] - known))
    return torch.stack(rows)


def corrections_in_place(keys, values, strengths):
    for t in range(len(keys)):
        values[t] -= sum((keys[i] @ keys[t]) * values[i] for i in range(t))
        values[t] *= strengths[t]
    return values


def system(make, right=lambda values, strengths: strengths[:, None] * values):
    """Solve (I + make(K Kᵀ, β)) U = right(V, β)."""

    def answer(keys, values, strengths):
        left = torch.eye(len(keys), dtype=keys.dtype) + make(keys @ keys.T, strengths)
        return torch.linalg.inv(left) @ right(values, strengths)

    return answer


def without_identity(keys, values, strengths):
    left = torch.tril(torch.diag(strengths) @ keys @ keys.T)
    return torch.linalg.solve_triangular(left, torch.diag(strengths) @ values, upper=False)


def one_product(inner):
    def answer(keys, values, strengths):
        below = torch.tril(keys @ keys.T, -1)
        return strengths[:, None] * (values - below @ inner(values, strengths))

    return answer


CORRECTIONS = Answers(
    ch10.check_corrections,
    corrections,
    (
        ("hebbian", lambda k, v, b: torch.diag(b) @ v),
        ("diagonal-kept", system(lambda o, b: (b[:, None] * o).tril())),
        ("no-identity", without_identity),
        ("upper-triangle", system(lambda o, b: (b[:, None] * o).triu(1))),
        ("all-steps", system(lambda o, b: b[:, None] * (o - o.diag().diag()))),
        ("strength-on-columns", system(lambda o, b: (o @ torch.diag(b)).tril(-1))),
        ("strength-not-on-values", system(lambda o, b: (b[:, None] * o).tril(-1), lambda v, b: v)),
        ("strength-not-in-system", system(lambda o, b: o.tril(-1))),
        ("no-strength", system(lambda o, b: o.tril(-1), lambda v, b: v)),
        ("sign", system(lambda o, b: -(b[:, None] * o).tril(-1))),
        ("values-for-corrections", one_product(lambda v, b: v)),
        ("first-order", one_product(lambda v, b: b[:, None] * v)),
        ("memory", lambda k, v, b: k.T @ corrections(k, v, b)),
        ("shape", lambda k, v, b: corrections(k, v, b).sum(0)),
        ("wrong-values", lambda k, v, b: corrections(k, v, b**2)),
        ("exception", lambda k, v, b: torch.linalg.solve_triangular(k @ k.T, b * v, upper=False)),
    ),
    corrections_in_place,
)

ALL = (READ_ALL_AT_ONCE, LINEAR_ATTENTION, BEST_DECAY, CORRECTIONS, STABLE_STRENGTH)
LIBRARY = {
    "read_all_at_once": lambda k, v, q, d, r: fast_weights.causal_attention(q, k, v, d, r),
    "linear_attention": lambda k, v, q: fast_weights.linear_attention(q, k, v),
}
