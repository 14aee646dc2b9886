"""The transformer over the words of a story: the row that it reads, padding, order, and its size."""

import pytest
import torch

from memlib.models.baselines.story_transformer import StoryTransformer, StoryTransformerConfig


def network(**options) -> StoryTransformer:
    torch.manual_seed(3)
    return StoryTransformer(StoryTransformerConfig(9, width=16, heads=2, inner_size=24, layers=2, **options)).eval()


STORY = torch.tensor([[[1, 2, 3], [4, 5, 0]], [[6, 0, 0], [0, 0, 0]]])
QUESTION = torch.tensor([[7, 8], [8, 0]])


def test_the_question_comes_first_and_then_the_story_from_its_beginning() -> None:
    words, mask = network().row(STORY, QUESTION)
    # 9 ends each sentence; the newest sentence of a story comes last.
    assert words.tolist() == [[7, 8, 9, 4, 5, 9, 1, 2, 3, 9], [8, 9, 6, 9, 0, 0, 0, 0, 0, 0]]
    assert torch.equal(mask, words != 0)


def test_padding_changes_nothing() -> None:
    model = network()
    both = model(STORY, QUESTION)
    torch.testing.assert_close(both[1:], model(STORY[1:, :1, :1], QUESTION[1:, :1]), rtol=1e-5, atol=1e-6)
    wide = torch.nn.functional.pad(STORY, (0, 2, 0, 3))
    torch.testing.assert_close(both, model(wide, QUESTION), rtol=1e-5, atol=1e-6)


def test_the_order_of_words_and_of_sentences_counts() -> None:
    model = network()
    plain = model(STORY[:1], QUESTION[:1])
    assert (plain - model(STORY[:1].flip(1), QUESTION[:1])).abs().max() > 1e-3
    assert (plain - model(STORY[:1, :, [1, 0, 2]], QUESTION[:1])).abs().max() > 1e-3
    assert plain.shape == (1, 9)
    assert model.size() == sum(weight.numel() for weight in model.parameters())


@pytest.mark.parametrize("slots", [0, 1])
def test_a_question_without_a_story_is_read_too(slots) -> None:
    empty = torch.zeros(2, slots, 3, dtype=torch.long)
    assert torch.isfinite(network()(empty, QUESTION)).all()
