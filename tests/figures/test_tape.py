"""The figure that plays a machine's heads: what travels is what the machine did, and its words say it."""

import re
from typing import Any

import pytest
import torch

from memlib.models.ntm import NTM, NTMConfig
from memlib.tasks.bits import wrong_bits
from memlib.tasks.copying import Copy
from memlib.tasks.priority_sort import PrioritySort
from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import TapeWidget
from memlib.figures.tape import played, used


def machine(slots: int = 12) -> NTM:
    torch.manual_seed(7)
    return NTM(NTMConfig(5, 4, slots=slots, width=6, hidden_size=16, read_heads=2, head_start="first"))


def drawn(length: int = 5) -> Any:
    return Copy(4, (length, length)).draw(1, torch.Generator().manual_seed(3))


def tapes() -> list[dict[str, Any]]:
    task = PrioritySort(width=4, items=25, kept=20)
    return [
        played(machine(), drawn(), "copy 5 vectors"),
        played(machine(40), task.draw(1, torch.Generator().manual_seed(3)), "sort a longer sequence, with a long name"),
    ]


def test_what_travels_is_what_the_machine_did(node: Node) -> None:
    model, episode = machine(), drawn()
    tape = played(model, episode, "")
    with torch.no_grad():
        logits, _, trace = model.trace(episode.inputs)
    slots = tape["slots"]
    expected = {
        "inputs": episode.inputs[0],
        "targets": episode.targets[0],
        "outputs": logits[0].sigmoid(),
        "writes": trace.weights[0, :, 2][:, slots],
        "reads": trace.weights[0, :, :2].amax(1)[:, slots],
    }
    for name, numbers in expected.items():
        torch.testing.assert_close(torch.tensor(tape[name]), numbers, rtol=0, atol=0.0051)
    memory = trace.memory[0][:, slots].flatten(1)
    sent = torch.tensor([node("tape", "numbersOf(row)", row=row) for row in tape["memory"][:3]])
    torch.testing.assert_close(sent, (memory / memory.abs().max())[:3], rtol=0, atol=0.0501)
    assert tape["scored"] == [0] * 6 + [1] * 5
    wrong = sum(node("tape", "wrongBits(tape, step)", tape=tape, step=step) for step in range(6, 11))
    assert wrong == wrong_bits(logits, episode).item()


@pytest.mark.parametrize(
    ("looked", "shown"),
    [
        ({3: 1.0, 5: 0.5}, [3, 4, 5]),
        ({38: 0.2, 1: 1.0}, [38, 39, 0, 1]),
        ({7: 1.0}, [7]),
        ({}, [0]),
        (dict.fromkeys(range(40), 1.0), list(range(24))),
        ({20: 0.04, 30: 0.9}, [30]),
    ],
)
def test_slots_that_nobody_looks_at_are_left_out(looked: dict[int, float], shown: list[int]) -> None:
    peaks = torch.zeros(40)
    for slot, peak in looked.items():
        peaks[slot] = peak
    assert used(peaks) == shown


def test_the_words_say_what_happens(node: Node) -> None:
    tape = {
        "slots": [4, 5],
        "inputs": [[1, 0], [0, 0], [0, 0], [0, 0]],
        "targets": [[0, 0], [0, 0], [1, 0], [1, 1]],
        "outputs": [[0, 0], [0, 0], [0.9, 0.2], [0.1, 0.3]],
        "scored": [0, 0, 1, 1],
        "writes": [[0.9, 0.1], [0.5, 0.5], [0, 1], [0, 1]],
        "reads": [[0, 1], [0, 1], [1, 0], [0.2, 0.75]],
    }
    said = [node("tape", "sentence(tape, step)", tape=tape, step=step) for step in range(4)]
    assert said[0] == "Step 1: something comes in. It writes most to slot 4 (0.90), and reads most from slot 5 (1.00)."
    assert said[1].startswith("Step 2: nothing comes in.")
    assert said[2].startswith("Step 3: it answers, ✓ all bits right. ")
    assert (
        said[3]
        == "Step 4: it answers, ✗ 2 bits wrong. It writes most to slot 5 (1.00), and reads most from slot 5 (0.75)."
    )
    labels = set(node("tape", "Object.values(LABELS)"))
    for step in range(4):
        act, text = node("tape", "questionFor(tape, step)", tape=tape, step=step)
        assert (act[:11], act[-1], text[-1]) == ("Before you ", ":", "?")
        assert set(re.findall("“([^”]+)”", act)) <= labels
        assert ("Next step" in act) is (step < 3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tape": 2}, "tape < 2, the number of tapes; got 2"),
        ({"tape": -1}, "tape to be a whole number >= 0, got -1"),
        ({"step": 11}, "step < 11, got 11"),
        ({"step": 0.5}, "step to be a whole number >= 0, got 0.5"),
    ],
)
def test_wrong_arguments_are_explained(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TapeWidget(tapes(), **given)
