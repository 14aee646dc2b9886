"""The auto-encoder's causality, its padding, and the measure of its failure."""

import pytest
import torch

from memlib.mechanisms import holographic
from memlib.models.auto_encoder import DualAutoEncoder, key_similarity

WORDS = torch.tensor([[4, 5, 6, 7], [8, 9, 0, 0]])
MASK = WORDS != 0


@pytest.fixture
def model() -> DualAutoEncoder:
    torch.manual_seed(1)
    return DualAutoEncoder(12, 5, 8, copies=3).double()


def test_the_decoder_sees_the_words_before_and_the_memory(model: DualAutoEncoder) -> None:
    logits, _ = model(WORDS, MASK)
    changed = WORDS.clone()
    changed[0, 3] = 10
    memory, _ = model.encode(WORDS, MASK)
    model.encode = lambda words, mask: (memory, torch.zeros(2, 4, 4, dtype=torch.complex128))  # the memory held fixed
    later, _ = model(changed, MASK)
    torch.testing.assert_close(later[0, :4], logits[0, :4])  # the last word is predicted, never seen
    model.encode = lambda words, mask: (0 * memory, torch.zeros(2, 4, 4, dtype=torch.complex128))
    assert not torch.allclose(model(WORDS, MASK)[0], logits)


def test_the_control_predicts_from_the_words_before_alone() -> None:
    torch.manual_seed(1)
    control = DualAutoEncoder(12, 5, 8, copies=3, handed_over=False).double()
    torch.manual_seed(1)
    model = DualAutoEncoder(12, 5, 8, copies=3).double()
    changed = WORDS.clone()
    changed[0, 3] = 10
    torch.testing.assert_close(control(changed, MASK)[0][0], control(WORDS, MASK)[0][0])
    assert not torch.allclose(model(changed, MASK)[0][0], model(WORDS, MASK)[0][0])


def test_padding_is_not_written(model: DualAutoEncoder) -> None:
    memory, _ = model.encode(WORDS, MASK)
    alone, _ = model.encode(WORDS[1:, :2], MASK[1:, :2])
    torch.testing.assert_close(memory[1], alone[0])


def test_key_similarity_is_one_for_one_key_and_near_zero_for_many() -> None:
    generator = torch.Generator().manual_seed(1)
    one = holographic.random_keys(2, 1, 500, generator=generator).expand(2, 6, 500)
    mask = torch.ones(2, 6, dtype=torch.bool)
    assert float(key_similarity(0.3 * one, mask)) == pytest.approx(1.0, abs=1e-5)
    many = holographic.random_keys(50, 6, 500, generator=generator)
    assert abs(float(key_similarity(many, torch.ones(50, 6, dtype=torch.bool)))) < 0.01
    ragged = torch.tensor([[True, True, False, False, False, False], [True] + [False] * 5])
    mixed = many[:2].clone()
    mixed[0, 1] = mixed[0, 0]
    assert float(key_similarity(mixed, ragged)) == pytest.approx(1.0, abs=1e-5)


def test_single_words_are_explained() -> None:
    with pytest.raises(ValueError, match="two words or more"):
        key_similarity(torch.ones(1, 2, 3, dtype=torch.complex64), torch.tensor([[True, False]]))


def test_it_learns_to_repeat(model: DualAutoEncoder) -> None:
    model = model.float()
    optimiser = torch.optim.Adam(model.parameters(), 0.02)
    losses = []
    for _ in range(60):
        logits, _ = model(WORDS, MASK)
        loss = torch.nn.functional.cross_entropy(logits[MASK], WORDS[MASK])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]
