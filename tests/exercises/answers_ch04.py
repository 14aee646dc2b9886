"""Chapter 4: right and wrong answers. The wrong ones are written as a student would, not as the check has them."""

import torch

from memlib.exercises import ch04
from memlib.mechanisms import attention
from tests.exercises.answers import Answers, over_batch
from tests.exercises.answers_ch04_pencil import REVERSAL_MATRIX, TEMPERATURE_FOR


def additive_scores(query, keys, w_query, w_key, w):
    scores = []
    for key in keys:
        hidden = torch.tanh(w_query.T @ query + w_key.T @ key)
        scores.append((w * hidden).sum())
    return torch.stack(scores)


def additive_in_place(query, keys, w_query, w_key, w):
    w_query *= query[:, None]
    return torch.tanh(w_query.sum(0) + keys @ w_key) @ w


def one_by_one(score):
    """A score for each key, from (what the query gives, what the key gives, w)."""

    def answer(query, keys, w_query, w_key, w):
        return torch.stack([score(query @ w_query, key @ w_key, w) for key in keys])

    return answer


ADDITIVE_SCORES = Answers(
    ch04.check_additive_scores,
    additive_scores,
    (
        ("no-tanh", one_by_one(lambda q, k, w: (q + k) @ w)),
        ("tanh-outside", one_by_one(lambda q, k, w: ((q + k) @ w).tanh())),
        ("tanh-apart", one_by_one(lambda q, k, w: (q.tanh() + k.tanh()) @ w)),
        ("softmax", lambda *given: torch.softmax(additive_scores(*given), 0)),
        ("no-query", one_by_one(lambda q, k, w: k.tanh() @ w)),
        ("no-key", one_by_one(lambda q, k, w: q.tanh() @ w)),
        ("no-w", one_by_one(lambda q, k, w: (q + k).tanh().sum())),
        ("multiplied", one_by_one(lambda q, k, w: (q * k).tanh() @ w)),
        ("subtracted", one_by_one(lambda q, k, w: (k - q).tanh() @ w)),
        ("subtracted", one_by_one(lambda q, k, w: (q - k).tanh() @ w)),
        ("sigmoid", one_by_one(lambda q, k, w: 1 / (1 + (-(q + k)).exp()) @ w)),
        ("hidden", lambda q, k, a, b, w: torch.stack([torch.tanh(q @ a + one @ b) for one in k])),
        ("dtype", lambda *given: additive_scores(*given).float()),
        ("exception", lambda q, k, a, b, w: torch.tanh(a @ q + b @ k) @ w),
        ("wrong-values", lambda q, k, a, b, w: additive_scores(2 * q, k, a, b, w)),
    ),
    additive_in_place,
)


def row_softmax(scores, mask):
    best = max(e.item() for e, m in zip(scores, mask, strict=True) if m)
    raised = torch.stack([(e - best).exp() if m else 0 * e for e, m in zip(scores, mask, strict=True)])
    return raised / raised.sum()


def masked_softmax(scores, mask):
    return over_batch(row_softmax, [scores, mask], [1, 1])


def masked_in_place(scores, mask):
    scores[~mask] = -torch.inf
    return torch.softmax(scores, -1)


def raised_by_hand(scores, mask):
    raised = torch.exp(scores)
    raised[~mask] = 0
    return raised / raised.sum(-1, keepdim=True)


def all_in_one(scores, mask):
    raised = torch.where(mask, scores - scores[mask].max(), -torch.inf).exp()
    return raised / raised.sum()


def first_axis(scores, mask):
    return torch.where(mask, scores, -torch.inf).softmax(dim=0)


