"""Chapter 6: right and wrong answers on usage, links and reading. Those on the allocation and the queue stand apart."""

import torch

from memlib.exercises import ch06
from memlib.mechanisms import allocation
from tests.exercises.answers import Answers
from tests.exercises.answers_ch06_queue import OFFER, QUEUE


def in_use(usage, written, free, reads):
    result = []
    for i in range(len(usage)):
        left = (1 - usage[i]) * (1 - written[i])
        share = 1 - left
        for h in range(len(free)):
            share = share * (1 - free[h] * reads[h, i])
        result.append(share)
    return torch.stack(result)


def in_use_in_place(usage, written, free, reads):
    usage += written - usage * written
    usage *= (1 - free[:, None] * reads).prod(0)
    return usage


def both(usage, written):
    return usage + written - usage * written


IN_USE = Answers(
    ch06.check_in_use,
    in_use,
    (
        ("only-added", lambda u, w, f, r: (u + w) * torch.prod(1 - f.unsqueeze(1) * r, 0)),
        ("cut-off", lambda u, w, f, r: torch.minimum(u + w, torch.ones_like(u)) * torch.prod(1 - f[:, None] * r, 0)),
        ("larger-of-both", lambda u, w, f, r: torch.stack([u, w]).amax(0) * (1 - f[:, None] * r).prod(0)),
        ("freed-first", lambda u, w, f, r: both(u * (1 - f[:, None] * r).prod(0), w)),
        ("not-freed", lambda u, w, f, r: u + w - u * w),
        ("freed-for-kept", lambda u, w, f, r: both(u, w) * torch.prod(f[:, None] * r, 0)),
        ("freed-for-kept", lambda u, w, f, r: both(u, w) * (1 - torch.prod(f[:, None] * r, 0))),
        ("subtracted", lambda u, w, f, r: both(u, w) - f @ r),
        ("wrong-axis", lambda u, w, f, r: both(u, w) * torch.prod(1 - f[:, None] * r, -1)),
        ("sum-of-heads", lambda u, w, f, r: both(u, w) * (1 - f @ r)),
        ("mean-of-heads", lambda u, w, f, r: both(u, w) * (1 - f @ r / len(f))),
        ("gates-left-out", lambda u, w, f, r: both(u, w) * torch.prod(1 - r, 0)),
        ("weights-left-out", lambda u, w, f, r: both(u, w) * torch.prod(1 - f)),
        ("dtype", lambda u, w, f, r: in_use(u, w, f, r).float()),
        ("wrong-values", lambda u, w, f, r: in_use(u, w, f, r) / 2),
    ),
    in_use_in_place,
)


def relink(links, last, weights):
    new = torch.zeros_like(links)
    for i in range(len(last)):
        for j in range(len(last)):
            if i != j:
                new[i, j] = (1 - weights[i] - weights[j]) * links[i, j] + weights[i] * last[j]
    return new


def relink_in_place(links, last, weights):
    links *= 1 - weights[:, None] - weights[None, :]
    links += torch.outer(weights, last)
    links.fill_diagonal_(0)
    return links


def off(matrix):
    return matrix * (1 - torch.eye(len(matrix), dtype=matrix.dtype))


def fading(weights):
    return 1 - (weights.unsqueeze(1) + weights.unsqueeze(0))


def column(weights):
    return weights.unsqueeze(1)


RELINK = Answers(
    ch06.check_relink,
    relink,
    (
        ("other-way", lambda links, p, w: off(fading(w) * links + column(p) * w)),
        ("diagonal", lambda links, p, w: fading(w) * links + column(w) * p),
        ("new-precedence", lambda links, p, w: off(fading(w) * links + column(w) * (p * (1 - sum(w)) + w))),
        ("one-end", lambda links, p, w: off((1 - column(w)) * links + column(w) * p)),
        ("other-end", lambda links, p, w: off((1 - w) * links + column(w) * p)),
        ("fades-everywhere", lambda links, p, w: off((1 - w.sum()) * links + column(w) * p)),
        ("no-precedence", lambda links, p, w: off(fading(w) * links + column(w) * w)),
        ("nothing-fades", lambda links, p, w: off(links + column(w) * p)),
        ("new-link-fades", lambda links, p, w: off(fading(w) * (links + column(w) * p))),
        ("two-factors", lambda links, p, w: off((1 - column(w)) * (1 - w) * links + column(w) * p)),
        ("dtype", lambda links, p, w: relink(links, p, w).float()),
        ("wrong-values", lambda links, p, w: relink(links, p, w) * 1.1),
    ),
    relink_in_place,
)


def read_at(links, before, content, modes):
    result = []
    for i in range(len(before)):
        back = sum(links[k, i] * before[k] for k in range(len(before)))
        on = sum(links[i, k] * before[k] for k in range(len(before)))
        result.append(modes[0] * back + modes[1] * content[i] + modes[2] * on)
    return torch.stack(result)


def read_at_in_place(links, before, content, modes):
    content *= modes[1]
    content += modes[0] * (before @ links) + modes[2] * (links @ before)
    return content


READ_AT = Answers(
    ch06.check_read_at,
    read_at,
    (
        ("directions-swapped", lambda links, b, c, m: read_at(links.T, b, c, m)),
        ("one-way", lambda links, b, c, m: (m[0] + m[2]) * (links @ b) + m[1] * c),
        ("content-first", lambda links, b, c, m: m[0] * c + m[1] * (b @ links) + m[2] * (links @ b)),
        ("forward-first", lambda links, b, c, m: m[0] * (links @ b) + m[1] * (b @ links) + m[2] * c),
        ("from-content", lambda links, b, c, m: read_at(links, c, c, m)),
        ("scaled", lambda links, b, c, m: read_at(links, b, c, m) / read_at(links, b, c, m).sum()),
        ("one-mode", lambda links, b, c, m: (b @ links, c, links @ b)[int(m.argmax())]),
        ("not-weighed", lambda links, b, c, m: torch.stack([b @ links, c, links @ b]).mean(0)),
        ("dtype", lambda links, b, c, m: read_at(links, b, c, m).float()),
        ("wrong-values", lambda links, b, c, m: read_at(links, b, c, m) + 0.1),
    ),
    read_at_in_place,
)


ALL = (IN_USE, OFFER, RELINK, READ_AT, QUEUE)
LIBRARY = {"offer": allocation.allocate}
