"""Chapter 9, two memories: right and wrong answers."""

import itertools
import math

import torch

from memlib.exercises import ch09
from tests.exercises.answers import Answers


def write_item(memory, left, right, drives, weights, tanh=torch.tanh, squash=torch.sigmoid):
    result = torch.zeros_like(memory)
    for i in range(len(left)):
        for j in range(len(right)):
            take, keep = (squash(drives[g, i] + weights[g, i] @ tanh(memory[:, j])) for g in (0, 1))
            result[i, j] = keep * memory[i, j] + take * left[i] * right[j]
    return result


def write_item_in_place(memory, left, right, drives, weights):
    new = write_item(memory, left, right, drives, weights)
    memory.copy_(new)
    return memory


def gates(memory, drives, weights):
    return torch.sigmoid(drives[..., None] + weights @ memory.tanh())


def written(gate):
    def answer(m, a, b, w, u):
        take, keep = gate(m, w, u)
        return keep * m + take * torch.outer(a, b)

    return answer


def joined(how):
    return lambda m, a, b, w, u: how(gates(m, w, u), m, torch.outer(a, b))


WRITE_ITEM = Answers(
    ch09.check_write_item,
    write_item,
    (
        ("no-sigmoid", lambda *given: write_item(*given, squash=lambda x: x)),
        ("gates-swapped", written(lambda m, w, u: gates(m, w, u).flip(0))),
        ("no-tanh", lambda *given: write_item(*given, tanh=lambda x: x)),
        ("drive-on-columns", written(lambda m, w, u: torch.sigmoid(w[:, None] + u @ m.tanh()))),
        ("weights-on-the-right", written(lambda m, w, u: torch.sigmoid(w[..., None] + m.tanh() @ u))),
        ("memory-left-out", written(lambda m, w, u: torch.sigmoid(w)[..., None])),
        ("one-gate", written(lambda m, w, u: (gates(m, w, u)[0], 1 - gates(m, w, u)[0]))),
        ("never-forgets", written(lambda m, w, u: (gates(m, w, u)[0], 1))),
        ("takes-all", written(lambda m, w, u: (1, gates(m, w, u)[1]))),
        ("ungated", lambda m, a, b, w, u: m + a[:, None] * b),
        ("turned", lambda m, a, b, w, u: write_item(m, b, a, w, u)),
        (
            "gates-after",
            lambda m, a, b, w, u: written(lambda x, w, u: gates(m + torch.outer(a, b), w, u))(m, a, b, w, u),
        ),
        ("squashed-pair", joined(lambda g, m, x: g[1] * m + g[0] * torch.tanh(x))),
        ("one-gate", written(lambda m, w, u: (1 - gates(m, w, u)[1], gates(m, w, u)[1]))),
        ("squashed-memory", joined(lambda g, m, x: g[1] * torch.tanh(m) + g[0] * x)),
        ("gated-twice", joined(lambda g, m, x: (m + x * g[0]) * g[1])),
        ("matrix-product", joined(lambda g, m, x: torch.matmul(g[1], m) + torch.matmul(g[0], x))),
        ("left-twice", lambda m, a, b, w, u: write_item(m, a, a, w, u)),
        ("tanh-after", written(lambda m, w, u: torch.sigmoid(w.unsqueeze(-1) + torch.tanh(torch.matmul(u, m))))),
        ("tanh-gates", lambda *given: write_item(*given, squash=torch.tanh)),
        ("drive-left-out", lambda m, a, b, w, u: write_item(m, a, b, 0 * w, u)),
        ("weights-turned", lambda m, a, b, w, u: write_item(m, a, b, w, u.transpose(1, 2))),
        ("wrong-values", lambda *given: 2 * write_item(*given)),
    ),
    write_item_in_place,
)


def ask_relations(relations, choice, query):
    raised = [math.exp(number) for number in choice.tolist()]
    total = torch.zeros(relations.shape[1], dtype=relations.dtype)
    for share, matrix in zip(raised, relations, strict=True):
        total += share / sum(raised) * (matrix @ query)
    return total