MASKED_SOFTMAX = Answers(
    ch04.check_masked_softmax,
    masked_softmax,
    (
        ("no-mask", lambda e, m: torch.softmax(e, -1)),
        ("not-renormalised", lambda e, m: torch.where(m, torch.softmax(e, -1), 0.0)),
        ("zero-scores", lambda e, m: torch.softmax(torch.where(m, e, 0.0), -1)),
        ("inverted", lambda e, m: torch.softmax(torch.where(m, -torch.inf, e), -1)),
        ("wrong-axis", first_axis),
        ("whole-batch", all_in_one),
        ("overflow", raised_by_hand),
        ("masked-maximum", lambda e, m: (lambda x: x * m / (x * m).sum(-1, True))((e - e.amax(-1, True)).exp())),
        ("masked-maximum", lambda e, m: (lambda w: w * m / (w * m).sum(-1, keepdim=True))(torch.softmax(e, -1))),
        ("finite-number", lambda e, m: torch.softmax(torch.where(m, e, -1e4), -1)),
        ("finite-number", lambda e, m: torch.softmax(torch.where(m, e, -100.0), -1)),
        ("finite-difference", lambda e, m: torch.softmax(e + (~m).double() * -1000, -1)),
        ("zero-times-infinity", lambda e, m: torch.softmax(e + (1 - m.double()) * -torch.inf, -1)),
        ("log", lambda e, m: torch.log_softmax(torch.where(m, e, -torch.inf), -1)),
        ("shares", lambda e, m: e * m / (e * m).sum(-1, keepdim=True)),
        ("dtype", lambda e, m: masked_softmax(e, m).float()),
        ("wrong-values", lambda e, m: masked_softmax(2 * e, m)),
    ),
    masked_in_place,
)


def reinforce(weights, taken, rewards, baseline):
    total = torch.zeros_like(weights)
    for s, reward in zip(taken.tolist(), rewards, strict=True):
        for j in range(len(weights)):
            total[j] += (reward - baseline) * (float(s == j) - weights[j])
    return total / len(taken)


def reinforce_in_place(weights, taken, rewards, baseline):
    rewards -= baseline
    return reinforce(weights, taken, rewards, 0.0)


def drawn(gain, push):
    """The mean over the draws of gain(R, b, α_s) times push(j is s, α_j, α_s)."""

    def answer(weights, taken, rewards, baseline):
        rows = []
        for s, reward in zip(taken.tolist(), rewards, strict=True):
            row = [push(float(s == j), weights[j], weights[s]) for j in range(len(weights))]
            rows.append(gain(reward, baseline, weights[s]) * torch.stack(row))
        return torch.stack(rows).mean(0)

    return answer


def better(reward, baseline, share):
    return reward - baseline


REINFORCE = Answers(
    ch04.check_reinforce,
    reinforce,
    (
        ("no-baseline", drawn(lambda r, b, s: r, lambda same, a, s: same - a)),
        ("baseline-added", drawn(lambda r, b, s: r + b, lambda same, a, s: same - a)),
        ("descent", drawn(better, lambda same, a, s: a - same)),
        ("only-the-chosen", drawn(better, lambda same, a, s: same + 0 * a)),
        ("in-the-weights", drawn(better, lambda same, a, s: same / a)),
        ("weighted-again", drawn(lambda r, b, s: s * (r - b), lambda same, a, s: same - a)),
        ("of-the-weight", lambda a, s, r, b: len(s) * reinforce(a, s, a[s] * (r - b), 0.0)),
        ("sum", lambda a, s, r, b: len(s) * reinforce(a, s, r, b)),
        ("one-too-few", lambda a, s, r, b: reinforce(a, s, r, b) * len(s) / (len(s) - 1)),
        ("own-mean", lambda a, s, r, b: reinforce(a, s, r, r.mean())),
        ("weight-of-the-chosen", drawn(better, lambda same, a, s: same - s)),
        ("push-turned", drawn(better, lambda same, a, s: same * (a - 1))),
        (
            "each-draw",
            lambda a, s, r, b: torch.stack([reinforce(a, s[i : i + 1], r[i : i + 1], b) for i in range(len(s))]),
        ),
        ("shape", lambda a, s, r, b: reinforce(a, s, r, b).sum()),
        ("wrong-values", lambda a, s, r, b: reinforce(a, s, r, 2 * b - 1)),
    ),
    reinforce_in_place,
)

ALL = (ADDITIVE_SCORES, MASKED_SOFTMAX, REVERSAL_MATRIX, REINFORCE, TEMPERATURE_FOR)
LIBRARY = {"masked_softmax": attention.attention_weights}
