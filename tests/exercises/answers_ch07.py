"""Chapter 7, memory networks: right and wrong answers."""

import torch

from memlib.exercises import ch07
from tests.exercises.answers import Answers


def weighed(weight):
    """Σ_j weight(j, k, J, d) x_jk, by loops over places counted from 1."""

    def answer(words):
        J, d = words.shape
        rows = [[weight(j + 1, k + 1, J, d) * words[j, k] for k in range(d)] for j in range(J)]
        return torch.stack([torch.stack(row) for row in rows]).sum(0)

    return answer


encode = weighed(lambda j, k, J, d: (1 - j / J) - (k / d) * (1 - 2 * j / J))


def encode_in_place(words):
    J, d = words.shape
    for j in range(1, J + 1):
        words[j - 1] *= torch.tensor([(1 - j / J) - (k / d) * (1 - 2 * j / J) for k in range(1, d + 1)]).double()
    return words.sum(0)


def weighed_only(words):
    J, d = words.shape
    j, k = torch.arange(1.0, J + 1).double()[:, None], torch.arange(1.0, d + 1).double()
    return words * (1 - j / J - k / d * (1 - 2 * j / J))


ENCODE = Answers(
    ch07.check_encode,
    encode,
    (
        ("bag", lambda words: sum(words)),
        ("counted-from-zero", weighed(lambda j, k, J, d: 1 - (j - 1) / J - (k - 1) / d * (1 - 2 * (j - 1) / J))),
        ("mean", lambda words: weighed_only(words).mean(0)),
        ("one-factor", weighed(lambda j, k, J, d: 1 - j / J)),
        ("sign", weighed(lambda j, k, J, d: 1 - j / J + k / d * (1 - 2 * j / J))),
        ("two-left-out", weighed(lambda j, k, J, d: 1 - j / J - (k / d) * (1 - j / J))),
        ("entries-from-zero", weighed(lambda j, k, J, d: 1 - j / J - ((k - 1) / d) * (1 - 2 * j / J))),
        ("backwards", lambda words: encode(torch.stack(list(words)[::-1]))),
        ("not-added", weighed_only),
        ("wrong-values", weighed(lambda j, k, J, d: j * k / (J * d))),
    ),
    encode_in_place,
)


def hop(question, keys, values):
    raised = torch.stack([(question @ key).exp() for key in keys])
    return question + sum(p * value for p, value in zip(raised / raised.sum(), values, strict=True))


def hop_in_place(question, keys, values):
    question += torch.softmax(keys @ question, 0) @ values
    return question


HOP = Answers(
    ch07.check_hop,
    hop,
    (
        ("response-only", lambda u, m, c: torch.softmax(m @ u, 0) @ c),
        ("no-softmax", lambda u, m, c: u + c.T @ (m @ u)),
        ("reads-keys", lambda u, m, c: hop(u, m, m)),
        ("matches-values", lambda u, m, c: hop(u, c, c)),
        ("changed-places", lambda u, m, c: hop(u, c, m)),
        ("scaled", lambda u, m, c: u + torch.softmax(m @ u / u.numel() ** 0.5, 0) @ c),
        ("hardest", lambda u, m, c: u + c[(m @ u).argmax()]),
        ("plain-mean", lambda u, m, c: u + c.sum(0) / len(c)),
        ("wrong-values", lambda u, m, c: 2 * hop(u, m, c)),
    ),
    hop_in_place,
)


def pass_on(starts, ends, symbols):
    values = torch.zeros(len(starts), symbols, dtype=torch.float64)
    for row, start, end in zip(values, starts, ends, strict=True):
        row[end] += 1
        row[start] -= 1
    return values


def at(rows, symbols):
    return torch.nn.functional.one_hot(rows, symbols).double()


PASS_ON = Answers(
    ch07.check_pass_on,
    pass_on,
    (
        ("keeps-the-start", lambda s, e, n: at(e, n)),
        ("upside-down", lambda s, e, n: at(s, n) - at(e, n)),
        ("both", lambda s, e, n: at(s, n) + at(e, n)),
        ("same-as-key", lambda s, e, n: at(s, n)),
        ("takes-away-only", lambda s, e, n: -at(s, n)),
        ("turned", lambda s, e, n: pass_on(s, e, n).T),
        ("wrong-values", lambda s, e, n: 2 * pass_on(s, e, n)),
    ),
)


def shares(question, keys, values, table):
    return torch.softmax(table @ (question + torch.softmax(keys @ question, 0) @ values), 0)


def importance(question, keys, values, table):
    whole = shares(question, keys, values, table)
    fallen = []
    for i in range(len(keys)):
        kept = [n for n in range(len(keys)) if n != i]
        fallen.append(whole.max() - shares(question, keys[kept], values[kept], table)[whole.argmax()])
    return torch.stack(fallen)


def importance_in_place(question, keys, values, table):
    found = importance(question, keys, values, table)
    keys[0] = 0
    return found


def weight_to_zero(question, keys, values, table):
    p = torch.softmax(keys @ question, 0)
    whole = shares(question, keys, values, table)
    return torch.stack(
        [whole.max() - torch.softmax(table @ (question + p @ values - p[i] * values[i]), 0)[whole.argmax()]
         for i in range(len(keys))]
    )  # fmt: skip


