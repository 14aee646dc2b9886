"""Chapter 11: right and wrong answers. The wrong ones are written as a student would, not as the check has them."""

import torch
from torch import einsum
from torch.nn.functional import layer_norm, normalize

from memlib.exercises import ch11
from memlib.mechanisms import fast_weights
from tests.exercises.answers import Answers
from tests.exercises.answers_ch11_window import FADE, PRODUCT_GRAM, SQUARE_NORM


def read(memory, s, r):
    return einsum("abc,a,b->c", memory, s, r)


def outer(s, r, v):
    return einsum("a,b,c->abc", s, r, v)


def written(share=None, swap=False, unit=False):
    """A write by einsum; `share` is what the difference is multiplied by."""

    def answer(memory, s, r, v, strength):
        factor = strength / (s.norm() ** 2 * r.norm() ** 2) if share is None else share(s, r, strength)
        s, r = (r, s) if swap else (s, r)
        s, r = (s / s.norm(), r / r.norm()) if unit else (s, r)
        return memory + outer(s, r, factor * (v - read(memory, s, r)))

    return answer


def tensor_write_in_place(memory, s, r, v, strength):
    memory += outer(s, r, strength / (s @ s) / (r @ r) * (v - read(memory, s, r)))
    return memory


def plus(memory, s, r, v, strength):
    return memory + strength * outer(s / (s @ s), r / (r @ r), v)


def half_strength(memory, s, r, v, strength):
    return memory + outer(s / (s @ s), r / (r @ r), strength * v - read(memory, s, r))


def mixed_with_all(memory, s, r, v, strength):
    return (1 - strength) * memory + strength * outer(s / (s @ s), r / (r @ r), v)


def divided_old(memory, s, r, v, strength):
    length = (s @ s) * (r @ r)
    old = read(memory, s, r) / length
    return memory + outer(s, r, strength * (v - old)) / length


def into_the_ball(memory, s, r, v, strength):
    memory = written()(memory, s, r, v, strength)
    return memory / max(1.0, memory.norm().item())


def unit_and_strong(memory, s, r, v, strength):
    s, r = normalize(s, dim=0), normalize(r, dim=0)
    return memory + strength * outer(s, r, v - read(memory, s, r))


def lengthwise(f, s, r, v, b):
    return written(lambda s, r, b: b / s.norm() / r.norm())(f, s, r, v, b)


TENSOR_WRITE = Answers(
    ch11.check_tensor_write,
    written(),
    (
        ("lengths-ignored", lambda f, s, r, v, b: fast_weights.tensor_write(f, s, r, v, b)),
        ("not-squared", lengthwise),
        ("sum-of-squares", written(lambda s, r, b: b / torch.cat([s, r]).square().sum())),
        ("times-not-divided", written(lambda s, r, b: b * (s @ s) * (r @ r))),
        ("divided-twice", written(lambda s, r, b: b / ((s @ s) * (r @ r)) ** 2)),
        ("width-for-length", written(lambda s, r, b: b / s.shape[0])),
        ("one-key-only", written(lambda s, r, b: b / (s @ s))),
        ("one-key-only", written(lambda s, r, b: b / (r @ r))),
        ("adds", plus),
        ("all-fades", mixed_with_all),
        ("change-only", lambda f, s, r, v, b: written()(f, s, r, v, b) - f),
        ("old-divided", divided_old),
        ("no-strength", written(lambda s, r, b: 1 / (s @ s) / (r @ r))),
        ("strength-on-value-only", half_strength),
        ("read-with-unit-keys", unit_and_strong),
        ("sign", written(lambda s, r, b: -b / (s @ s) / (r @ r))),
        ("keys-swapped", lambda f, s, r, v, b: written(swap=len(s) == len(r))(f, s, r, v, b)),
        ("bounded", into_the_ball),
        ("wrong-values", written(lambda s, r, b: 2 * b / (s @ s) / (r @ r))),
        ("shape", lambda f, s, r, v, b: read(written()(f, s, r, v, b), s, r)),
    ),
    tensor_write_in_place,
)


def links(norm=lambda x: layer_norm(x, x.shape), order=lambda e: e, raw=False, anew=False):
    """The chain as a loop, with a part changed."""

    def answer(memory, query, relations):
        n, rows = query, []
        for e in order(relations):
            found = read(memory, query if anew else n, e)
            rows.append(norm(found))
            n = found if raw else rows[-1]
        return torch.stack(rows)

    return answer


def chained_in_place(memory, query, relations):
    rows = []
    for e in relations:
        query.copy_(layer_norm(read(memory, query, e), query.shape))
        rows.append(query.clone())
    return torch.stack(rows)


def last_normed(memory, query, relations):
    rows = links(norm=lambda x: x)(memory, query, relations)
    rows[-1] = layer_norm(rows[-1], rows[-1].shape)
    return rows


def relation_found(memory, query, relations):
    e, rows = relations[0], []
    for _ in relations:
        e = layer_norm(read(memory, query, e), query.shape)
        rows.append(e)
    return torch.stack(rows)


def places_swapped(memory, query, relations):
    rows = []
    for e in relations:
        query = layer_norm(einsum("abc,a,b->c", memory, e, query), query.shape)
        rows.append(query)
    return torch.stack(rows)


def collected_first(memory, query, relations):
    rows = []
    for e in relations:
        rows.append(query)
        query = layer_norm(read(memory, query, e), query.shape)
    return torch.stack(rows)


def from_values(memory, query, relations):
    rows = []
    for e in relations:
        query = layer_norm(einsum("abc,c,b->a", memory, query, e), query.shape)
        rows.append(query)
    return torch.stack(rows)


def adding(memory, query, relations):
    rows = []
    for e in relations:
        query = query + layer_norm(read(memory, query, e), query.shape)
        rows.append(query)
    return torch.stack(rows)


def where_square(answer):
    """It would fail on the other cases: the truth there, so that the mistake is seen where it can be."""
    return lambda f, n, e: answer(f, n, e) if f.shape[0] == f.shape[1] else links()(f, n, e)


CHAINED_READ = Answers(
    ch11.check_chained_read,
    links(),
    (
        ("no-layer-norm", links(norm=lambda x: x)),
        ("norm-at-the-end", last_normed),
        ("handed-on-raw", links(raw=True)),
        ("into-the-relation", where_square(relation_found)),
        ("keys-swapped", where_square(places_swapped)),
        ("value-axis", from_values),
        ("query-normed", lambda f, n, e: links()(f, layer_norm(n, n.shape), e)),
        ("query-is-a-row", lambda f, n, e: torch.cat([n[None], links()(f, n, e)])),
        ("query-is-a-row", collected_first),
        ("query-added", adding),
        ("reversed", links(order=lambda e: list(e)[::-1])),
        ("same-relation", links(order=lambda e: [e[0]] * len(e))),
        ("starts-anew", links(anew=True)),
        ("last-only", fast_weights.chained_read),
        ("mean-kept", links(norm=lambda x: x * len(x) ** 0.5 / x.norm())),
        ("scale-kept", links(norm=lambda x: x - x.sum() / len(x))),
        ("unit-length", links(norm=lambda x: normalize(x, dim=0))),
        ("sample-deviation", links(norm=lambda x: (x - x.mean()) / x.var().sqrt())),
        ("shape", lambda f, n, e: links()(f, n, e).T[:1]),
        ("wrong-values", links(norm=torch.tanh)),
    ),
    chained_in_place,
)
ALL = (TENSOR_WRITE, CHAINED_READ, PRODUCT_GRAM, SQUARE_NORM, FADE)
LIBRARY: dict = {}
