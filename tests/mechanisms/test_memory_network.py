"""The memory network's equations against loops over numbers, and what becomes of empty memories and padding."""

import math

import pytest
import torch

from memlib.mechanisms.memory_network import (
    answer_scores,
    bag_of_words,
    centred_position_weights,
    match,
    next_question,
    noisy_ages,
    position_encoding,
    position_weights,
    respond,
    temporal_encoding,
)


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def assert_same(actual: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12)


def looped_hop(question, memories, outputs, mask):
    scores = [sum(question[k] * memory[k] for k in range(len(question))) for memory in memories]
    highest = max(score for score, there in zip(scores, mask, strict=True) if there)
    lifted = [math.exp(score - highest) if there else 0.0 for score, there in zip(scores, mask, strict=True)]
    weights = torch.tensor([one / sum(lifted) for one in lifted], dtype=torch.float64)
    response = torch.zeros(len(question), dtype=torch.float64)
    for weight, output in zip(weights, outputs, strict=True):
        for k in range(len(question)):
            response[k] += weight * output[k]
    return weights, response


def test_a_hop_equals_its_loops() -> None:
    question, memories, outputs = draw(1, 5), draw(2, 7, 5), draw(3, 7, 5)
    mask = torch.tensor([True, False, True, True, True, False, True])
    for chosen in (mask, torch.ones(7, dtype=torch.bool)):
        weights, response = looped_hop(question, memories, outputs, chosen)
        found = match(question, memories, chosen)
        assert_same(found, weights)
        assert_same(respond(found, outputs), response)
    assert_same(match(question, memories), weights)


def test_a_batch_is_each_of_its_rows() -> None:
    questions, memories, mask = draw(1, 2, 3, 5), draw(2, 2, 3, 6, 5), draw(3, 2, 3, 6) > -0.5
    found = match(questions, memories, mask)
    for i in range(2):
        for j in range(3):
            assert_same(found[i, j], match(questions[i, j], memories[i, j], mask[i, j]))
    # One memory for many questions.
    assert_same(match(questions, memories[0, 0])[1, 2], match(questions[1, 2], memories[0, 0]))


@pytest.mark.parametrize("softmax", [True, False])
def test_where_no_memory_is_there_the_response_is_nothing(softmax: bool) -> None:
    question = draw(1, 2, 4).requires_grad_()
    memories = draw(2, 2, 3, 4).requires_grad_()
    mask = torch.tensor([[False, False, False], [True, False, False]])
    weights = match(question, memories, mask, softmax)
    assert weights[0].tolist() == [0.0, 0.0, 0.0]
    assert weights[1, 1:].tolist() == [0.0, 0.0]
    response = respond(weights, draw(3, 2, 3, 4))
    assert response[0].tolist() == [0.0] * 4
    response.sum().backward()
    assert torch.isfinite(question.grad).all()
    assert torch.isfinite(memories.grad).all()
    assert memories.grad[0].abs().max() == 0


def test_one_sentence_gets_all_the_weight_and_no_slots_give_nothing() -> None:
    question, memory = draw(1, 4), draw(2, 1, 4)
    assert match(question, memory).tolist() == [1.0]
    assert_same(respond(match(question, memory), memory), memory[0])
    none = match(question, memory[:0])
    assert none.shape == (0,)
    assert respond(none, memory[:0]).tolist() == [0.0] * 4


def test_masked_memories_take_nothing_from_the_others() -> None:
    question, memories, mask = draw(1, 4), draw(2, 6, 4), torch.tensor([True] * 4 + [False] * 2)
    assert_same(match(question, memories, mask)[:4], match(question, memories[:4]))
    assert_same(match(question, memories, mask, softmax=False)[:4], memories[:4] @ question)
    huge = 1e6 * memories
    assert torch.isfinite(match(question, huge, mask)).all()


def test_the_gradients_are_right() -> None:
    mask = torch.tensor([True, True, False, True])

    def hop(question, memories, outputs, linear_map, weight):
        response = respond(match(question, memories, mask), outputs)
        asked = next_question(question, response, linear_map)
        linear = respond(match(asked, memories, mask, softmax=False), outputs)
        return answer_scores(asked, linear, weight)

    inputs = [
        draw(i, *shape).requires_grad_() for i, shape in enumerate([(2, 3), (2, 4, 3), (2, 4, 3), (3, 3), (5, 3)])
    ]
    assert torch.autograd.gradcheck(hop, inputs)

    words, weights, times = (draw(i, *shape).requires_grad_() for i, shape in enumerate([(2, 4, 3), (4, 3), (6, 3)]))
    ages = torch.tensor([5, 0])
    assert torch.autograd.gradcheck(
        lambda *a: temporal_encoding(position_encoding(*a[:2]), a[2], ages), (words, weights, times)
    )


def test_the_next_question_and_the_answer_equal_their_loops() -> None:
    question, response, linear_map, weight = draw(1, 3), draw(2, 3), draw(3, 3, 3), draw(4, 5, 3)
    assert_same(next_question(question, response), question + response)
    mapped = [sum(linear_map[i, k] * question[k] for k in range(3)) + response[i] for i in range(3)]
    assert_same(next_question(question, response, linear_map), torch.stack(mapped))
    scores = [sum(weight[v, k] * (question[k] + response[k]) for k in range(3)) for v in range(5)]
    assert_same(answer_scores(question, response, weight), torch.stack(scores))


