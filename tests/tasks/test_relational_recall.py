"""Relational associative recall: the example of the text, a search written as loops, and the authors' quirks."""

import pytest
import torch

from memlib.tasks.relational_recall import RelationalRecall, answer

# The example of the text: three items of two vectors of three bits.
ITEMS = torch.tensor([[[[0, 1, 1], [1, 0, 0]], [[1, 1, 1], [0, 0, 0]], [[0, 0, 0], [0, 1, 0]]]]).float()


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


def naive(items, asked):
    """The item wanted, by loops; of equally far ones the first."""
    query = [bit for vector in items[asked] for bit in vector]
    best, place = None, None
    for i, item in enumerate(items):
        if i == asked:
            continue
        bits = [bit for vector in item for bit in vector]
        distance = sum((a - b) ** 2 for a, b in zip(bits, query, strict=True)) ** 0.5
        if best is None or (distance > best if query[-1] == 1 else distance < best):
            best, place = distance, i
    return place


def test_the_example_of_the_text_by_hand():
    task = RelationalRecall(width=3, items=(3, 3), lengths=(2, 2))
    inputs, targets, mask = task.episode(ITEMS, torch.tensor([1]))
    assert inputs[0].tolist() == [
        [0, 0, 0, 1, 0],
        [0, 1, 1, 0, 0],
        [1, 0, 0, 0, 0],
        [0, 0, 0, 1, 0],
        [1, 1, 1, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
        [0, 0, 0, 0, 1],
        [1, 1, 1, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
    ]
    assert targets[0, -2:].tolist() == [[0, 1, 1], [1, 0, 0]]
    assert targets[0, :-2].sum() == 0
    assert mask[0].tolist() == [False] * 13 + [True] * 2
    # With a 1 as the last bit of the item asked about the distances are 3 and 5, and the farthest is wanted.
    other = ITEMS.clone()
    other[0, 1, 1, 2] = 1
    assert answer(other, torch.tensor([1])).tolist() == [2]
    # Of its six bits one is wrong; three are 1.
    outputs = 4 * targets - 2
    outputs[0, -1, 1] = 1
    found = task.score(outputs, task.episode(ITEMS, torch.tensor([1])))
    assert (found["wrong_bits"], found["sequences"]) == (1, 0)
    assert found["relative_error"] == pytest.approx(1 / 3)
    assert found["bit_error"] == pytest.approx(1 / 6)


@pytest.mark.parametrize("task", [RelationalRecall(2, (2, 6), (1, 2)), RelationalRecall(32)], ids=repr)
def test_the_answer_is_that_of_a_search(task):
    draw = generator()
    both = set()
    for _ in range(20):
        inputs, targets, mask = task.draw(20, draw)
        length = int(mask[0].sum())
        count = int(inputs[0, :, task.width].sum())
        assert inputs.shape == (20, (length + 1) * (count + 1) + 1 + length, task.width_in)
        for row, target in zip(inputs[..., : task.width], targets, strict=True):
            told = row[: count * (length + 1)].unflatten(0, (count, length + 1))[:, 1:]
            query = row[count * (length + 1) + 1 :][:length]
            places = [i for i in range(count) if torch.equal(told[i], query)]
            wanted = [told[naive(told.tolist(), place)] for place in places]
            assert any(torch.equal(one, target[-length:]) for one in wanted)
            both.add(int(query[-1, -1]))
    assert both == {0, 1}


def test_equally_far_items_many_of_them():
    items = torch.randint(2, (500, 5, 1, 2), generator=generator()).float()
    asked = torch.randint(5, (500,), generator=generator(2))
    wanted = [naive(one.tolist(), int(place)) for one, place in zip(items, asked, strict=True)]
    assert answer(items, asked).tolist() == wanted


def drawn_places(task, batches, size):
    """Of each batch: number of items, their length, and the places asked about."""
    draw = generator(4)
    for _ in range(batches):
        inputs, _, mask = task.draw(size, draw)
        length, count = int(mask[0].sum()), int(inputs[0, :, task.width].sum())
        bits = inputs[..., : task.width]
        told = bits[:, : count * (length + 1)].unflatten(1, (count, length + 1))[:, :, 1:]
        query = bits[:, count * (length + 1) + 1 :][:, :length]
        places = (told == query.unsqueeze(1)).flatten(2).all(2)
        assert places.sum(1).tolist() == [1] * size
        yield count, length, places.int().argmax(1).tolist()


def test_as_in_the_paper():
    drawn = list(drawn_places(RelationalRecall.paper(), 60, 8))
    assert {count for count, _, _ in drawn} == {2, 3, 4, 5}
    assert {length for _, length, _ in drawn} == {3}
    assert any(place == count - 1 for count, _, places in drawn for place in places)
    assert any(len(set(places)) > 1 for _, _, places in drawn)


def test_as_the_authors_code_trains():
    drawn = list(drawn_places(RelationalRecall.official(), 60, 8))
    assert {count for count, _, _ in drawn} == {3}
    assert {length for _, length, _ in drawn} == {2, 3, 4, 5}
    assert {place for _, _, places in drawn for place in places} == {0, 1}
    assert all(len(set(places)) == 1 for _, _, places in drawn)


def test_one_quirk_alone_and_what_is_refused():
    task = RelationalRecall(items=[3, 3], ask_last=False)
    assert {place for _, _, places in drawn_places(task, 20, 8) for place in places} == {0, 1}
    assert task.items == (3, 3)
    with pytest.raises(ValueError, match="at least 2 items"):
        RelationalRecall(items=(1, 3))
    with pytest.raises(ValueError, match="smallest of lengths"):
        RelationalRecall(lengths=(0, 3))
    with pytest.raises(ValueError, match="width as a whole number of at least 1"):
        RelationalRecall(width=0)


def test_a_seed_repeats():
    first, again, other = (RelationalRecall(items=(3, 3)).draw(3, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first.inputs, again.inputs)
    assert not torch.equal(first.inputs, other.inputs)
