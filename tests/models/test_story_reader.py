"""Two memories that answer questions: against a loop over stories, words and reads, and what is trained."""

import pytest
import torch

from memlib.models.story_reader import StoryReader, StoryReaderConfig


def small(**options) -> StoryReader:
    torch.manual_seed(6)
    sizes = {"width": 4, "size": 5, "queries": 3, "hidden_size": 4}
    return StoryReader(StoryReaderConfig(9, 4, **sizes, **options)).double()


def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(4)
    story = torch.randint(1, 9, (4, 3, 4), generator=generator)
    story[0, 1, 2:] = 0
    return story, torch.tensor([3, 1, 3, 2]), torch.randint(1, 9, (4, 3), generator=generator)


def looped(model: StoryReader, story, length, question) -> torch.Tensor:
    """One question, its story read sentence by sentence."""

    def encoded(words):
        return sum(model.embedding.weight[word] * model.places[place] for place, word in enumerate(words) if word)

    state = model.memory.initial_state(1)
    for sentence in story[:length]:
        _, state = model.memory.cell(encoded(sentence.tolist())[None], state)
    asked, memory = encoded(question.tolist()), state.relations[0]
    entity, *roles = (network(asked) for network in model.inference.signals)
    total = torch.zeros(5, dtype=torch.float64)
    for role, norm in zip(roles, model.inference.norms, strict=True):
        found = sum(role[s] * (memory[s].T @ entity) for s in range(3))
        spread = ((found - found.mean()).square().mean() + 1e-7).sqrt()
        entity = (found - found.mean()) / spread * norm.gain + norm.bias
        total = total + entity
    return model.output.weight @ total


@pytest.mark.parametrize("preset", ["paper", "official"])
def test_it_equals_its_loops_in_values_and_gradients(preset) -> None:
    model = small(preset=preset)
    story, lengths, question = batch()
    fast = model(story, lengths, question)
    slow = torch.stack([looped(model, story[i], int(lengths[i]), question[i]) for i in range(4)])
    torch.testing.assert_close(fast, slow, atol=1e-9, rtol=1e-9)
    pull = torch.randn(4, 9, dtype=torch.float64)
    wanted = [weight for weight in model.parameters() if weight.requires_grad]
    pairs = (torch.autograd.grad((out * pull).sum(), wanted, allow_unused=True) for out in (fast, slow))
    for ours, theirs in zip(*pairs, strict=True):
        if ours is not None and theirs is not None:
            torch.testing.assert_close(ours, theirs, atol=1e-8, rtol=1e-7)
    assert model.embedding.weight[0].abs().sum() == 0


def test_padding_and_the_other_stories_change_nothing() -> None:
    model = small()
    story, lengths, question = batch()
    whole = model(story, lengths, question)
    alone = model(story[1:2, :1, :], lengths[1:2], question[1:2])
    torch.testing.assert_close(whole[1:2], alone)
    told_more = story.clone()
    told_more[1, 1:] = 7
    torch.testing.assert_close(model(told_more, lengths, question), whole)


def test_what_is_trained() -> None:
    model = small()
    names = {name for name, weight in model.named_parameters() if weight.requires_grad}
    assert not any(name.startswith(("memory.cell.distil", "memory.cell.features", "memory.output")) for name in names)
    assert "output.weight" in names
    theirs = StoryReader(StoryReaderConfig.official(9, 4, width=4, size=5, queries=3, hidden_size=4))
    assert not theirs.output.weight.requires_grad
    assert theirs.memory.config.relational_blend == "decay"
    assert model.size() == sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def test_what_does_not_fit_is_refused() -> None:
    model = small()
    story, lengths, question = batch()
    with pytest.raises(ValueError, match="sentences of at most 4 words, got 6"):
        model(torch.ones(4, 3, 6, dtype=torch.long), lengths, question)
    with pytest.raises(ValueError, match=r"stories of 1 to 3 sentences, got \[0, 1, 2, 3\]"):
        model(story, torch.tensor([3, 1, 0, 2]), question)
    with pytest.raises(ValueError, match="expected preset paper or official; got 'best'"):
        StoryReaderConfig(9, 4, preset="best")
    with pytest.raises(ValueError, match="expected queries >= 1, got 0"):
        StoryReaderConfig(9, 4, queries=0)