def test_a_bag_of_words_has_no_order_and_a_position_encoding_has() -> None:
    words, mask = draw(1, 6, 8), torch.tensor([True] * 4 + [False] * 2)
    assert_same(bag_of_words(words, mask), words[:4].sum(0))
    assert_same(bag_of_words(words[:4]), bag_of_words(words[[3, 1, 0, 2]]))
    weights = position_weights(4, 8, torch.float64)
    there, back = (position_encoding(words[order], weights) for order in ([0, 1, 2, 3], [3, 2, 1, 0]))
    assert (there - back).abs().max() > 0.5


@pytest.mark.parametrize(("words", "width"), [(1, 1), (1, 5), (2, 3), (7, 20)])
def test_position_weights_equal_their_loops(words: int, width: int) -> None:
    plain, centred = (make(words, width, torch.float64) for make in (position_weights, centred_position_weights))
    for j in range(1, words + 1):
        for k in range(1, width + 1):
            assert plain[j - 1, k - 1].item() == pytest.approx(
                (1 - j / words) - (k / width) * (1 - 2 * j / words), abs=1e-12
            )
            middle = (k - (width + 1) / 2) * (j - (words + 1) / 2)
            assert centred[j - 1, k - 1].item() == pytest.approx(1 + 4 * middle / (width * words), abs=1e-12)
    assert centred.mean().item() == pytest.approx(1)


def test_the_authors_position_weights_are_about_twice_the_papers() -> None:
    gap = centred_position_weights(11, 50) - 2 * position_weights(11, 50)
    # What is left is the rounding of the middle: terms of 1/J and 1/d.
    assert gap.abs().max() < 2 / 11 + 2 / 50 + 1 / 550
    assert (position_weights(11, 50)[:, 0].diff() < 0).all()
    assert (position_weights(11, 50)[:, -1].diff() > 0).all()
    with pytest.raises(ValueError, match="at least one word"):
        position_weights(0, 4)
    with pytest.raises(ValueError, match="at least one word"):
        centred_position_weights(3, 0)


def test_temporal_encoding_adds_the_vector_of_the_age() -> None:
    sentences, times = draw(1, 2, 3, 4), draw(2, 9, 4)
    ages = torch.tensor([[0, 1, 8], [2, 2, 5]])
    found = temporal_encoding(sentences, times, ages)
    for i in range(2):
        for n in range(3):
            assert_same(found[i, n], sentences[i, n] + times[ages[i, n]])


def test_without_noise_ages_count_up() -> None:
    lengths = torch.tensor([0, 1, 4, 6])
    found = noisy_ages(lengths, 6, 5, 0.0)
    for row, length in zip(found.tolist(), lengths.tolist(), strict=True):
        assert row[:length] == [min(i, 4) for i in range(length)]
    assert found.max() < 5


def test_noise_leaves_gaps_and_keeps_the_order() -> None:
    lengths = torch.full((4_000,), 20)
    found = noisy_ages(lengths, 20, 50, 0.1, torch.Generator().manual_seed(3))
    assert (found.diff() >= 1).all()
    # At most ⌈0.1 · 20⌉ = 2 empty memories; none, one and two are as likely. Empty ones before the oldest sentence do
    # not show: one of 21 places where there is one; where there are two, one of 231 pairs hides both and 20 hide one.
    assert found.max() == 21
    shares = torch.bincount(found[:, -1] - 19) / len(lengths)
    expected = [(1 + 1 / 21 + 1 / 231) / 3, (20 / 21 + 20 / 231) / 3, 210 / 231 / 3]
    assert shares.tolist() == pytest.approx(expected, abs=0.03)
    assert torch.equal(noisy_ages(lengths, 20, 50, 0.1, torch.Generator().manual_seed(3)), found)


def test_ten_sentences_get_at_most_one_empty_memory() -> None:
    generator = torch.Generator().manual_seed(1)
    for length, most in ((10, 1), (11, 2), (30, 3), (1, 1)):
        found = noisy_ages(torch.full((500,), length), 30, 50, 0.1, generator)[:, :length]
        assert found.max() == length - 1 + most
    assert noisy_ages(torch.tensor([30]), 30, 20, 1.0, generator).max() == 19


def test_bad_noise_is_refused() -> None:
    with pytest.raises(ValueError, match="a share from 0 to 1"):
        noisy_ages(torch.tensor([3]), 3, 5, 1.5)
    with pytest.raises(ValueError, match="at most 2 sentences"):
        noisy_ages(torch.tensor([3]), 2, 5, 0.1)


def test_bad_shapes_are_named() -> None:
    with pytest.raises(ValueError, match=r"`memories` has shape \(4, 6\)"):
        match(draw(1, 5), draw(2, 4, 6))
    with pytest.raises(TypeError, match="boolean"):
        match(draw(1, 5), draw(2, 4, 5), torch.ones(4))
