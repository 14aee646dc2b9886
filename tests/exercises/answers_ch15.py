"""Chapter 15, soft programs: right and wrong answers."""

import math

import torch

from memlib.exercises import ch15
from memlib.mechanisms import programs
from tests.exercises.answers import Answers


def choose_softly(values, scores):
    raised = [score.exp() for score in scores]
    return sum(one / sum(raised) * value for one, value in zip(raised, values, strict=True))


def choose_in_place(values, scores):
    scores -= scores.max()
    return choose_softly(values, scores)


CHOOSE = Answers(
    ch15.check_choose_softly,
    choose_softly,
    (
        ("hardest", lambda v, s: v[s == s.max()][0]),
        ("no-softmax", lambda v, s: (s[:, None] * v).sum(0)),
        ("plain-mean", lambda v, s: sum(v) / len(v)),
        ("not-added", lambda v, s: torch.softmax(s, 0)[:, None] * v),
        ("divided", lambda v, s: (s[:, None] * v).sum(0) / s.sum()),
        ("exp-only", lambda v, s: torch.exp(s) @ v),
        ("mean-after", lambda v, s: choose_softly(v, s) / len(v)),
        ("wrong-values", lambda v, s: 2 * choose_softly(v, s)),
    ),
    choose_in_place,
)


def run_softly(values, operations, left, right):
    a = sum(w * v for w, v in zip(left, values, strict=True))
    b = sum(w * v for w, v in zip(right, values, strict=True))
    return operations[0] * (a + b) + operations[1] * (a - b) + operations[2] * a * b


def run_in_place(values, operations, left, right):
    left *= values
    return run_softly(torch.ones_like(values), operations, left, right * values)


def elementwise(v, o, left, right):
    a, b = left * v, right * v
    return torch.stack([a + b, a - b, a * b]).sum(1) @ o


def hard_operands(v, o, left, right):
    a, b = v[left.argmax()], v[right.argmax()]
    return o[0] * (a + b) + o[1] * (a - b) + o[2] * a * b


RUN = Answers(
    ch15.check_run_softly,
    run_softly,
    (
        ("hard-operation", lambda v, o, a, b: (a @ v + b @ v, a @ v - b @ v, (a @ v) * (b @ v))[int(o.argmax())]),
        ("hard-operands", hard_operands),
        ("changed-places", lambda v, o, a, b: run_softly(v, o, b, a)),
        ("not-averaged", lambda v, o, a, b: 2 * (a @ v) + (a @ v) * (b @ v)),
        ("pairs", elementwise),
        ("hard", lambda v, o, a, b: hard_operands(v, (o == o.max()).double(), a, b)),
        ("softmax-again", lambda v, o, a, b: run_softly(v, torch.softmax(o, 0), a, b)),
        ("softmax-of-all", lambda v, *w: run_softly(v, *(torch.softmax(one, 0) for one in w))),
        ("another-order", lambda v, o, a, b: o @ torch.stack([(x := a @ v) + (y := b @ v), x * y, x - y])),
        ("wrong-values", lambda v, o, a, b: run_softly(v, o, a, b) + 1),
    ),
    run_in_place,
)


def average_rows(table, columns, pivot, earlier):
    found = []
    for row, before in zip(table, earlier, strict=True):
        share = sum((w for w, cell in zip(columns, row, strict=True) if cell > pivot), torch.zeros(()).double())
        found.append(torch.minimum(share, before))
    return torch.stack(found)


def average_in_place(table, columns, pivot, earlier):
    found = average_rows(table, columns, pivot, earlier)
    earlier[:] = found
    return found


def above(table, pivot):
    return torch.where(table > pivot, 1.0, 0.0).double()


