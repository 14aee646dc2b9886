"""The figure on soft programs: its numbers are memlib's, deciding makes them whole, its words say what happened."""

import itertools
import re
from typing import Any

import pytest
import torch
from torch import Tensor

from memlib.mechanisms import programs
from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import ProgramsWidget

STATE = {"greater": 4, "lesser": 1, "both": 2, "either": 0, "column": 3, "pivot": 4}


def double(numbers: Any) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def shown(node: Node, **state: Any) -> dict[str, Any]:
    return node("programs", "step({ ...data, ...state })", data=ProgramsWidget().data, state={**STATE, **state})


@pytest.mark.parametrize(("column", "pivot"), [(0, 4), (10, 2), (3, 5), (5, 9)])
def test_every_number_is_memlibs(node: Node, column: int, pivot: int) -> None:
    data, found = ProgramsWidget().data, shown(node, column=column, pivot=pivot)
    table, earlier = double(data["table"]), double(data["earlier"])
    columns = double([1 - column / 10, column / 10])
    above = programs.soft_select(programs.greater(table, double([pivot])).mT, columns)
    below = programs.soft_select(programs.lesser(table, double([pivot])).mT, columns)
    selections = torch.stack([above, below, programs.both(above, earlier), programs.either(above, earlier)])
    weights = double([4, 1, 2, 0]).softmax(0)
    selected = programs.soft_select(selections, weights)
    for name, numbers in {
        "columns": columns,
        "selections": selections,
        "weights": weights,
        "selected": selected,
        "count": programs.count(selected),
        "sums": programs.column_sums(table, selected),
    }.items():
        torch.testing.assert_close(double(found[name]), numbers)


def test_deciding_takes_the_likeliest_and_makes_the_count_nearly_whole(node: Node) -> None:
    after = node("programs", "decided(now)", now=STATE)
    assert after == {"greater": 8, "lesser": 0, "both": 0, "either": 0, "column": 0}
    count = shown(node, **after)["count"]
    assert count == pytest.approx(round(count), abs=0.01)


def test_the_words_say_what_happened(node: Node) -> None:
    for state, parts in (
        ({"column": 0}, ["“greater” with 8", "on the first column and pivot 4", "rows; their sums are"]),
        ({"both": 8}, ["“and” with 98 %", "70 % of the first column and 30 % of the second"]),
    ):
        full = {**STATE, **state}
        said = node("programs", "sentence({ ...found, ...state })", found=shown(node, **state), state=full)
        for part in parts:
            assert part in said, said


def test_every_question_names_what_the_reader_can_do(node: Node) -> None:
    labels = set(node("programs", "Object.values(LABELS)"))
    for column, greater, both in itertools.product((0, 4, 10), (0, 4), (0, 4)):
        state = {**STATE, "lesser": 0, "column": column, "greater": greater, "both": both}
        act, text = node("programs", "questionFor(state)", state=state)
        names = re.findall("“([^”]+)”", act)
        assert (act[:11], act[-1], text[-1]) == ("Before you ", ":", "?")
        assert names
        assert set(names) <= labels


@pytest.mark.parametrize(("number", "text"), [(0.001, "0"), (0.123, ".12"), (1.0, "1"), (0.5, ".50")])
def test_numbers_in_their_cells(node: Node, number: float, text: str) -> None:
    assert node("programs", "brief(x)", x=number) == text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"greater": 9}, "greater to be a whole number from 0 to 8, got 9"),
        ({"column": 11}, "column to be a whole number from 0 to 10, got 11"),
        ({"pivot": -1}, "pivot to be a whole number from 0 to 9, got -1"),
        ({"both": 1.5}, "both to be a whole number from 0 to 8, got 1.5"),
        ({"either": True}, "either to be a whole number from 0 to 8, got True"),
        ({"seed": 1.5}, "expected seed to be a whole number, got 1.5"),
    ],
)
def test_wrong_arguments_are_explained(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ProgramsWidget(**given)
