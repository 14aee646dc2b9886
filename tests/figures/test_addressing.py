"""The figure on addressing: its numbers are memlib's, a touch changes nothing above it, its words say what happened."""

import itertools
import re
from typing import Any

import pytest
import torch
from torch import Tensor

from memlib.mechanisms import addressing
from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import AddressingWidget

STATE = {"slot": 6, "likeness": 0.8, "strength": 5.0, "gate": 0.4, "move": 0.7, "power": 2.5, "steps": 0}
ORDER = ("key", "cosines", "found", "kept", "kernel", "moved", "weights", "read")


def double(numbers: Any) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def shown(node: Node, **state: Any) -> dict[str, Any]:
    data = AddressingWidget().data
    return node(
        "addressing", "stages({ ...data, ...state })", data=data, state={"before": data["start"], **STATE, **state}
    )


@pytest.mark.parametrize("move", [0.7, -1.0, 0.0, -0.3])
@pytest.mark.parametrize(("gate", "power"), [(0.4, 2.5), (0.0, 1.0), (1.0, 10.0)])
def test_every_stage_is_memlibs(node: Node, gate: float, move: float, power: float) -> None:
    data = AddressingWidget().data
    found = shown(node, gate=gate, move=move, power=power)
    memory, add, before = (double(data[name]) for name in ("memory", "add", "start"))
    key = 0.8 * memory[6] + 0.2 * double(data["noise"])
    by_content = addressing.content(memory, key, double([5.0]))
    kept = addressing.interpolate(by_content, before, double([gate]))
    kernel = double([max(0.0, -move), 1 - abs(move), max(0.0, move)])
    moved = addressing.shift(kept, kernel)
    weights = addressing.sharpen(moved, double([power]))
    expected = {
        "key": key,
        "cosines": addressing.similarity(memory, key),
        "found": by_content,
        "kept": kept,
        "kernel": kernel,
        "moved": moved,
        "weights": weights,
        "read": addressing.read(memory, weights),
        "written": addressing.blend(memory, weights, add),
    }
    for name, numbers in expected.items():
        torch.testing.assert_close(double(found[name]), numbers)


@pytest.mark.parametrize(
    ("touched", "first"),
    [
        ({"slot": 1}, "key"),
        ({"likeness": 0.5}, "key"),
        ({"strength": 9.0}, "found"),
        ({"gate": 0.7}, "kept"),
        ({"move": -0.2}, "kernel"),
        ({"power": 4.0}, "weights"),
    ],
)
def test_a_touch_changes_all_that_is_below_and_nothing_above(node: Node, touched: dict[str, Any], first: str) -> None:
    before, after = shown(node), shown(node, **touched)
    changed = [name for name in ORDER if before[name] != after[name]]
    below = [name for name in ORDER[ORDER.index(first) :] if name != "kernel" or first == "kernel"]
    assert changed == below


def test_a_walk_with_a_whole_shift_stays_sharp_and_goes_round(node: Node) -> None:
    weights = AddressingWidget().data["start"]
    for step in range(9):
        assert weights.index(max(weights)) == (2 + step) % 9
        weights = shown(node, gate=0.0, move=1.0, power=1.0, before=weights)["weights"]
    assert weights == AddressingWidget().data["start"]


@pytest.mark.parametrize(
    ("state", "parts"),
    [
        ({"gate": 0.0}, ["By content it finds slot 7 (0.9", "The gate takes none of that", "moves by +0.7"]),
        ({"gate": 1.0, "move": 0.0}, ["takes 100 % of that, the head stays", "looks at slot 7 with"]),
        ({"steps": 1, "move": -0.5}, ["After 1 step: by content", "moves by −0.5", "γ = 2.5"]),
    ],
)
def test_the_words_say_what_happened(node: Node, state: dict[str, Any], parts: list[str]) -> None:
    said = node("addressing", "sentence({ ...found, ...state })", found=shown(node, **state), state={**STATE, **state})
    for part in parts:
        assert part in said, said


@pytest.mark.parametrize(("number", "text"), [(0.04, ""), (0.123, ".12"), (0.996, "1"), (0.5, ".50")])
def test_weights_under_their_cells(node: Node, number: float, text: str) -> None:
    assert node("addressing", "brief(x)", x=number) == text


def test_every_question_names_what_the_reader_can_do(node: Node) -> None:
    labels = set(node("addressing", "Object.values(LABELS)"))
    for gate, power, steps, move in itertools.product((0, 0.5), (1, 3), (0, 4), (0, 0.8)):
        state = {"gate": gate, "power": power, "steps": steps, "move": move}
        act, text = node("addressing", "questionFor(state)", state=state)
        names = re.findall("“([^”]+)”", act)
        assert (act[:11], act[-1], text[-1]) == ("Before you ", ":", "?")
        assert names
        assert set(names) <= labels


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"slot": 9}, "slot < 9, got 9"),
        ({"slot": -1}, "slot to be a whole number >= 0, got -1"),
        ({"gate": 1.5}, "gate to be a number from 0 to 1, got 1.5"),
        ({"power": 0.5}, "power to be a number from 1 to 10, got 0.5"),
        ({"move": "left"}, "move to be a number from -1 to 1, got 'left'"),
        ({"strength": True}, "strength to be a number from 0 to 20, got True"),
        ({"likeness": 2}, "likeness to be a number from 0 to 1, got 2"),
        ({"seed": 1.5}, "expected seed to be a whole number, got 1.5"),
    ],
)
def test_wrong_arguments_are_explained(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AddressingWidget(**given)
