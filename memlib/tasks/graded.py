"""What a task of graded difficulty gives: a batch of sequences, and how hard each of their steps is.

A sequence is answered right when all that is scored in it is. ``error`` is the share of wrong sequences, in per cent.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from memlib.tasks import bits, choices
from memlib.tasks.episode import Episode


class Graded(NamedTuple):
    """One batch, as `Episode` has it, with the difficulty.

    Attributes:
        inputs: [batch, time, width_in].
        targets: [batch, time, width_out], zero where nothing is scored.
        mask: [batch, time], True where the output is scored.
        difficulty: of each step, in the task's own unit, [batch, time]; 0 where nothing is asked.
    """

    inputs: Float[Tensor, "batch time width_in"]
    targets: Float[Tensor, "batch time width_out"]
    mask: Bool[Tensor, "batch time"]
    difficulty: Int[Tensor, "batch time"]

    @property
    def episode(self) -> Episode:
        """Without the difficulty."""
        return Episode(self.inputs, self.targets, self.mask)


class GradedBits:
    """Loss and errors of tasks whose answers are bits."""

    def loss(self, outputs: Tensor, drawn: Graded) -> Tensor:
        """The mean cross-entropy of a scored bit, in nats."""
        return bits.mean_loss(outputs, drawn.episode)

    def wrong(self, outputs: Tensor, drawn: Graded) -> Bool[Tensor, "batch time"]:
        """Whether a scored step has a wrong bit."""
        missed = ((outputs > 0) != (drawn.targets > 0.5)).any(-1)
        return missed & drawn.mask


class GradedChoices:
    """Loss and errors of tasks whose answers are choices, in groups of one size."""

    @property
    def choices(self) -> int:
        """The size of a group."""
        raise NotImplementedError

    def loss(self, outputs: Tensor, drawn: Graded) -> Tensor:
        """The mean cross-entropy of a choice, in nats."""
        return choices.mean_loss(outputs, drawn.episode, self.choices)

    def wrong(self, outputs: Tensor, drawn: Graded) -> Bool[Tensor, "batch time"]:
        """Whether a scored step has a wrong choice."""
        return ~choices.right_steps(outputs, drawn.episode, self.choices)


def sequence_error(wrong: Bool[Tensor, "batch time"]) -> float:
    """The share of sequences with anything wrong, in per cent.

    Source: graves2016act, Sec. 3
    """
    return 100 * wrong.any(-1).double().mean().item()


def evenly(low: int, high: int, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Whole numbers from low to high, both included, all equally likely."""
    return torch.randint(low, high + 1, shape, generator=generator)
