"""What every step task gives: a batch of sequences to read, what to answer, and when."""

from typing import NamedTuple

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
