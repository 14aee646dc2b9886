"""Associative retrieval: what is drawn, what is fixed, and the metric worked by hand."""

import math

import pytest
import torch

from memlib.tasks.number_recall import DIGITS, MARK, TOKENS, NumberRecall, Sequences


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("pairs", [1, 4, 13, 26])
def test_the_answer_is_the_digit_that_followed_the_letter(pairs):
    tokens, answers = NumberRecall(pairs).sequences(300, generator())
    assert tokens.shape == (300, 2 * pairs + 3)
    for row, answer in zip(tokens.tolist(), answers.tolist(), strict=True):
        letters, digits, asked = row[: 2 * pairs : 2], row[1 : 2 * pairs : 2], row[-1]
        assert row[2 * pairs : -1] == [MARK, MARK]
        assert len(set(letters)) == pairs
        assert all(DIGITS <= letter < MARK for letter in letters)
        assert all(0 <= digit < DIGITS for digit in digits)
        assert digits[letters.index(asked)] == answer


def test_letters_digits_and_places_are_drawn_evenly():
    count, pairs = 20_000, 4
    tokens, answers = NumberRecall(pairs).sequences(count, generator(2))
    places = (tokens[:, : 2 * pairs : 2] == tokens[:, -1:]).nonzero()[:, 1]
    for values, kinds in ((answers, DIGITS), (tokens[:, -1] - DIGITS, 26), (places, pairs)):
        counts = values.bincount(minlength=kinds)
        assert len(counts) == kinds
        assert (counts - count / kinds).abs().max() < 5 * math.sqrt(count / kinds)


def test_the_lengths_that_are_named():
    assert [NumberRecall.le2020(length).time for length in (30, 50)] == [29, 51]
    assert NumberRecall().time == 11
    with pytest.raises(ValueError, match="a length of 30, 50; got 40"):
        NumberRecall.le2020(40)
    with pytest.raises(ValueError, match="at most 26 pairs, one for a letter; got 27"):
        NumberRecall(27)
    with pytest.raises(ValueError, match="pairs as a whole number of at least 1"):
        NumberRecall(0)


def test_an_episode_is_the_tokens_as_one_hot_vectors():
    task = NumberRecall(5)
    inputs, targets, mask = task.draw(6, generator())
    tokens, answers = task.sequences(6, generator())
    assert inputs.shape == (6, task.time, task.width_in) == (6, 13, TOKENS)
    assert targets.shape == (6, 13, task.width_out)
    assert torch.equal(inputs.argmax(2), tokens)
    assert torch.equal(inputs.sum(2), torch.ones(6, 13))
    assert torch.equal(targets[:, -1].argmax(1), answers)
    assert targets.sum() == 6
    assert mask.tolist() == [[False] * 12 + [True]] * 6


def test_a_fixed_data_set():
    task = NumberRecall(13)
    parts = task.parts(3, 50, 20, 30)
    assert [len(part.tokens) for part in parts] == [50, 20, 30]
    again, other = task.parts(3, 50, 20, 30), task.parts(4, 50, 20, 30)
    assert all(torch.equal(a.tokens, b.tokens) for a, b in zip(parts, again, strict=True))
    assert not torch.equal(parts.train.tokens, other.train.tokens)
    assert not torch.equal(parts.train.tokens[:20], parts.valid.tokens)
    batch = parts.valid.batch([7, 2])
    assert torch.equal(batch.inputs.argmax(2), parts.valid.tokens[[7, 2]])
    assert batch.targets[:, -1].argmax(1).tolist() == parts.valid.answers[[7, 2]].tolist()


def test_a_sequence_in_words_and_the_accuracy_by_hand():
    # b7 x0 ?? x: the answer is 0. a3 c3 ?? a: the answer is 3.
    told = Sequences(
        torch.tensor([[11, 7, 33, 0, 36, 36, 33], [10, 3, 12, 3, 36, 36, 10]]),
        torch.tensor([0, 3]),
    )
    assert [told.words(row) for row in (0, 1)] == ["b7x0??x 0", "a3c3??a 3"]
    outputs = torch.zeros(2, 7, 10)
    outputs[0, -1, 0], outputs[1, -1, 4] = 1.0, 2.0
    outputs[:, :-1, 5] = 9.0  # not scored
    found = NumberRecall(2).score(outputs, told.batch([0, 1]))
    losses = [math.log(math.e + 9) - 1, math.log(math.exp(2) + 9)]
    assert found == pytest.approx({"accuracy": 50.0, "steps": 50.0, "loss": sum(losses) / 2})
