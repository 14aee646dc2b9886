"""Adam with noise added to the gradient, which becomes less from update to update.

Source: neelakantan2015, Sec. 3
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor


class NoisyAdam(torch.optim.Adam):
    """Adam on g + N(0, σ²) with σ² = η / (1 + t)^γ, where t counts updates from 0.

    The noise of an update follows from the seed and t alone. Both stand in the state, so a resumed run meets the same.

    Args:
        parameters: to be trained.
        rate: the learning rate.
        noise: η, at least 0; 0 is plain Adam.
        seed: of the noise.
        decay: γ.
        options: of Adam.

    Raises:
        ValueError: the noise is below 0.

    Source: neelakantan2015, Sec. 3
    """

    def __init__(
        self, parameters: Iterable[Tensor], rate: float, noise: float, seed: int, decay: float = 0.55, **options: Any
    ) -> None:
        if not noise >= 0:
            raise ValueError(f"NoisyAdam: expected noise of at least 0, got {noise}.")
        super().__init__(parameters, lr=rate, **options)
        for place, group in enumerate(self.param_groups):
            group |= {"noise": noise, "noise_decay": decay, "noise_seed": seed + place, "noise_updates": 0}

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> Any:
        """One update, with the noise of its number."""
        for group in self.param_groups:
            t = group["noise_updates"]
            if group["noise"]:
                deviation = (group["noise"] / (1 + t) ** group["noise_decay"]) ** 0.5
                source = torch.Generator().manual_seed(1_000_003 * group["noise_seed"] + t)
                for weight in group["params"]:
                    if weight.grad is not None:
                        drawn = torch.randn(weight.shape, generator=source, dtype=weight.dtype)
                        weight.grad.add_(drawn.to(weight.device), alpha=deviation)
            group["noise_updates"] = t + 1
        return super().step(closure)
