"""A memory network that looks at one sentence a hop: hard attention where soft attention would do.

In training a sentence is drawn in proportion to its weight, and REINFORCE learns where to look; in evaluation the
sentence of the largest weight is taken. All else is `memlib.models.memory_network.MemoryNetwork`.

Source: xu2015, Sec. 4.1; sukhbaatar2015, Sec. 2
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from memlib.mechanisms.hard_attention import entropy, hard_sample, reinforce_loss
from memlib.models.memory_network import MemoryNetwork, MemoryNetworkConfig, Reading

# Weights below it count as this in the entropy.
SMALLEST = 1e-12


class Choice(NamedTuple):
    """One hop's choice.

    Attributes:
        weights: that the sentences had, [batch, slots].
        slot: that was taken, [batch].
    """

    weights: Float[Tensor, "batch slots"]
    slot: Int[Tensor, " batch"]


class HardMemoryNetwork(MemoryNetwork):
    """See the module's text. ``choices`` holds what the last reading chose, hop by hop.

    Args:
        config: of the network; empty slots cannot be chosen, so ``attend_empty`` must be False.

    Raises:
        ValueError: empty slots are to take part.
    """

    def __init__(self, config: MemoryNetworkConfig) -> None:
        if config.attend_empty:
            raise ValueError("HardMemoryNetwork: expected attend_empty=False, for a hop chooses one sentence.")
        super().__init__(config)
        self.choices: list[Choice] = []

    def __getstate__(self) -> dict[str, Any]:
        """A copy, or a saved network, has chosen nothing yet: what was chosen hangs on a graph, which is not copied."""
        return {**self.__dict__, "choices": []}

    def read(
        self,
        sentences: Tensor,
        places: Tensor,
        question: Tensor,
        ages: Tensor | None = None,
        kept: Tensor | None = None,
    ) -> Reading:
        """As in the soft network; the weights are 1 at the sentence that was taken and 0 elsewhere."""
        self.choices = []
        return super().read(sentences, places, question, ages, kept)

    def choice_loss(
        self, reward: Float[Tensor, " batch"], baseline: Tensor | float = 0.0, entropy_weight: float = 0.0
    ) -> Float[Tensor, " batch"]:
        """What to add to the loss of the last reading, so that it learns where to look: REINFORCE, summed over hops.

        Args:
            reward: of each row, such as the log probability of the right answer, [batch]; no gradient flows into it.
            baseline: what is to be expected of it.
            entropy_weight: how much undecided weights are rewarded, so that the network keeps trying.
        """
        total = torch.zeros_like(reward)
        for weights, slot in self.choices:
            # The entropy's slope at a weight of 0 is infinite, and empty slots have that weight.
            undecided = entropy(weights.clamp(min=SMALLEST))
            total = total + reinforce_loss(weights, slot, reward, baseline) - entropy_weight * undecided
        return total

    def _match(
        self, asked: Tensor, keys: Tensor, places: Tensor, times: Tensor | None, ages: Tensor, mask: Tensor
    ) -> Tensor:
        if bool(self.linear):
            raise ValueError(
                "HardMemoryNetwork: expected no linear start; sentences are drawn by the softmax's weights."
            )
        weights = super()._match(asked, keys, places, times, ages, mask)
        # Where there is no sentence any slot may be drawn: it holds nothing.
        drawable = torch.where(mask.any(-1, keepdim=True), weights, 1.0)
        slot = hard_sample(drawable) if self.training else drawable.argmax(-1)
        self.choices.append(Choice(drawable, slot))
        return torch.zeros_like(weights).scatter(1, slot.unsqueeze(1), 1.0) * mask