def key_to_zero(question, keys, values, table):
    whole = shares(question, keys, values, table)
    fallen = []
    for i in range(len(keys)):
        emptied = keys.clone()
        emptied[i] = 0
        fallen.append(whole.max() - shares(question, emptied, values, table)[whole.argmax()])
    return torch.stack(fallen)


def both_to_zero(question, keys, values, table):
    whole = shares(question, keys, values, table)
    fallen = []
    for i in range(len(keys)):
        m, c = keys.clone(), values.clone()
        m[i], c[i] = 0, 0
        fallen.append(whole.max() - shares(question, m, c, table)[whole.argmax()])
    return torch.stack(fallen)


def of_scores(question, keys, values, table):
    def score(rows):
        return table @ (question + torch.softmax(keys[rows] @ question, 0) @ values[rows])

    whole = score(list(range(len(keys))))
    rows = [[n for n in range(len(keys)) if n != i] for i in range(len(keys))]
    return torch.stack([whole.max() - score(kept)[whole.argmax()] for kept in rows])


def of_each(question, keys, values, table, follow=True):
    rows = [[n for n in range(len(keys)) if n != i] for i in range(len(keys))]
    word = shares(question, keys, values, table).argmax()
    all_of = [shares(question, keys[kept], values[kept], table) for kept in rows]
    return torch.stack([one[word] if follow else one.max() for one in all_of])


def without_question(question, keys, values, table):
    def said(rows):
        p = torch.softmax(keys[rows] @ question, 0)
        return torch.softmax(table @ (p @ values[rows]), 0)

    whole = said(list(range(len(keys))))
    return torch.stack(
        [whole.max() - said([n for n in range(len(keys)) if n != i])[whole.argmax()] for i in range(len(keys))]
    )


IMPORTANCE = Answers(
    ch07.check_importance,
    importance,
    (
        ("weights", lambda u, m, c, w: torch.softmax(m @ u, 0)),
        ("not-shared-out", weight_to_zero),
        ("key-to-zero", key_to_zero),
        ("both-to-zero", both_to_zero),
        ("scores", of_scores),
        ("size", lambda u, m, c, w: importance(u, m, c, w).abs()),
        ("best-of-each", lambda u, m, c, w: shares(u, m, c, w).max() - of_each(u, m, c, w, follow=False)),
        ("turned", lambda u, m, c, w: -importance(u, m, c, w)),
        ("without-only", of_each),
        ("question-left-out", without_question),
        ("wrong-values", lambda u, m, c, w: importance(u, m, c, w).abs() + 1),
    ),
    importance_in_place,
)


def count_weights(vocabulary, width, hops, memory, tying):
    words, ages = vocabulary * width, memory * width
    if tying == "adjacent":
        return sum(words + ages for _ in range(hops + 1))
    return words + ages + words + ages + words + words + width * width


def counted(adjacent, layers):
    def answer(vocabulary, width, hops, memory, tying):
        V, M = vocabulary * width, memory * width
        return (adjacent if tying == "adjacent" else layers)(V, M, width**2, hops)

    return answer


def fine(V, M, H, K):
    return (K + 1) * (V + M)


def fine_layers(V, M, H, K):
    return 4 * V + 2 * M + H


COUNT_WEIGHTS = Answers(
    ch07.check_count_weights,
    count_weights,
    (
        ("no-ages", counted(lambda V, M, H, K: (K + 1) * V, lambda V, M, H, K: 4 * V + H)),
        ("ages-once", counted(lambda V, M, H, K: (K + 1) * V + M, lambda V, M, H, K: 4 * V + M + H)),
        ("two-tables-of-ages", counted(lambda V, M, H, K: (K + 1) * V + 2 * M, fine_layers)),
        ("layers-per-hop", counted(fine, lambda V, M, H, K: K * (2 * V + 2 * M + H) + 2 * V)),
        ("map-everywhere", counted(lambda V, M, H, K: fine(V, M, H, K) + H, fine_layers)),
        (
            "untied",
            counted(lambda V, M, H, K: 2 * K * (V + M) + 2 * V, lambda V, M, H, K: 2 * K * (V + M) + 2 * V + H),
        ),
        ("question-and-answer", counted(lambda V, M, H, K: fine(V, M, H, K) + 2 * V, fine_layers)),
        ("one-too-few", counted(lambda V, M, H, K: K * (V + M), fine_layers)),
        ("no-map", counted(fine, lambda V, M, H, K: 4 * V + 2 * M)),
        ("two-tables", counted(fine, lambda V, M, H, K: 2 * V + 2 * M + H)),
        ("map-per-hop", counted(fine, lambda V, M, H, K: 4 * V + 2 * M + K * H)),
        ("ages-of-all", counted(fine, lambda V, M, H, K: 4 * (V + M) + H)),
        ("wrong-value", lambda *given: 7),
    ),
)


ALL = (ENCODE, HOP, PASS_ON, IMPORTANCE, COUNT_WEIGHTS)
LIBRARY: dict[str, object] = {}
