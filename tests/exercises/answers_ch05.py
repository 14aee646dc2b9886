"""Chapter 5: right and wrong answers, on vectors and weights. Those of the program are in answers_ch05_program.py."""

import math

import torch

from memlib.exercises import ch05
from memlib.mechanisms import addressing
from tests.exercises.answers import Answers
from tests.exercises.answers_ch05_program import PROGRAM


def find(memory, key, strength):
    scores = []
    for slot in memory:
        lengths = math.sqrt(sum(x * x for x in slot.tolist())) * math.sqrt(sum(x * x for x in key.tolist()))
        scores.append(strength * float(slot @ key) / lengths if lengths else 0.0)
    raised = [math.exp(score) for score in scores]
    return torch.tensor([x / sum(raised) for x in raised], dtype=torch.float64)


def find_in_place(memory, key, strength):
    memory /= memory.norm(dim=1, keepdim=True).clamp(min=1e-300)
    return torch.softmax(strength * memory @ key / key.norm().clamp(min=1e-300), 0)


def normed(x):
    return x / x.norm(dim=-1, keepdim=True).clamp(min=1e-300)


def rsoftmax(scores):
    return torch.softmax(scores, 0)


FIND = Answers(
    ch05.check_find,
    find,
    (
        ("zero-by-zero", lambda m, k, b: rsoftmax(b * (m @ k) / (m.norm(dim=1) * k.norm()))),
        ("no-cosine", lambda m, k, b: rsoftmax(b * (m @ k))),
        ("key-not-scaled", lambda m, k, b: rsoftmax(b * (normed(m) @ k))),
        ("slots-not-scaled", lambda m, k, b: rsoftmax(b * (m @ normed(k)))),
        (
            "squared-lengths",
            lambda m, k, b: rsoftmax(b * (m @ k) / (m.square().sum(1) * k.square().sum()).clamp(min=1e-300)),
        ),
        ("strength-left-out", lambda m, k, b: rsoftmax(normed(m) @ normed(k))),
        ("strength-afterwards", lambda m, k, b: b * rsoftmax(normed(m) @ normed(k))),
        ("divided-by-strength", lambda m, k, b: rsoftmax(normed(m) @ normed(k) / b)),
        ("no-softmax", lambda m, k, b: b * (normed(m) @ normed(k))),
        ("share-of-cosines", lambda m, k, b: normed(m) @ normed(k) / (normed(m) @ normed(k)).sum()),
        (
            "zeros-left-out",
            lambda m, k, b: rsoftmax(torch.where(m.any(1), b * (normed(m) @ normed(k)), -torch.inf)),
        ),
        ("mended-afterwards", lambda m, k, b: torch.nan_to_num(rsoftmax(b * (m @ k) / (m.norm(dim=1) * k.norm())))),
        ("one-length", lambda m, k, b: rsoftmax(b * (m @ normed(k)) / m.norm())),
        ("dtype", lambda m, k, b: find(m, k, b).float()),
        ("wrong-values", lambda m, k, b: rsoftmax(2 * b * (normed(m) @ normed(k)))),
    ),
    find_in_place,
)


def move(weights, kernel):
    slots, half = len(weights), len(kernel) // 2
    rows = []
    for i in range(slots):
        rows.append(sum(weights[(i - o) % slots] * kernel[o + half] for o in range(-half, half + 1)))
    return torch.stack(rows)


def move_in_place(weights, kernel):
    weights.copy_(move(weights, kernel))
    return weights


def correlated(weights, kernel):
    return move(weights, kernel.flip(0))


def convolved(weights, kernel):
    half = len(kernel) // 2
    return torch.nn.functional.conv1d(weights.view(1, 1, -1), kernel.view(1, 1, -1), padding=half).flatten()


def on_a_line(weights, kernel):
    return convolved(weights, kernel.flip(0))


def held(weights, kernel):
    half = len(kernel) // 2
    wide = torch.cat([weights[:1].expand(half), weights, weights[-1:].expand(half)])
    return torch.nn.functional.conv1d(wide.view(1, 1, -1), kernel.flip(0).view(1, 1, -1)).flatten()


