"""What every step task gives: a batch of sequences to read, what to answer, and when."""

from typing import NamedTuple, Protocol

import torch
from jaxtyping import Bool, Float
from torch import Tensor


class Episode(NamedTuple):
    """One batch of a step task.

    Attributes:
        inputs: [batch, time, width_in], zero where nothing is fed in.
        targets: [batch, time, width_out], zero where nothing is scored.
        mask: [batch, time], True where the output is scored.
    """

    inputs: Float[Tensor, "batch time width_in"]
    targets: Float[Tensor, "batch time width_out"]
    mask: Bool[Tensor, "batch time"]


class StepTask(Protocol):
    """What a step task offers, so that one runner can train any model on it."""

    @property
    def width_in(self) -> int:
        """Of the inputs."""
        ...

    @property
    def width_out(self) -> int:
        """Of the targets, and of a model's outputs, which are logits."""
        ...

    def draw(self, batch: int, generator: torch.Generator) -> Episode:
        """A batch of sequences."""
        ...

    def loss(self, outputs: Tensor, episode: Episode) -> Tensor:
        """What is trained: a scalar."""
        ...

    def score(self, outputs: Tensor, episode: Episode) -> dict[str, float]:
        """Named figures of a batch; over batches of one size they are averaged."""
        ...
