"""Baselines that look back learn to answer by content: four pairs, then a key, and its value is asked."""

import pytest
import torch
from torch.nn import functional

from memlib.models.baselines import (
    BaFastWeights,
    BaFastWeightsConfig,
    TransformerXL,
    TransformerXLConfig,
)

WORDS, ASK = 17, 16


def batch(generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Stories k v k v k v k v ? k and the value that goes with the last k."""
    keys = torch.stack([torch.randperm(8, generator=generator)[:4] for _ in range(32)])
    values = torch.randint(8, 16, (32, 4), generator=generator)
    asked = torch.randint(4, (32, 1), generator=generator)
    story = torch.stack([keys, values], 2).flatten(1)
    return torch.cat([story, torch.full((32, 1), ASK), keys.gather(1, asked)], 1), values.gather(1, asked).squeeze(1)


@pytest.mark.long
@pytest.mark.parametrize(
    ("model", "rate", "updates"),
    [
        (lambda: TransformerXL(TransformerXLConfig(WORDS, 32, 64, 4, 128, 2, memory=10)), 1e-3, 700),
        (lambda: BaFastWeights(BaFastWeightsConfig(WORDS, 32, 64)), 1e-3, 1000),
    ],
    ids=["transformer-xl", "ba"],
)
def test_it_learns_to_look_things_up(model, rate: float, updates: int) -> None:
    torch.manual_seed(1)
    network, generator = model(), torch.Generator().manual_seed(1)
    optimiser, right = torch.optim.Adam(network.parameters(), rate), []
    for _ in range(updates):
        tokens, answers = batch(generator)
        reading = network.run(tokens)
        loss = functional.cross_entropy(reading.logits[:, -1], answers) + reading.extra_loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        right.append(float((reading.logits[:, -1].argmax(-1) == answers).float().mean()))
    # Naming any of the four values that occur is right 4 times in 10.
    assert sum(right[-50:]) / 50 > 0.9