def mean_of(kernel):
    return round(sum((j - len(kernel) // 2) * s for j, s in enumerate(kernel.tolist())))


MOVE = Answers(
    ch05.check_move,
    move,
    (
        ("other-way", correlated),
        ("no-ring", on_a_line),
        ("no-ring-other-way", convolved),
        ("ends-repeated", held),
        ("kernel-from-zero", lambda w, s: sum(x * w.roll(o) for o, x in enumerate(s))),
        ("kernel-from-zero-other-way", lambda w, s: sum(x * w.roll(-o) for o, x in enumerate(s))),
        (
            "negative-index",
            lambda w, s: sum(w.roll(o) * s[o] for o in range(-(len(s) // 2), len(s) // 2 + 1)),
        ),
        ("three-only", lambda w, s: w.roll(-1) * s[0] + w * s[1] + w.roll(1) * s[2]),
        ("one-move-only", lambda w, s: w.roll(s.argmax().item() - len(s) // 2)),
        ("mean-move", lambda w, s: w.roll(mean_of(s))),
        ("dtype", lambda w, s: move(w, s).float()),
        ("wrong-values", lambda w, s: move(w, s) + 0.1),
    ),
    move_in_place,
)


def sharpened(weights, power):
    logs = [power * math.log(x) if x else -math.inf for x in weights.tolist()]
    raised = [math.exp(x - max(logs)) for x in logs]
    return torch.tensor([x / sum(raised) for x in raised], dtype=torch.float64)


def sharpened_in_place(weights, power):
    weights /= weights.max()
    return weights**power / (weights**power).sum()


SHARPENED = Answers(
    ch05.check_sharpened,
    sharpened,
    (
        ("underflow", lambda w, p: w.pow(p) / w.pow(p).sum()),
        ("small-number-below", lambda w, p: w.pow(p) / (w.pow(p).sum() + 1e-12)),
        ("small-number-below", lambda w, p: torch.nan_to_num(w**p / (w**p).sum())),
        ("not-normalised", lambda w, p: w.pow(p)),
        ("largest-is-one", lambda w, p: (w / w.max()).pow(p)),
        ("softmax", lambda w, p: rsoftmax(w * p)),
        ("multiplied", lambda w, p: w * p / (w * p).sum()),
        ("root", lambda w, p: sharpened(w, 1 / p)),
        ("hard", lambda w, p: (w == w.max()).double()),
        ("dtype", lambda w, p: sharpened(w, p).float()),
        ("wrong-values", lambda w, p: sharpened(w, p + 1)),
    ),
    sharpened_in_place,
)


def written(memory, weights, erase, add):
    result = memory.clone()
    for i in range(memory.shape[0]):
        for j in range(memory.shape[1]):
            result[i, j] = memory[i, j] * (1 - weights[i] * erase[j]) + weights[i] * add[j]
    return result


def written_in_place(memory, weights, erase, add):
    memory *= 1 - torch.outer(weights, erase)
    memory += torch.outer(weights, add)
    return memory


WRITTEN = Answers(
    ch05.check_written,
    written,
    (
        ("add-first", lambda m, w, e, a: (m + torch.outer(w, a)) * (1 - torch.outer(w, e))),
        ("erase-everywhere", lambda m, w, e, a: m * (1 - e) + torch.outer(w, a)),
        ("add-everywhere", lambda m, w, e, a: m * (1 - torch.outer(w, e)) + a),
        ("nothing-weighed", lambda m, w, e, a: m * (1 - e) + a),
        ("nothing-erased", lambda m, w, e, a: m + torch.outer(w, a)),
        ("blend", lambda m, w, e, a: torch.lerp(m, a.expand_as(m), w[:, None])),
        ("kept-for-erased", lambda m, w, e, a: m * torch.outer(w, e) + torch.outer(w, a)),
        ("factors", lambda m, w, e, a: m * torch.outer(1 - w, 1 - e) + torch.outer(w, a)),
        ("add-erased", lambda m, w, e, a: m * (1 - torch.outer(w, e)) + torch.outer(w, a * e)),
        ("subtracted", lambda m, w, e, a: m + torch.outer(w, a - e)),
        ("dtype", lambda m, w, e, a: written(m, w, e, a).float()),
        ("wrong-values", lambda m, w, e, a: written(m, w, e, a) + 1),
    ),
    written_in_place,
)


ALL = (WRITTEN, FIND, MOVE, SHARPENED, PROGRAM)
LIBRARY = {"move": addressing.shift, "written": addressing.erase_add}
