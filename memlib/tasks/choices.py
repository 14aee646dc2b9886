"""How step tasks are trained and scored whose answers are choices: of a name, or of each digit of some labels.

An output is cut into groups of one size, and in each the highest number is the choice. Two figures, in per cent: the
share of sequences answered wholly right (``accuracy``), and of single steps (``steps``). Only scored steps count.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from memlib.tasks.episode import Episode


def mean_loss(outputs: Float[Tensor, "batch time width_out"], episode: Episode, size: int) -> Float[Tensor, ""]:
    """The mean cross-entropy of a choice, in nats, over all scored steps and groups.

    Args:
        outputs: logits.
        episode: with the targets and the mask; each group of a scored step has one 1.
        size: of a group.

    Raises:
        ValueError: outputs and targets differ in shape.
    """
    _check(outputs, episode)
    logits, right = (tensor[episode.mask].unflatten(-1, (-1, size)) for tensor in (outputs, episode.targets))
    return functional.cross_entropy(logits.flatten(0, 1), right.argmax(-1).flatten())


def right_steps(
    outputs: Float[Tensor, "batch time width_out"], episode: Episode, size: int
) -> Bool[Tensor, "batch time"]:
    """Whether all choices of a step are right; True where nothing is scored. Arguments as in `mean_loss`."""
    _check(outputs, episode)
    chosen, right = (tensor.unflatten(-1, (-1, size)).argmax(-1) for tensor in (outputs, episode.targets))
    return (chosen == right).all(-1) | ~episode.mask


def figures(outputs: Float[Tensor, "batch time width_out"], episode: Episode, size: int) -> dict[str, float]:
    """All figures of a batch. Arguments as in `mean_loss`.

    Returns:
        ``accuracy`` (sequences wholly right, per cent), ``steps`` (scored steps that are right, per cent), ``loss``.
    """
    right = right_steps(outputs, episode, size)
    return {
        "accuracy": 100 * right.all(-1).double().mean().item(),
        "steps": 100 * right[episode.mask].double().mean().item(),
        "loss": mean_loss(outputs, episode, size).item(),
    }


class ChoiceTask:
    """Loss and score that the tasks with choices for answers share."""

    @property
    def choices(self) -> int:
        """How many there are at a time: the size of a group."""
        raise NotImplementedError

    def loss(self, outputs: Tensor, episode: Episode) -> Tensor:
        """As `mean_loss`."""
        return mean_loss(outputs, episode, self.choices)

    def score(self, outputs: Tensor, episode: Episode) -> dict[str, float]:
        """As `figures`."""
        return figures(outputs, episode, self.choices)


def one_hot(shape: tuple[int, ...], ones: list[tuple[int, ...]]) -> Tensor:
    """Zeros of a shape, with a 1 at each of the places."""
    made = torch.zeros(shape)
    made[tuple(torch.tensor(ones).T)] = 1.0
    return made


def _check(outputs: Tensor, episode: Episode) -> None:
    if outputs.shape != episode.targets.shape:
        raise ValueError(
            f"expected outputs of the targets' shape {tuple(episode.targets.shape)}, got {tuple(outputs.shape)}."
        )
