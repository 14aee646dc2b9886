"""How step tasks whose answers are bits are trained and scored.

Four figures: the cost of a sequence in bits (the paper's measure), wrong bits in a sequence, and wrong bits as a share
of all bits that are scored, and of those among them that are 1. Only steps where the mask is True count.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from memlib.tasks.checks import whole_number
from memlib.tasks.episode import Episode


def cross_entropy(outputs: Float[Tensor, "batch time width_out"], episode: Episode) -> Float[Tensor, " batch"]:
    """What each sequence's answer costs in nats, summed over its scored bits.

    Args:
        outputs: logits.
        episode: with the targets and the mask.

    Raises:
        ValueError: outputs and targets differ in shape.
    """
    _check(outputs, episode)
    each = functional.binary_cross_entropy_with_logits(outputs, episode.targets, reduction="none")
    return torch.where(episode.mask.unsqueeze(-1), each, 0.0).sum((1, 2))


def scored(episode: Episode) -> Float[Tensor, " batch"]:
    """How many bits of each sequence are scored."""
    return episode.mask.sum(1).to(episode.targets.dtype) * episode.targets.shape[-1]


def mean_loss(outputs: Float[Tensor, "batch time width_out"], episode: Episode) -> Float[Tensor, ""]:
    """The mean cross-entropy of a scored bit, in nats: what is trained."""
    return cross_entropy(outputs, episode).sum() / scored(episode).sum()


def cost(outputs: Float[Tensor, "batch time width_out"], episode: Episode) -> Float[Tensor, " batch"]:
    """What each sequence's answer costs in bits: a coin toss costs 1, a sure right answer 0.

    Source: graves2014, Sec. 4
    """
    return cross_entropy(outputs, episode) / math.log(2)


def wrong_bits(outputs: Float[Tensor, "batch time width_out"], episode: Episode) -> Float[Tensor, " batch"]:
    """How many bits of each sequence's answer are wrong; a bit is 1 where its logit is above 0."""
    _check(outputs, episode)
    wrong = ((outputs > 0) != (episode.targets > 0.5)) & episode.mask.unsqueeze(-1)
    return wrong.sum((1, 2)).to(outputs.dtype)


def figures(outputs: Float[Tensor, "batch time width_out"], episode: Episode) -> dict[str, float]:
    """All of them, over a batch.

    Returns:
        ``cost`` (bits a sequence, mean), ``wrong_bits`` (a sequence, mean), ``bit_error`` (the share, of all scored
        bits), ``relative_error`` (in proportion to the scored bits that are 1; whoever answers 0 throughout has 1) and
        ``sequences`` (the share of sequences with no bit wrong).
    """
    wrong = wrong_bits(outputs, episode)
    ones = (episode.targets * episode.mask.unsqueeze(-1)).sum().clamp(min=1)
    return {
        "cost": cost(outputs, episode).mean().item(),
        "wrong_bits": wrong.mean().item(),
        "bit_error": (wrong.sum() / scored(episode).sum()).item(),
        "relative_error": (wrong.sum() / ones).item(),
        "sequences": (wrong == 0).double().mean().item(),
    }


class BitTask:
    """Loss and score that the tasks with bits for answers share."""

    def loss(self, outputs: Tensor, episode: Episode) -> Tensor:
        """As `mean_loss`."""
        return mean_loss(outputs, episode)

    def score(self, outputs: Tensor, episode: Episode) -> dict[str, float]:
        """As `figures`."""
        return figures(outputs, episode)


def bounds(name: str, values: tuple[int, int]) -> tuple[int, int]:
    """A smallest and a largest number, both at least 1, checked.

    Raises:
        TypeError, ValueError: they are no two whole numbers in order.
    """
    try:
        low, high = values
    except (TypeError, ValueError):
        raise ValueError(f"expected {name} as two numbers, the smallest and the largest; got {values!r}.") from None
    low, high = whole_number(f"the smallest of {name}", low, 1), whole_number(f"the largest of {name}", high, 1)
    if low > high:
        raise ValueError(f"expected {name} as (smallest, largest), got {values!r}.")
    return low, high


def between(values: tuple[int, int], generator: torch.Generator) -> int:
    """A whole number from the smallest to the largest, both included, all equally likely."""
    return int(torch.randint(values[0], values[1] + 1, (), generator=generator))


def coins(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Random bits as 0.0 and 1.0."""
    return torch.randint(2, shape, generator=generator).float()


def _check(outputs: Tensor, episode: Episode) -> None:
    if outputs.shape != episode.targets.shape:
        raise ValueError(
            f"expected outputs of the targets' shape {tuple(episode.targets.shape)}, got {tuple(outputs.shape)}."
        )
