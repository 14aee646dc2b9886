"""The tasks of adaptive computation time, and chains: what is drawn, worked out again by plain loops."""

import math

import pytest
import torch

from memlib.tasks.addition import BLANK, Addition, carries, spelled
from memlib.tasks.chains import Chains
from memlib.tasks.graded import Graded, sequence_error
from memlib.tasks.logic_gates import GATES, LogicGates
from memlib.tasks.parity import Parity
from memlib.tasks.sorting_numbers import SortingNumbers

TASKS = [Parity(), Parity(places="first"), Parity(6, 2, 4), LogicGates(), Addition(), SortingNumbers(), Chains()]


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("task", TASKS, ids=repr)
def test_a_batch_has_the_widths_it_says_and_its_seed_makes_it(task):
    drawn = task.draw(5, generator())
    time = drawn.inputs.shape[1]
    assert drawn.inputs.shape == (5, time, task.width_in)
    assert drawn.targets.shape == (5, time, task.width_out)
    assert drawn.mask.shape == drawn.difficulty.shape == (5, time)
    assert drawn.mask.any(1).all()
    assert (drawn.difficulty[drawn.mask] > 0).all()
    again, other = task.draw(5, generator()), task.draw(5, generator(2))
    assert all(torch.equal(a, b) for a, b in zip(drawn, again, strict=True))
    assert other.inputs.shape != drawn.inputs.shape or not torch.equal(other.inputs, drawn.inputs)


@pytest.mark.parametrize("task", TASKS, ids=repr)
def test_the_targets_are_right_and_anything_else_is_wrong(task):
    drawn = task.draw(8, generator())
    right = 20 * drawn.targets - 10
    assert not task.wrong(right, drawn).any()
    assert task.loss(right, drawn).item() == pytest.approx(0, abs=2e-3)
    assert sequence_error(task.wrong(right, drawn)) == 0
    missed = task.wrong(-right, drawn)
    assert torch.equal(missed, drawn.mask)
    one = right.clone()
    one[3, -1] *= -1
    assert sequence_error(task.wrong(one, drawn)) == 12.5


def test_parity_is_counted_and_its_difficulty_is_drawn_evenly():
    drawn = Parity(6).draw(3000, generator())
    for row, target, hard in zip(drawn.inputs[:, 0], drawn.targets[:, 0, 0], drawn.difficulty[:, 0], strict=True):
        assert target == sum(1 for entry in row.tolist() if entry == 1) % 2
        assert hard == sum(1 for entry in row.tolist() if entry != 0)
    assert set(drawn.inputs.unique().tolist()) == {-1, 0, 1}
    for level in range(1, 7):
        count = (drawn.difficulty == level).sum().item()
        assert count == pytest.approx(500, abs=4 * math.sqrt(3000 * 5 / 36))
    few = Parity(6, 2, 4).draw(300, generator())
    assert few.difficulty.unique().tolist() == [2, 3, 4]
    first = Parity(6, places="first").draw(300, generator())
    for row, hard in zip(first.inputs[:, 0], first.difficulty[:, 0], strict=True):
        assert (row != 0).tolist() == [True] * int(hard) + [False] * (6 - int(hard))
    # All places are equally likely.
    share = (drawn.inputs[:, 0] != 0).double().mean(0)
    assert share.tolist() == pytest.approx([3.5 / 6] * 6, abs=4 * 0.5 / math.sqrt(3000))


def test_the_gates_are_the_ten_that_need_both_bits():
    tables = set(GATES.values())
    assert len(tables) == 10
    for table in tables:
        both, older, newer, none = table
        assert (both, older) != (newer, none), "it does not need the older bit"
        assert (both, newer) != (older, none), "it does not need the newer bit"
    for a in (0, 1):
        for b in (0, 1):
            at = 3 - 2 * a - b
            assert GATES["nor"][at] == int(not (a or b))
            assert GATES["xor"][at] == a ^ b
            assert GATES["nand"][at] == 1 - a * b
            assert GATES["older and not newer"][at] == int(a and not b)
            assert GATES["if older then newer"][at] == int(not a or b)


def test_logic_is_worked_out_by_hand_and_by_loops():
    names = list(GATES)
    task = LogicGates((2, 2), (2, 2), 2)
    gates = torch.tensor([[[names.index("nor"), names.index("or")], [names.index("xor"), names.index("nand")]]])
    worked = task.graded(torch.tensor([[[1, 0], [1, 1]]]), gates)
    assert worked.targets.flatten().tolist() == [0, 0]
    assert worked.inputs[0, :, :2].tolist() == [[1, 0], [0, 1]]
    drawn = LogicGates((1, 4), (3, 3), 5).draw(60, generator())
    for inputs, targets, hard in zip(*drawn[:2], drawn.difficulty, strict=True):
        first = int(inputs[0, 0])
        for step, target, count in zip(inputs, targets, hard, strict=True):
            row = [first, int(step[1])]
            for chunk in step[2:].view(5, 10):
                if chunk.sum() == 1:
                    row.append(GATES[names[int(chunk.argmax())]][3 - 2 * row[-2] - row[-1]])
            assert len(row) - 2 == count
            assert row[-1] == int(target)
            first = row[-1]
    assert drawn.inputs[:, 1:, 0].sum() == 0
    assert drawn.difficulty.unique().tolist() == [1, 2, 3, 4]


