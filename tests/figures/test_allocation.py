"""The figure on allocation: its numbers are memlib's, its words say what happened, its questions can be acted on."""

import random
import re
from typing import Any

import pytest
import torch
from torch import Tensor

from memlib.mechanisms import allocation
from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import AllocationWidget

SLOTS = 8
Action = tuple[str, float]


def story(seed: int, length: int = 40) -> list[Action]:
    """Random actions; at most 26 writes."""
    rng, actions = random.Random(seed), list[Action]()
    for _ in range(length):
        kind = rng.choice(["write", "write", "look", "free", "forward", "backward"])
        number = rng.randrange(SLOTS) if kind == "look" else 0 if kind == "free" else rng.choice([0, 0.3, 0.5, 1])
        if kind != "write" or sum(one == "write" for one, _ in actions) < 26:
            actions.append((kind, number))
    return actions


def replayed(actions: list[Action]) -> dict[str, Tensor]:
    zeros = torch.zeros(SLOTS, dtype=torch.float64)
    usage, last, read, looked = zeros, zeros, zeros, torch.eye(SLOTS, dtype=torch.float64)[0]
    links, memory, letters = torch.zeros(SLOTS, SLOTS, dtype=torch.float64), zeros[:, None].expand(-1, 26), 0
    alphabet = torch.eye(26, dtype=torch.float64)
    for kind, number in actions:
        if kind == "write":
            gate = torch.tensor([number], dtype=torch.float64)
            weights = allocation.write_weights(zeros, allocation.allocate(usage), torch.ones_like(gate), gate)
            usage = allocation.usage(usage, weights, zeros + 1)
            links, last = allocation.link(links, last, weights)
            memory = torch.lerp(memory, alphabet[letters].expand_as(memory), weights[:, None])
            letters += 1
        elif kind == "look":
            looked = read = torch.eye(SLOTS, dtype=torch.float64)[int(number)]
        elif kind == "free":
            usage = allocation.usage(usage, zeros, allocation.retention(torch.ones(1).double(), read[None]))
        else:
            on, back = allocation.directions(links, read[None])
            share = torch.tensor([1 - number, number, 0], dtype=torch.float64)
            modes = share if kind == "backward" else share[[2, 1, 0]]
            read = allocation.read_modes(back, looked[None], on, modes[None])[0]
    parts = {"usage": usage, "last": last, "links": links, "read": read, "offered": allocation.allocate(usage)}
    return {**parts, "found": (read @ memory)[:letters]}


@pytest.mark.parametrize("seed", range(8))
def test_every_quantity_is_memlibs(node: Node, seed: int) -> None:
    actions = story(seed)
    shown = node("allocation", "play(actions, 8)", actions=actions)
    for name, expected in replayed(actions).items():
        torch.testing.assert_close(torch.tensor(shown[name], dtype=torch.float64), expected, msg=name)


W: Action = ("write", 1)


@pytest.mark.parametrize(
    ("actions", "parts"),
    [
        ([], ["All 8 slots are free.", "next write goes to slot 1."]),
        ([W], ["A went to slot 1.", "next write goes to slot 2."]),
        ([("write", 0)], ["A was written nowhere"]),
        ([W, ("write", 0.5)], ["B went to slot 2 (0.50).", "goes to slot 3."]),
        ([W, W, ("look", 0)], ["The head reads slot 1: A.", "2.00 of 8 slots in use"]),
        ([W, W, ("look", 0), ("free", 0)], ["Freed as far as the head reads it: slot 1.", "goes to slot 1."]),
        ([W, W, ("look", 0), ("free", 0), W], ["C went to slot 1."]),
        ([W, W, W, ("look", 0), ("forward", 0)], ["One write on. The head reads slot 2: B."]),
        ([W, W, W, ("look", 2), ("backward", 0)], ["One write back. The head reads slot 2: B."]),
        ([W, W, ("look", 1), ("forward", 0)], ["The head reads no slot: nothing.", "No link leads on from there."]),
        ([W, W, ("look", 0), ("forward", 0.5)], ["slot 1 (0.50) and slot 2 (0.50): 0.50 of A and 0.50 of B."]),
        ([W] * 8, ["H went to slot 8.", "No slot is free."]),
        ([W] * 9, ["I is lost: no slot is free. Nothing was overwritten."]),
    ],
)
def test_the_words_say_what_happened(node: Node, actions: list[Action], parts: list[str]) -> None:
    said = node("allocation", "sentence(play(actions, 8), actions)", actions=actions)
    for part in parts:
        assert part in said, said


@pytest.mark.parametrize(("share", "letter"), [(0.02, ""), (0.4, "b"), (0.9, "B")])
def test_a_letter_is_small_where_there_is_little_of_it(node: Node, share: float, letter: str) -> None:
    assert node("allocation", "holds(shares)", shares=[0.01, share]) == letter


def test_every_question_names_what_the_reader_can_do(node: Node) -> None:
    labels = set(node("allocation", "LABELS").values())
    stories = [story(seed, length) for seed in range(6) for length in (0, 1, 4, 9, 30)] + [[W] * 8, [W] * 5]
    for gate in (0, 0.5, 1):
        asked = node(
            "allocation",
            "stories.map((it) => [...questionFor(play(it, 8), it, gate), sentence(play(it, 8), it)])",
            stories=stories,
            gate=gate,
        )
        for act, text, said in asked:
            assert (act[:11], act[-1], text[-1]) == ("Before you ", ":", "?")
            assert set(re.findall("“([^”]+)”", act)) <= labels, act
            assert not {"undefined", "NaN"} & set(re.findall(r"\w+", act + text + said))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"slot": 8}, "slot < 8, got 8"),
        ({"slot": -1}, "slot to be a whole number >= 0"),
        ({"gate": 1.2}, "gate to be a number from 0 to 1, got 1.2"),
        ({"share": "1"}, "share to be a number from 0 to 1, got '1'"),
        ({"actions": [("erase", 1)]}, "got \\('erase', 1\\)"),
        ({"actions": [("look", 8)]}, "got \\('look', 8\\)"),
        ({"actions": [("write", 2)]}, "got \\('write', 2\\)"),
        ({"actions": [W] * 27}, "at most 26 writes"),
    ],
)
def test_wrong_arguments_are_explained(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AllocationWidget(**given)
