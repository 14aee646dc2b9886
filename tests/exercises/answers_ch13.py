"""Chapter 13: right and wrong answers to the exercises, written as people write them."""

import math

import torch

from memlib.exercises import ch13
from memlib.models.baselines.cache import cached
from memlib.tasks import language
from tests.exercises.answers import Answers
from tests.exercises.answers_ch13_gain import PAIRED_GAIN
from tests.exercises.answers_ch13_gradient import TRUNCATED_GRADIENT


def perplexity(losses, real):
    total = count = 0
    for row, kept in zip(losses, real, strict=True):
        for loss, word in zip(row.tolist(), kept.tolist(), strict=True):
            total, count = total + word * loss, count + word
    return math.exp(total / count)


def perplexity_in_place(losses, real):
    losses[~real] = 0
    return math.exp(losses.sum() / real.sum())


def rows_of(losses, real):
    return [row[kept].mean() for row, kept in zip(losses, real, strict=True)]


PERPLEXITY = Answers(
    ch13.check_perplexity,
    perplexity,
    (
        ("mean-of-exp", lambda losses, real: torch.exp(losses[real]).mean().item()),
        ("base-two", lambda losses, real: (2 ** losses[real].mean()).item()),
        ("no-mean", lambda losses, real: losses[real].sum().exp().item()),
        ("divided-by-rows", lambda losses, real: (losses * real).sum(1).mean().exp().item()),
        ("padding-counted", lambda losses, real: math.exp(losses.mean())),
        ("padding-divides", lambda losses, real: math.exp(losses[real].sum() / losses.numel())),
        ("mean-of-rows", lambda losses, real: torch.stack(rows_of(losses, real)).mean().exp().item()),
        ("perplexity-of-rows", lambda losses, real: torch.stack(rows_of(losses, real)).exp().mean().item()),
        ("no-exp", lambda losses, real: losses[real].mean().item()),
        ("bits", lambda losses, real: math.log2(perplexity(losses, real))),
        ("inverse", lambda losses, real: 1 / perplexity(losses, real)),
        ("type", lambda losses, real: losses[real].mean().exp()),
        ("wrong-value", lambda losses, real: losses[real].median().exp().item()),
    ),
    perplexity_in_place,
)


def cache_mixture(unigram, recent, share):
    found = []
    for word, p in enumerate(unigram.tolist()):
        if len(recent):
            p = (1 - share) * p + share * sum(one == word for one in recent.tolist()) / len(recent)
        found.append(p)
    return torch.tensor(found, dtype=torch.float64)


def counted(unigram, recent):
    return torch.bincount(recent, minlength=len(unigram)).double()


def mixed(cache):
    """A mixture with another cache; the unigram model where nothing is recent."""

    def answer(unigram, recent, share):
        if len(recent) == 0:
            return unigram.clone()
        return (1 - share) * unigram + share * cache(unigram, recent)

    return answer


def relative(unigram, recent):
    return counted(unigram, recent) / recent.numel()


def each_once(unigram, recent):
    met = torch.zeros_like(unigram)
    met[recent.unique()] = 1 / len(recent.unique())
    return met


def geometric(unigram, recent, share):
    if not len(recent):
        return unigram.clone()
    both = unigram.pow(1 - share) * relative(unigram, recent).pow(share)
    return both / both.sum()


def by_index(unigram, recent, share):
    mixed = unigram * (1 - share)
    mixed[recent] = mixed[recent] + share / max(1, len(recent))
    return mixed


def either_or(unigram, recent, share):
    mixed = cache_mixture(unigram, recent, share)
    for word in set(recent.tolist()):
        mixed[word] -= (1 - share) * unigram[word]
    return mixed


def unless_empty(formula):
    return lambda p, recent, share: formula(p, relative(p, recent), share) if len(recent) else p.clone()


def in_place(unigram, recent, share):
    unigram *= 1 - share
    for word in recent:
        unigram[word] += share / len(recent)
    return unigram


CACHE_MIXTURE = Answers(
    ch13.check_cache_mixture,
    cache_mixture,
    (
        ("counts", mixed(counted)),
        ("share-swapped", unless_empty(lambda p, c, share: share * p + (1 - share) * c)),
        ("unigram-in-full", unless_empty(lambda p, c, share: p + share * c)),
        ("renormalised", unless_empty(lambda p, c, share: (p + share * c) / (p + share * c).sum())),
        ("each-word-once", mixed(each_once)),
        ("divided-by-vocabulary", mixed(lambda p, recent: counted(p, recent) / p.numel())),
        ("counted-by-index", by_index),
        ("either-or", either_or),
        ("geometric", geometric),
        ("cache-only", unless_empty(lambda p, c, share: c)),
        ("empty-cache", lambda p, recent, share: (1 - share) * p + share * relative(p, recent)),
        ("lost-share", lambda p, recent, share: (1 - share) * p + share * counted(p, recent) / max(len(recent), 1)),
        ("shape", lambda p, recent, share: cache_mixture(p, recent, share)[:1]),
        ("dtype", lambda p, recent, share: cache_mixture(p, recent, share).float()),
    ),
    in_place,
)


def batchify(ids, rows):
    length = len(ids) // rows
    return torch.tensor([[ids[row * length + step].item() for step in range(length)] for row in range(rows)])


def kept(ids, rows):
    return ids[: len(ids) // rows * rows]


def filled(ids, rows, extra):
    while len(ids) % rows:
        ids = torch.cat([ids, extra(ids, rows)[:1]])
    return ids.view(rows, -1)


def wrapped(ids, rows):
    missing = (rows - len(ids) % rows) % rows
    return torch.cat([ids, ids[:missing]]).view(rows, -1)


BATCHIFY = Answers(
    ch13.check_batchify,
    batchify,
    (
        ("transposed", lambda ids, rows: kept(ids, rows).view(rows, -1).t()),
        ("interleaved", lambda ids, rows: kept(ids, rows).view(-1, rows).t()),
        ("windows", lambda ids, rows: kept(ids, rows).view(-1, rows)),
        ("leftovers-padded", lambda ids, rows: filled(ids, rows, lambda ids, rows: torch.zeros_like(ids))),
        ("leftovers-wrapped", wrapped),
        ("exception", lambda ids, rows: ids.view(rows, -1)),
        ("type", lambda ids, rows: kept(ids, rows).chunk(rows)),
        ("start-dropped", lambda ids, rows: ids[-(len(ids) // rows * rows) :].view(rows, -1)),
        ("flat", kept),
        ("dtype", lambda ids, rows: batchify(ids, rows).float()),
        ("wrong-values", lambda ids, rows: batchify(ids, rows) + 1),
    ),
)


ALL = (PERPLEXITY, CACHE_MIXTURE, BATCHIFY, TRUNCATED_GRADIENT, PAIRED_GAIN)
LIBRARY = {"batchify": language.batchify, "cache_mixture": cached}
