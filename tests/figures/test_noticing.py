"""The figure on two attentions: its numbers are memlib's, its words say what was noticed."""

import re
from typing import Any

import pytest
import torch
from torch import Tensor

from memlib.mechanisms.outer_product import dot_product_attention, outer_product_attention
from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import NoticingWidget

SHARED = [1, 4]


def double(numbers: Any) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def compared(node: Node, presses: list[int], seed: int = 10) -> dict[str, Any]:
    return node("noticing", "compare(data, presses)", data=NoticingWidget(seed=seed).data, presses=presses)


@pytest.mark.parametrize("presses", [[], [1], [0, 7, 9, 22], [5, 5, 13]])
def test_both_attentions_are_memlibs(node: Node, presses: list[int]) -> None:
    data = NoticingWidget().data
    bits = double([data["query"], *data["keys"]]).flatten()
    for bit in presses:
        bits[bit] *= -1
    query, keys = bits[:6], bits[6:].reshape(3, 6)
    values = double(data["values"])
    found = compared(node, presses)["now"]
    assert found["query"] == query.tolist()
    assert found["keys"] == keys.tolist()
    torch.testing.assert_close(double(found["answer"]), dot_product_attention(query[None], keys, values)[0])
    torch.testing.assert_close(double(found["matrix"]), outer_product_attention(query[None], keys, values)[0])
    torch.testing.assert_close(double(found["weights"]), torch.softmax(keys @ query, 0))


def test_the_data_keep_their_promise() -> None:
    for seed in range(20):
        data = NoticingWidget(seed=seed).data
        keys = torch.tensor(data["keys"])
        assert [i for i in range(6) if keys[:, i].sum().abs() == 3] == SHARED
        assert len({tuple(value) for value in data["values"]}) == 3
        assert set(torch.tensor([data["query"], *data["keys"]]).flatten().tolist()) == {-1, 1}


@pytest.mark.parametrize("seed", [10, 4])
def test_each_single_bit_and_who_notices_it(node: Node, seed: int) -> None:
    single = "[...Array(24).keys()].map((bit) => compare(data, [bit]).last)"
    for bit, last in enumerate(node("noticing", single, data=NoticingWidget(seed=seed).data)):
        assert (last["moved"] == 0) == (bit in SHARED)  # only bits of the query where the keys agree
        assert last["rows"] == [bit % 6 + 1]


def test_two_bits_of_a_key_escape_a_sum_and_a_whole_column_escapes_a_product(node: Node) -> None:
    data = NoticingWidget().data
    agree = [q * k > 0 for q, k in zip(data["query"], data["keys"][0], strict=True)]
    up, down = agree.index(False), agree.index(True)
    two = compared(node, [6 + up, 6 + down])["start"]
    assert two == {"moved": 0, "rows": sorted([up + 1, down + 1])}
    assert compared(node, [6 + up, 6 + agree.index(False, up + 1)])["start"]["moved"] > 0
    assert compared(node, [3, 9, 15, 21])["start"] == {"moved": 0, "rows": []}


@pytest.mark.parametrize(
    ("presses", "parts"),
    [
        ([], ["Nothing is turned yet."]),
        (
            [1],
            ["Bit 2 of the query moved all scores by +2.", "Dot-product attention notices nothing", "row 2 changed."],
        ),
        ([9], ["Bit 4 of key 1 moved score 1 by +2.", "Dot-product attention notices,"]),
        ([1, 4], ["all scores by −2", "the first is the same, the second differs in rows 2 and 5."]),
        ([3, 9, 15, 21], ["the first is the same, the second is the same as well."]),
    ],
)
def test_the_words_say_what_was_noticed(node: Node, presses: list[int], parts: list[str]) -> None:
    said = node("noticing", "sentence(data, presses)", data=NoticingWidget().data, presses=presses)
    for part in parts:
        assert part in said, said


def test_verdicts(node: Node) -> None:
    given = [{"moved": 0, "rows": []}, {"moved": 0.314, "rows": [2]}, {"moved": 0.001, "rows": [1, 3, 4]}]
    said = node("noticing", "given.map((one) => Object.values(verdicts(one, 'now')))", given=given)
    assert said == [
        ["now: not noticed, the same answer", "now: not noticed, the same matrix"],
        ["now: noticed, moved by 0.31", "now: noticed, row 2"],
        ["now: noticed, moved by less than 0.01", "now: noticed, rows 1, 3 and 4"],
    ]


def test_every_question_names_what_the_reader_can_do(node: Node) -> None:
    labels = set(node("noticing", "Object.values(LABELS)"))
    presses = [[], [1], [0], [9], [1, 4], [9, 10, 22], [3, 9, 15, 21]]
    every = "all.map((presses) => questionFor(data, presses))"
    asked = set()
    for act, text in node("noticing", every, data=NoticingWidget().data, all=presses):
        assert (act[:13], act[-1], text[-1]) == ("Before you pr", ":", "?")
        assert set(re.findall("“([^”]+)”", act)) <= labels
        asked.add(act + text)
    assert len(asked) == 7


def test_numbers_under_their_cells(node: Node) -> None:
    assert node("noticing", "[0.04, -0.767, 1, -1, -0.001].map(amount)") == [".04", "−.77", "1.0", "−1.0", ".00"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"presses": [24]}, "each press to be a whole number from 0 to 23, got 24"),
        ({"presses": [0, -1]}, "from 0 to 23, got -1"),
        ({"presses": [True]}, "got True"),
        ({"presses": [1.0]}, "got 1.0"),
        ({"seed": "x"}, "expected seed to be a whole number, got 'x'"),
    ],
)
def test_wrong_arguments_are_explained(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NoticingWidget(**given)
