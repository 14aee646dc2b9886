"""Nth farthest: a case worked by hand, a sort written as loops, and what stands where."""

import math

import pytest
import torch

from memlib.tasks.nth_farthest import NthFarthest, nth_farthest


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


def test_the_example_of_the_text_by_hand():
    task = NthFarthest(vectors=3, width=2)
    vectors = torch.tensor([[[-0.9, 0.4], [0.8, 0.1], [0.5, -0.6]]]).expand(3, -1, -1)
    labels, asked = torch.tensor([[1, 0, 2]] * 3), torch.tensor([0, 0, 0])
    n = torch.tensor([0, 1, 2])
    # From (0.8, 0.1): √(1.7² + 0.3²) = 1.73, 0, √(0.3² + 0.7²) = 0.76.
    assert nth_farthest(vectors, labels, n, asked).tolist() == [1, 2, 0]
    inputs, targets, mask = task.episode(vectors, labels, n, asked)
    assert inputs[1, 0, 2:].tolist() == [0, 1, 0, 0, 1, 0, 1, 0, 0]
    assert torch.equal(inputs[..., :2], vectors)
    assert targets[:, -1].tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
    assert mask.tolist() == [[False, False, True]] * 3
    outputs = torch.zeros(3, 3, 3)
    outputs[:, -1] = torch.tensor([[0.0, 2.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    found = task.score(outputs, task.episode(vectors, labels, n, asked))
    losses = [math.log(math.exp(2) + 2) - 2, math.log(math.e + 2), math.log(math.e + 2) - 1]
    assert found == pytest.approx({"accuracy": 200 / 3, "steps": 200 / 3, "loss": sum(losses) / 3})


@pytest.mark.parametrize("task", [NthFarthest(), NthFarthest.small(), NthFarthest(2, 1)], ids=repr)
def test_answers_are_those_of_a_sort(task):
    inputs, targets, mask = task.draw(200, generator())
    count, width = task.vectors, task.width
    assert inputs.shape == (200, count, task.width_in)
    assert task.width_in == width + 3 * count
    assert targets.shape == (200, count, task.width_out)
    assert mask.sum(1).tolist() == [1] * 200
    assert targets[:, :-1].sum() == 0
    for row, target in zip(inputs.tolist(), targets, strict=True):
        told = {step[width : width + count].index(1): step[:width] for step in row}
        assert sorted(told) == list(range(count))
        tails = {tuple(step[width + count :]) for step in row}
        assert len(tails) == 1
        tail = tails.pop()
        n, asked = tail[:count].index(1), tail[count:].index(1)
        far = sorted(told, key=lambda label: math.dist(told[label], told[asked]), reverse=True)
        assert int(target[-1].argmax()) == far[n]
        assert far[-1] == asked


def test_ranks_labels_and_vectors_are_drawn_evenly():
    task, count = NthFarthest(), 8_000
    inputs, targets, _ = task.draw(count, generator(2))
    vectors, labels, n, asked = inputs.split([16, 8, 8, 8], 2)
    for drawn in (labels[:, 0], labels[:, 7], n[:, 0], asked[:, 0], targets[:, -1]):
        assert (drawn.sum(0) - count / 8).abs().max() < 5 * math.sqrt(count / 8)
    assert -1 <= vectors.min() < -0.99
    assert 0.99 < vectors.max() < 1
    assert vectors.mean().abs() < 0.01
    # n and the label asked from are independent of each other: all 64 pairs come.
    assert len({(int(a), int(b)) for a, b in zip(n[:, 0].argmax(1), asked[:, 0].argmax(1), strict=True)}) == 64


def test_a_seed_repeats_and_the_small_form_is_small():
    task = NthFarthest.small()
    assert (task.vectors, task.width, task.width_in) == (4, 8, 20)
    assert NthFarthest().width_in == 40
    first, again, other = (task.draw(3, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first.inputs, again.inputs)
    assert not torch.equal(first.inputs, other.inputs)
    assert task.loss(torch.zeros(3, 4, 4), first).item() == pytest.approx(math.log(4))


def test_sizes_that_make_no_task_are_refused():
    with pytest.raises(ValueError, match="vectors as a whole number of at least 2, got 1"):
        NthFarthest(vectors=1)
    with pytest.raises(TypeError, match="width as a whole number"):
        NthFarthest(width=1.5)