def ask_relations_in_place(relations, choice, query):
    relations *= choice.softmax(0)[:, None, None]
    return relations.sum(0) @ query


ASK_RELATIONS = Answers(
    ch09.check_ask_relations,
    ask_relations,
    (
        ("no-softmax", lambda m, c, q: c @ (m @ q)),
        ("sigmoid", lambda m, c, q: torch.sigmoid(c) @ (m @ q)),
        ("hardest", lambda m, c, q: m[c.argmax()] @ q),
        ("all-alike", lambda m, c, q: m.mean(0) @ q),
        ("sum", lambda m, c, q: m.sum(0) @ q),
        ("rows", lambda m, c, q: c.softmax(0) @ (m.mT @ q)),
        ("each-matrix", lambda m, c, q: (m * q).sum(-1)),
        ("each-matrix", lambda m, c, q: c.softmax(0)[:, None] * (m @ q)),
        ("not-shared", lambda m, c, q: torch.exp(c) @ (m @ q)),
        ("divided-by-the-sum", lambda m, c, q: (c / c.sum()) @ (m @ q)),
        ("softmax-of-the-answers", lambda m, c, q: c @ torch.softmax(m @ q, 0)),
        ("softmax-of-the-answers", lambda m, c, q: torch.softmax(c @ (m @ q), 0)),
        ("mean", lambda m, c, q: (c.softmax(0)[:, None] * (m @ q)).mean(0)),
        ("query-squashed", lambda m, c, q: c.softmax(0) @ (m @ q.softmax(0))),
        ("not-asked", lambda m, c, q: (c.softmax(0)[:, None, None] * m).sum(0)),
        ("wrong-values", lambda m, c, q: -ask_relations(m, c, q)),
    ),
    ask_relations_in_place,
)


def hand_on(items, relations, weights, blend):
    result = items.clone()
    for i in range(len(items)):
        for s in range(len(relations)):
            for j in range(len(items)):
                result[i] += blend * weights[i, s, j] * relations[s, j]
    return result


def hand_on_in_place(items, relations, weights, blend):
    items += blend * weights.flatten(1) @ relations.flatten(0, 1)
    return items


def gift(relations, weights):
    return torch.einsum("isj,sjt->it", weights, relations)


HAND_ON = Answers(
    ch09.check_hand_on,
    hand_on,
    (
        ("gift-alone", lambda m, r, w, a: a * gift(r, w)),
        ("no-blend", lambda m, r, w, a: m + gift(r, w)),
        ("items-faded", lambda m, r, w, a: a * m + gift(r, w)),
        ("between", lambda m, r, w, a: m + a * (gift(r, w) - m)),
        ("columns", lambda m, r, w, a: m + a * gift(r.mT, w)),
        ("mean", lambda m, r, w, a: m + a * gift(r, w) / len(r)),
        ("first-query", lambda m, r, w, a: m + a * w[:, 0] @ r[0]),
        ("other-order", lambda m, r, w, a: m + a * w.flatten(1) @ r.permute(1, 0, 2).reshape(-1, len(m))),
        ("turned", lambda m, r, w, a: m + a * gift(r, w).T),
        ("both-blended", lambda m, r, w, a: a * (m + gift(r, w))),
        ("last-query", lambda m, r, w, a: m + a * w[:, -1] @ r[-1]),
        ("weights-turned", lambda m, r, w, a: m + a * gift(r, w.permute(2, 1, 0))),
        ("other-order", lambda m, r, w, a: m + a * w.transpose(1, 2).reshape(len(m), -1) @ r.flatten(0, 1)),
        ("values-mixed", lambda m, r, w, a: m + a * sum(r[s] @ w[:, s].T for s in range(len(r)))),
        ("values-mixed", lambda m, r, w, a: m + a * sum(r[s] @ w[:, s] for s in range(len(r)))),
        ("wrong-values", lambda m, r, w, a: m - a * gift(r, w)),
    ),
    hand_on_in_place,
)


