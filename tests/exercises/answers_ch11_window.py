"""Chapter 11, the exercises on a window without its memory."""

import math

import torch

from memlib.exercises import ch11
from tests.exercises.answers import Answers


def table(entry):
    """A table of all pairs of steps, entry by entry."""

    def answer(parts):
        steps = range(parts.shape[1])
        return torch.stack([torch.stack([entry(parts[:, i], parts[:, j]) for j in steps]) for i in steps])

    return answer


def gram_in_place(parts):
    parts *= 2
    return torch.stack([part @ part.T / 4 for part in parts]).prod(0)


def end_to_end(parts):
    both = torch.cat(list(parts), dim=1)
    return both @ both.T


def scaled(parts):
    rows = right_gram(parts)
    return rows / rows.norm(dim=1, keepdim=True)


def multiplied(parts):
    return torch.linalg.multi_dot([part @ part.T for part in parts])


right_gram = table(lambda one, two: math.prod(s @ t for s, t in zip(one, two, strict=True)))
PRODUCT_GRAM = Answers(
    ch11.check_product_gram,
    right_gram,
    (
        ("sum", table(lambda one, two: (one * two).sum())),
        ("sum", end_to_end),
        ("matrix-product", multiplied),
        ("entries-first", table(lambda one, two: one.prod(0) @ two.prod(0))),
        ("tables", lambda parts: torch.stack([part @ part.T for part in parts])),
        ("two-parts-only", lambda parts: right_gram(parts[:2])),
        ("first-part-only", lambda parts: parts[0] @ parts[0].T),
        ("over-steps", lambda parts: torch.einsum("pid,pjd->pij", parts, parts).prod(2)),
        ("over-steps", lambda parts: torch.einsum("pid,pjd->pij", parts, parts).prod(1)),
        ("axes-not-steps", lambda parts: math.prod(part.T @ part for part in parts)),
        ("cosines", scaled),
        ("lower-only", lambda parts: right_gram(parts).tril()),
        ("lower-only", lambda parts: right_gram(parts).tril(diagonal=-1)),
        ("shape", lambda parts: right_gram(parts)[0]),
        ("wrong-values", lambda parts: right_gram(parts) ** 2),
    ),
    gram_in_place,
)


def terms(mixed=lambda old, u, v: 2 * (old * u).sum(), key=None, end=lambda x: x):
    """The square written out, with a part changed."""

    def answer(square, old, value, s, r):
        u = value - old
        length = s.square().sum() * r.square().sum() if key is None else key(s, r)
        return end(square + mixed(old, u, value) + length * u.square().sum())

    return answer


def norm_in_place(square, old, value, s, r):
    value -= old
    return square + 2 * old @ value + s.square().sum() * r.square().sum() * value @ value


def whole_value(square, old, value, s, r):
    return square + 2 * (old * value).sum() + s.norm() ** 2 * r.norm() ** 2 * value.norm() ** 2


def length_of_change(square, old, value, s, r):
    u = value - old
    return square + 2 * old @ u + s @ s * (r @ r) * u.square().sum().sqrt()


def doubled(old, value, s, r):
    u = value - old
    return old @ u + (s @ s) * (r @ r) * (u @ u)


def both_terms(square, old, value, s, r):
    u = value - old
    return square + (s @ s) * (r @ r) * (2 * (old @ u) + u @ u)


SQUARE_NORM = Answers(
    ch11.check_square_norm,
    terms(),
    (
        ("no-two", terms(mixed=lambda old, u, v: old @ u)),
        ("value-for-reading", terms(mixed=lambda old, u, v: 2 * v @ u)),
        ("value-for-correction", whole_value),
        ("key-missing", terms(key=lambda s, r: 1.0)),
        ("key-missing", lambda square, old, value, s, r: square - old @ old + value @ value),
        ("one-key-only", terms(key=lambda s, r: s @ s)),
        ("one-key-only", terms(key=lambda s, r: r.norm() ** 2)),
        ("correction-not-squared", length_of_change),
        ("two-everywhere", lambda square, *rest: square + 2 * doubled(*rest)),
        ("sum-of-keys", terms(key=lambda s, r: torch.cat([s, r]).square().sum())),
        ("lengths-not-squared", terms(key=lambda s, r: s.norm() * r.norm())),
        ("norm", terms(end=torch.sqrt)),
        ("sign", terms(mixed=lambda old, u, v: -2 * old @ u)),
        ("no-mixed-term", terms(mixed=lambda old, u, v: 0.0)),
        ("key-in-mixed-term", both_terms),
        ("bounded", terms(end=lambda x: torch.minimum(x, torch.ones_like(x)))),
        ("wrong-values", terms(mixed=lambda old, u, v: 3 * old @ u)),
        ("type", terms(end=lambda x: [x.item()])),
    ),
    norm_in_place,
)


def left(entry):
    """A table of all steps and writes, entry by entry; P[0] is 1."""

    def answer(bounds):
        c = bounds.tolist()
        P = [math.prod(c[:t]) for t in range(len(c) + 1)]
        steps = range(len(c))
        return torch.tensor([[entry(P, c, t, i) for i in steps] for t in steps], dtype=bounds.dtype)

    return answer


def below(entry):
    return left(lambda P, c, t, i: entry(P, c, t, i) if i <= t else 0.0)


def fade_in_place(bounds):
    bounds.copy_(bounds.cumprod(0))
    before = torch.cat([torch.ones(1, dtype=bounds.dtype), bounds[:-1]])
    return (before / bounds[:, None]).tril()


FADE = Answers(
    ch11.check_fade,
    below(lambda P, c, t, i: P[i] / P[t + 1]),
    (
        ("own-bound-forgotten", below(lambda P, c, t, i: P[i + 1] / P[t + 1])),
        ("one-bound-too-many", below(lambda P, c, t, i: P[i] / P[t + 1] / c[t])),
        ("upper", left(lambda P, c, t, i: P[i] / P[t + 1] if i >= t else 0.0)),
        ("transposed", left(lambda P, c, t, i: P[t] / P[i + 1] if t <= i else 0.0)),
        ("no-triangle", left(lambda P, c, t, i: P[i] / P[t + 1])),
        ("without-diagonal", left(lambda P, c, t, i: P[i] / P[t + 1] if i < t else 0.0)),
        ("inverse", below(lambda P, c, t, i: P[t + 1] / P[i])),
        ("rows-and-columns-divided", below(lambda P, c, t, i: P[t] / P[i + 1])),
        ("last-bound-missing", below(lambda P, c, t, i: P[i] / P[t])),
        ("to-the-end", below(lambda P, c, t, i: 1 / math.prod(c[i:]))),
        ("only-own-bound", below(lambda P, c, t, i: 1 / c[i])),
        ("from-the-start", below(lambda P, c, t, i: 1 / P[t + 1])),
        ("sums", below(lambda P, c, t, i: 1 / sum(c[i : t + 1]))),
        ("wrong-values", below(lambda P, c, t, i: (P[i] / P[t + 1]) ** 2)),
        ("shape", lambda bounds: 1 / bounds.cumprod(0)),
    ),
    fade_in_place,
)
