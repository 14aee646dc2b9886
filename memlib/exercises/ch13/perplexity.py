"""Exercise: one number for a text, from the losses of its words."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw


def _case(name: str, seed: int, lengths: tuple[int, ...]) -> Case:
    """Rows of words of so many real words each; padding has losses too."""
    longest = max(lengths)
    losses = Draw(seed).real(len(lengths), longest).square() * 1.5 + 0.2
    real = torch.arange(longest) < torch.tensor(lengths)[:, None]
    return Case(name, (losses, real))


def _cases() -> list[Case]:
    return [
        _case("two rows of unequal length", 1301, (5, 2)),
        _case("four rows", 1302, (3, 7, 1, 6)),
        _case("rows without padding", 1303, (4, 4, 4)),
        _case("one word", 1304, (1,)),
    ]


def _total(losses: Tensor, real: Tensor) -> float:
    return sum(losses[where].item() for where in map(tuple, real.nonzero().tolist()))


def _mean(losses: Tensor, real: Tensor) -> float:
    return _total(losses, real) / int(real.sum())


def _row_means(losses: Tensor, real: Tensor) -> float:
    return ((losses * real).sum(1) / real.sum(1)).mean().exp().item()


_MISTAKES = (
    Mistake(
        "mean-of-exp",
        lambda losses, real: losses[real].exp().mean().item(),
        "You took the exponential of each loss, and then the mean. One hopeless word then outweighs a thousand good "
        "ones.",
        "First the mean, then the exponential.",
    ),
    Mistake(
        "base-two",
        lambda losses, real: 2 ** _mean(losses, real),
        "You raised 2 to the mean loss. That is right for losses in bits; these are in nats.",
        "Losses in nats belong to e: `.exp()`.",
    ),
    Mistake(
        "no-mean",
        lambda losses, real: math.exp(_total(losses, real)),
        "You summed the losses: that is 1 over the probability of the whole text, and grows with its length.",
        "Divide the sum by the number of real words.",
    ),
    Mistake(
        "divided-by-rows",
        lambda losses, real: math.exp(_total(losses, real) / len(real)),
        "You divided the sum by the number of rows. A row is no word.",
        "Divide it by the number of real words, `real.sum()`.",
    ),
    Mistake(
        "padding-counted",
        lambda losses, real: losses.mean().exp().item(),
        "The padding is in your mean. There is no word there, so there is nothing to be surprised by.",
        "Keep the losses of real words only: `losses[real]`.",
    ),
    Mistake(
        "padding-divides",
        lambda losses, real: (losses * real).mean().exp().item(),
        "You set the losses of the padding to 0, and divided by all places all the same: padding counts as words "
        "that were guessed.",
        "Divide by the number of real words, `real.sum()`.",
    ),
    Mistake(
        "mean-of-rows",
        _row_means,
        "You took the mean of each row, and then the mean of the rows. A word in a short row then counts for more.",
        "One mean over all real words.",
    ),
    Mistake(
        "perplexity-of-rows",
        lambda losses, real: ((losses * real).sum(1) / real.sum(1)).exp().mean().item(),
        "You took a perplexity for each row, and then their mean. Perplexities do not add up; losses do.",
        "One mean over all real words, and one exponential.",
    ),
    Mistake(
        "no-exp",
        _mean,
        "That is the mean loss, in nats. The perplexity is its exponential.",
        "`math.exp`, or `.exp()` on a tensor.",
    ),
    Mistake(
        "bits",
        lambda losses, real: _mean(losses, real) / math.log(2),
        "That is the mean loss in bits. The perplexity is the number of equally likely words that would cost as much.",
        "Take the exponential of the mean loss in nats.",
    ),
    Mistake(
        "inverse",
        lambda losses, real: math.exp(-_mean(losses, real)),
        "The sign is turned: that is the (geometric) mean probability of a word. Perplexity is 1 over it.",
        "A loss is -log p already: no minus sign is needed.",
    ),
)

PERPLEXITY = Exercise(
    name="perplexity",
    arguments=("losses", "real"),
    reference=lambda losses, real: math.exp(_mean(losses, real)),
    cases=_cases,
    example=Case(
        "by hand",
        (torch.tensor([[4.0, 2.0], [8.0, 1.0]]).double().log(), torch.tensor([[True, True], [True, False]])),
    ),
    mistakes=_MISTAKES,
    lesson="It is the geometric mean of 1/p: as uncertain as a choice among so many equally likely words.",
    advice="Take the mean of the losses over real words, then its exponential, as a float: `.item()`.",
)


def check_perplexity(function: Callable[..., Any]) -> Card:
    """Check `perplexity(losses [rows, time], real [rows, time]) -> float`, of losses in nats beside padding.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(PERPLEXITY, function)
