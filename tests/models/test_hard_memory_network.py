"""Hard attention in a memory network: one sentence a hop, the likeliest one in evaluation, and REINFORCE's gradient."""

import pytest
import torch
from torch.nn import functional

from memlib.models.hard_memory_network import HardMemoryNetwork
from memlib.models.memory_network import MemoryNetwork, MemoryNetworkConfig


def pair(hops: int) -> tuple[HardMemoryNetwork, MemoryNetwork]:
    config = MemoryNetworkConfig(10, 6, hops, 5, deviation=0.5)
    torch.manual_seed(4)
    hard, soft = HardMemoryNetwork(config).double(), MemoryNetwork(config).double()
    soft.load_state_dict(hard.state_dict())
    return hard, soft


def told(batch: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    story = torch.randint(1, 10, (batch, 4, 3), generator=generator)
    story[0, 2:] = 0
    return story, torch.randint(1, 10, (batch, 2), generator=generator)


def test_in_evaluation_the_likeliest_sentence_is_taken() -> None:
    hard, soft = pair(1)
    story, question = told()
    found, weights = hard.eval().trace(story, question), soft.trace(story, question).weights
    assert torch.equal(found.weights, functional.one_hot(weights.argmax(-1), 4).double())
    assert torch.equal(found.logits, hard(story, question))
    torch.testing.assert_close(hard.choices[0].weights, weights[:, 0])


def test_in_training_sentences_are_drawn_as_often_as_they_weigh() -> None:
    hard, soft = pair(1)
    story, question = told(1)
    many = 4_000
    weights = soft.trace(story, question).weights[0, 0]
    torch.manual_seed(0)
    drawn = hard.train().trace(story.expand(many, -1, -1), question.expand(many, -1)).weights[:, 0]
    assert torch.equal(drawn.sum(-1), torch.ones(many, dtype=torch.float64))
    assert drawn.mean(0).tolist() == pytest.approx(weights.tolist(), abs=0.03)
    assert drawn[:, 2:].sum() == 0


def test_the_gradient_is_right_on_average() -> None:
    """Of -E[log p(answer)]: exactly, by every sentence in turn, and by many draws."""
    hard, soft = pair(1)
    story, question = told(2)
    story, question, answer = story[1:], question[1:], torch.tensor([7])
    weights = soft.trace(story, question).weights[0, 0]
    losses = []
    for slot in range(4):
        alone = torch.zeros_like(story)
        alone[0, 0] = story[0, slot]
        logits = soft(alone, question, torch.full((1, 4), slot))
        losses.append(functional.cross_entropy(logits, answer))
    exact = torch.autograd.grad((weights * torch.stack(losses)).sum(), list(soft.parameters()))
    many = 10_000
    torch.manual_seed(1)
    hard.train()
    logits = hard(story.expand(many, -1, -1), question.expand(many, -1))
    errors = functional.cross_entropy(logits, answer.expand(many), reduction="none")
    total = errors.mean() + hard.choice_loss(-errors, -errors.mean()).mean()
    drawn = torch.autograd.grad(total, list(hard.parameters()))
    for one, other in zip(drawn, exact, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0.05 * max(float(other.abs().max()), 0.2))
    # The choice alone teaches where to look: without its loss the table of keys learns from the question only.
    logits = hard(story.expand(many, -1, -1), question.expand(many, -1))
    lost = functional.cross_entropy(logits, answer.expand(many))
    assert torch.autograd.grad(lost, hard.times[0], allow_unused=True)[0] is None
    assert exact[-2].abs().max() > 0


def test_undecided_weights_are_rewarded() -> None:
    hard, _ = pair(2)
    story, question = told()
    hard.train().trace(story, question)
    reward = torch.zeros(3, dtype=torch.float64)
    assert hard.choice_loss(reward).abs().max() == 0
    spread = sum(torch.special.entr(choice.weights).sum(-1) for choice in hard.choices)
    total = hard.choice_loss(reward, entropy_weight=0.1)
    torch.testing.assert_close(total, -0.1 * spread)
    # The first story has empty slots, of weight 0.
    slopes = torch.autograd.grad(total.sum(), [hard.words[0], hard.times[0]])
    assert all(torch.isfinite(slope).all() and slope.abs().max() > 0 for slope in slopes)


def test_an_empty_story_is_no_obstacle_and_empty_slots_are_refused() -> None:
    hard, soft = pair(2)
    _, question = told()
    empty = torch.zeros(3, 4, 3, dtype=torch.long)
    for mode in (True, False):
        found = hard.train(mode).trace(empty, question)
        assert found.weights.abs().sum() == 0
        torch.testing.assert_close(found.logits, soft(empty, question))
    with pytest.raises(ValueError, match="attend_empty=False"):
        HardMemoryNetwork(MemoryNetworkConfig(attend_empty=True))
    hard.linear.fill_(True)
    with pytest.raises(ValueError, match="no linear start"):
        hard.trace(*told())