ROWS = Answers(
    ch15.check_average_rows,
    average_rows,
    (
        ("compares-averages", lambda t, c, p, e: torch.minimum(above(t @ c, p), e)),
        ("hard-column", lambda t, c, p, e: torch.minimum(above(t, p)[:, c.argmax()], e)),
        ("lesser", lambda t, c, p, e: torch.minimum(above(-t, -p) @ c, e)),
        ("or", lambda t, c, p, e: torch.maximum(above(t, p) @ c, e)),
        ("product", lambda t, c, p, e: (above(t, p) @ c) * e),
        ("forgets", lambda t, c, p, e: above(t, p) @ c),
        ("plain-mean", lambda t, c, p, e: torch.minimum(above(t, p).sum(1) / t.shape[1], e)),
        ("any-column", lambda t, c, p, e: torch.minimum(above(t, p).sum(1), e)),
        ("at-least", lambda t, c, p, e: torch.minimum((1 - above(-t, -p)) @ c, e)),
        ("wrong-values", lambda t, c, p, e: average_rows(t, c, p, e) / 2),
    ),
    average_in_place,
)


def count_programs(inputs, steps, operations):
    total = 1
    for _ in range(steps):
        total *= operations * inputs * inputs
        inputs += 1
    return total


def counted(first, grow, power=2):
    def answer(inputs, steps, operations):
        total = 1
        for t in range(steps):
            total *= operations * (inputs + first + grow * t) ** power
        return total

    return answer


COUNT = Answers(
    ch15.check_count_programs,
    count_programs,
    (
        ("no-results", counted(0, 0)),
        ("one-operand", counted(0, 1, power=1)),
        ("added", lambda n, t, o: sum(o * (n + i) * (n + i) for i in range(t))),
        ("sees-itself", counted(1, 1)),
        ("all-at-once", lambda n, t, o: counted(t - 1, 0)(n, t, o)),
        ("two-places", lambda n, t, o: math.prod(o * math.perm(n + i, 2) for i in range(t))),
        ("no-order", lambda n, t, o: math.prod(o * math.comb(n + i + 1, 2) for i in range(t))),
        ("one-operation", lambda n, t, o: count_programs(n, t, 1) * o),
        ("last-step", lambda n, t, o: count_programs(n + t - 1, 1, o)),
        ("wrong-value", lambda n, t, o: count_programs(n, t, o) + 1),
    ),
)


def score_gradient(results, scores, target):
    w = torch.softmax(scores, 0)
    answer = sum(a * b for a, b in zip(w, results, strict=True))
    return torch.stack([(answer - target) * w[i] * (results[i] - answer) for i in range(len(w))])


def gradient_in_place(results, scores, target):
    w = torch.softmax(scores, 0)
    answer = w @ results
    results -= answer
    return (answer - target) * w * results


def error(f, s, y):
    return torch.softmax(s, 0) @ f - y


GRADIENT = Answers(
    ch15.check_score_gradient,
    score_gradient,
    (
        ("of-weights", lambda f, s, y: error(f, s, y) * f),
        ("not-centred", lambda f, s, y: error(f, s, y) * torch.softmax(s, 0) * f),
        ("to-target", lambda f, s, y: error(f, s, y) * torch.softmax(s, 0) * (f - y)),
        ("no-weight", lambda f, s, y: error(f, s, y) * (f - torch.softmax(s, 0) @ f)),
        ("turned", lambda f, s, y: -score_gradient(f, s, y)),
        ("twice", lambda f, s, y: 2 * score_gradient(f, s, y)),
        ("no-error", lambda f, s, y: (w := torch.softmax(s, 0)) * (f - w @ f)),
        ("own-weight-only", lambda f, s, y: error(f, s, y) * (w := torch.softmax(s, 0)) * f * (1 - w)),
        ("plain-mean", lambda f, s, y: error(f, s, y) * torch.softmax(s, 0) * (f - sum(f) / len(f))),
        ("wrong-values", lambda f, s, y: 3 * score_gradient(f, s, y)),
    ),
    gradient_in_place,
)

ALL = (CHOOSE, RUN, ROWS, COUNT, GRADIENT)
LIBRARY = {
    "choose_softly": lambda values, scores: programs.soft_select(values, scores.softmax(0)),
    "average_rows": lambda t, c, p, e: programs.both(programs.soft_select(programs.greater(t, p).mT, c), e),
}
