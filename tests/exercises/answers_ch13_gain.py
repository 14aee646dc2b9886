"""Chapter 13, the exercise on the gain of a memory: right and wrong answers."""

import math

import torch

from memlib.exercises import ch13
from tests.exercises.answers import Answers


def paired_gain(plain, memory, first, later):
    parts = []
    for mark in (later, first):
        gain = torch.stack([(plain[i] - memory[i]) / math.log(2) for i in range(len(plain)) if mark[i]])
        parts.append((gain.mean().item(), gain.var().item() / len(gain)))
    return parts[0][0] - parts[1][0], (parts[0][1] + parts[1][1]) ** 0.5


def contrast(gain, first, later):
    after, before = gain[later], gain[first]
    error = (after.var() / after.numel() + before.var() / before.numel()).sqrt()
    return (after.mean() - before.mean()).item(), error.item()


def of_later(plain, memory, first, later):
    gain = (plain - memory)[later] / math.log(2)
    return gain.mean().item(), (gain.std() / gain.numel() ** 0.5).item()


def other_error(error):
    def answer(plain, memory, first, later):
        return paired_gain(plain, memory, first, later)[0], error(plain, memory, first, later).item() / math.log(2)

    return answer


def unpaired(plain, memory, first, later):
    return sum(model[mark].var() / mark.sum() for mark in (first, later) for model in (plain, memory)).sqrt()


def scatter(plain, memory, first, later):
    gain = plain - memory
    return (gain[first].var() + gain[later].var()).sqrt()


def added(plain, memory, first, later):
    return sum((plain - memory)[mark].std() / mark.sum().sqrt() for mark in (first, later))


def of_names(plain, memory, first, later):
    names = (plain - memory)[first | later]
    return names.std() / names.numel() ** 0.5


def by_all_words(plain, memory, first, later):
    gain = plain - memory
    return (gain[first].var() / len(first) + gain[later].var() / len(later)).sqrt()


def by_n(plain, memory, first, later):
    gain = plain - memory
    return sum(gain[mark].var(correction=0) / mark.sum() for mark in (first, later)).sqrt()


def sums(plain, memory, first, later):
    gain = (plain - memory) / math.log(2)
    return gain[later].sum().item() - gain[first].sum().item(), paired_gain(plain, memory, first, later)[1]


def nats_behind(plain, memory, first, later):
    gain, error = paired_gain(plain, memory, first, later)
    return gain, error * math.log(2)


def squared(plain, memory, first, later):
    gain, error = paired_gain(plain, memory, first, later)
    return gain, error**2


def later_alone(plain, memory, first, later):
    return paired_gain(plain, memory, first, later)[0], of_later(plain, memory, first, later)[1]


def gain_in_place(plain, memory, first, later):
    plain -= memory
    return contrast(plain / math.log(2), first, later)


PAIRED_GAIN = Answers(
    ch13.check_paired_gain,
    paired_gain,
    (
        ("nats", lambda plain, memory, first, later: contrast(plain - memory, first, later)),
        ("bits-turned", lambda plain, memory, first, later: contrast((plain - memory) * math.log(2), first, later)),
        ("sign", lambda plain, memory, first, later: contrast((plain - memory) / math.log(2), later, first)),
        ("sign", lambda plain, memory, first, later: paired_gain(memory, plain, first, later)),
        ("later-only", of_later),
        ("against-all-others", lambda plain, memory, first, later: paired_gain(plain, memory, ~later, later)),
        ("unpaired", other_error(unpaired)),
        ("deviation", other_error(scatter)),
        ("error-in-nats", nats_behind),
        ("length-of-the-mask", other_error(by_all_words)),
        ("no-root", squared),
        ("n-not-n-minus-1", other_error(by_n)),
        ("error-of-later-only", later_alone),
        ("pooled", other_error(of_names)),
        ("sums", sums),
        ("errors-added", other_error(added)),
        ("results", lambda plain, memory, first, later: paired_gain(plain, memory, first, later)[0]),
        (
            "type",
            lambda plain, memory, first, later: tuple(map(torch.tensor, paired_gain(plain, memory, first, later))),
        ),
        ("wrong-value", lambda plain, memory, first, later: (0.0, 1.0)),
    ),
    gain_in_place,
)
