"""A memory of a network's own states: how much it holds at most, and when it stops listening (chapter 10)."""

import pytest
import torch
from torch.nn.functional import cosine_similarity

from memlib.mechanisms import fast_weights

D, DECAY = 24, 0.9


def read(texts, pull):
    """The memory after each step of texts [time, ..., d] that drive the network without slow weights of its own."""
    memory, h = texts.new_zeros(*texts.shape[1:], D), torch.zeros_like(texts[0])
    memories, states = [], []
    for c in texts:
        memory = fast_weights.hebbian_write(memory, h, h, DECAY, pull * (1 - DECAY) / D)
        h = fast_weights.inner_loop(memory, c, 1)
        memories.append(memory)
        states.append(h)
    return memories, states


def texts(seed, apart=80, steps=120):
    """Two texts that differ for a while and are the same from then on, for eight pairs of readers: [time, 2, 8, D]."""
    generator = torch.Generator().manual_seed(seed)
    words = torch.randn(30, D, generator=generator, dtype=torch.float64)
    different = words[torch.randint(30, (apart, 2, 8), generator=generator)]
    same = words[torch.randint(30, (steps, 1, 8), generator=generator)].expand(-1, 2, -1, -1)
    return torch.cat([different, same])


@pytest.mark.parametrize("pull", [0.5, 20.0, 5000.0])
def test_no_memory_of_normalised_states_holds_more_than_the_pull(pull):
    memories, states = read(texts(1), pull)
    for memory, h in zip(memories, states, strict=True):
        assert (h.square().sum(-1) <= D).all()
        trace = memory.diagonal(dim1=-2, dim2=-1).sum(-1)
        largest = torch.linalg.eigvalsh(memory)[..., -1]
        assert (largest <= trace * (1 + 1e-12)).all()
        assert (trace <= pull * (1 + 1e-12)).all()
    # And the bound is not idle: ReLU shortens what the normalisation made by less than half of its length.
    assert (trace > pull / 4).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("pull", "forgets"), [(0.5, True), (1000.0, False)])
def test_light_writes_forget_and_heavy_ones_stay_in_their_rut(seed, pull, forgets):
    one, other = read(texts(seed), pull)[0][-1].flatten(-2)
    agreement = cosine_similarity(one, other, -1).median().item()
    # Of the time apart 0.9¹²⁰, a few millionths, is left of what was written then.
    assert agreement > 0.999 if forgets else agreement < 0.1