def lengths(points, close=True, leg=lambda step: step.norm().item()):
    for order in itertools.permutations(range(len(points))):
        along = points[list(order)]
        ends = along.roll(-1, 0) if close else along[1:]
        yield sum(leg(b - a) for a, b in zip(along, ends, strict=False))


def tour_length(points):
    first, *others = points.tolist()
    best = math.inf
    for order in itertools.permutations(others):
        stops = [first, *order, first]
        best = min(best, sum(math.hypot(a[0] - b[0], a[1] - b[1]) for a, b in itertools.pairwise(stops)))
    return best


def tour_length_in_place(points):
    best = tour_length(points)
    points -= points[0].clone()
    return best


def nearest_first(points, start=0, home=True):
    begin = points[start]
    here, left, walked = begin, points[torch.arange(len(points)) != start], 0.0
    while len(left):
        far = (left - here).norm(dim=1)
        walked += far.min().item()
        here = left[far.argmin()]
        left = left[far > far.min()]
    return walked + home * (here - begin).norm().item()


def round_the_middle(points):
    centred = points - points.mean(0)
    order = sorted(range(len(points)), key=lambda i: math.atan2(centred[i, 1].item(), centred[i, 0].item()))
    return next(lengths(points[order]))


TOUR_LENGTH = Answers(
    ch09.check_tour_length,
    tour_length,
    (
        ("nearest-first", nearest_first),
        ("best-nearest", lambda p: min(nearest_first(p, start) for start in range(len(p)))),
        ("not-closed", lambda p: nearest_first(p, home=False)),
        ("round-the-middle", round_the_middle),
        ("one-left-out", lambda p: tour_length(p[:-1])),
        ("root-of-the-sum", lambda p: math.sqrt(min(lengths(p, leg=lambda step: (step @ step).item())))),
        ("as-told", lambda p: next(lengths(p))),
        ("not-closed", lambda p: min(lengths(p, close=False))),
        (
            "not-closed",
            lambda p: min(
                sum(math.dist(a, b) for a, b in itertools.pairwise([p.tolist()[0], *rest]))
                for rest in itertools.permutations(p.tolist()[1:])
            ),
        ),
        ("longest", lambda p: max(lengths(p))),
        ("mean", lambda p: sum(lengths(p)) / math.factorial(len(p))),
        ("squares", lambda p: min(lengths(p, leg=lambda step: (step @ step).item()))),
        ("blocks", lambda p: min(lengths(p, leg=lambda step: step.abs().sum().item()))),
        ("wrong-value", lambda p: tour_length(p) / 2),
    ),
    tour_length_in_place,
)


def untrained_rank(inputs, outputs):
    ratio = outputs / inputs
    return outputs / (1 + ratio**0.5) ** 2


UNTRAINED_RANK = Answers(
    ch09.check_untrained_rank,
    untrained_rank,
    (
        ("rank", lambda n, m: float(sorted((n, m))[0])),
        ("roots-left-out", lambda n, m: m / (1 + m / n)),
        ("not-squared", lambda n, m: n * m / (n**0.5 + m**0.5)),
        ("not-squared", lambda n, m: n**0.5 * m**0.5 / (n**0.5 + m**0.5)),
        ("not-squared", lambda n, m: (n * m) ** 0.5 / (n**0.5 + m**0.5) ** 2),
        ("not-squared", lambda n, m: m / (1 + m**0.5 / n**0.5)),
        ("no-brackets", lambda n, m: n * m / n**0.5 + m**0.5),
        ("smallest", lambda n, m: n * m / (n**0.5 - m**0.5) ** 2),
        ("frobenius", lambda n, m: 1.0 * n * m),
        ("largest", lambda n, m: n + m + 2 * (n * m) ** 0.5),
        ("upside-down", lambda n, m: 1 / untrained_rank(n, m)),
        ("wrong-value", lambda n, m: untrained_rank(n, m) + 1),
    ),
)


ALL = (WRITE_ITEM, ASK_RELATIONS, HAND_ON, TOUR_LENGTH, UNTRAINED_RANK)
LIBRARY: dict[str, object] = {}