def test_sums_are_spelled():
    assert spelled(torch.tensor([0, 7, 105]), 4).tolist() == [[BLANK] * 3 + [0], [BLANK] * 3 + [7], [BLANK, 1, 0, 5]]
    drawn = Addition(3, (4, 4)).draw(200, generator())
    for inputs, targets, hard in zip(*drawn[:2], drawn.difficulty, strict=True):
        total = 0
        for step, target, digits in zip(inputs, targets, hard, strict=True):
            number = "".join(str(int(one.argmax())) for one in step.view(3, 10) if one.sum() == 1)
            assert len(number) == digits
            assert number == str(int(number))
            total += int(number)
            said = "".join("0123456789 "[int(one.argmax())] for one in target.view(4, 11))
            assert said == str(total).rjust(4)
    for count in (1, 2, 3):
        share = (drawn.difficulty == count).double().mean().item()
        assert share == pytest.approx(1 / 3, abs=4 * math.sqrt(2 / 9 / 800))


def test_carries_worked_by_hand():
    # 417 + 96 carries twice; 513 + 588 three times; 1101 + 8 not at all.
    assert carries(torch.tensor([[417, 96, 588, 8], [5, 4, 1, 0]])).tolist() == [[0, 2, 3, 0], [0, 0, 1, 0]]


def test_sorting_gives_places_in_rising_order():
    task = SortingNumbers((2, 6))
    for seed in range(6):
        drawn = task.draw(20, generator(seed))
        count = drawn.inputs.shape[1] // 2
        for inputs, targets in zip(drawn.inputs, drawn.targets, strict=True):
            order = sorted(range(count), key=lambda i, row=inputs: float(row[i, 0]))
            assert targets[count:].argmax(-1).tolist() == order
            assert inputs[:, 1].nonzero().flatten().tolist() == [count - 1]
        assert drawn.inputs[:, count:].abs().sum() == 0
        assert drawn.mask.tolist() == [[False] * count + [True] * count] * 20
        assert drawn.difficulty.tolist() == [[0] * count + [count] * count] * 20


def test_chains_end_where_their_facts_say():
    task = Chains(7, (0, 4))
    drawn = task.draw(400, generator())
    for row, target, looks in zip(drawn.inputs[:, 0], drawn.targets[:, 0], drawn.difficulty[:, 0], strict=True):
        facts = row[: 7 * 15].view(7, 15)
        following = {int(fact[:7].argmax()): int(fact[7:].argmax()) for fact in facts}
        assert len(following) == 7
        met = [one for one in following.values() if one < 7]
        assert len(met) == len(set(met)), "no symbol follows two"
        at, count = int(row[7 * 15 :].argmax()), 1
        while following[at] < 7:
            at, count = following[at], count + 1
        assert (at, count) == (int(target.argmax()), int(looks))
    for count in range(1, 6):
        share = (drawn.difficulty == count).double().mean().item()
        assert share == pytest.approx(1 / 5, abs=4 * math.sqrt(4 / 25 / 400))


def test_the_error_counts_sequences():
    assert sequence_error(torch.tensor([[True, True], [False, False], [False, True], [False, False]])) == 50
    assert Graded(*[torch.zeros(1)] * 4).episode.mask.item() == 0


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Parity(4, 3, 2), r"least <= most <= 4, got 3 and 2"),
        (lambda: Parity(4, places="last"), "places of anywhere, first; got 'last'"),
        (lambda: Parity(0), "width as a whole number of at least 1"),
        (lambda: LogicGates(gates=(1, 11)), "room for 11 gates, got 10 places"),
        (lambda: LogicGates(lengths=(2, 1)), "lengths as"),
        (lambda: Addition(lengths=(1, 11)), "at most 10 numbers"),
        (lambda: SortingNumbers((3, 2)), "items as"),
        (lambda: Chains(3, (0, 3)), "fewer links than the 3 symbols, got 3"),
    ],
)
def test_what_makes_no_sense_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()


def test_lists_from_json_do_as_well():
    assert LogicGates([1, 2], [3, 4]) == LogicGates((1, 2), (3, 4))
    assert SortingNumbers([2, 3]) == SortingNumbers((2, 3))
    assert Chains(5, [0, 2]) == Chains(5, (0, 2))
