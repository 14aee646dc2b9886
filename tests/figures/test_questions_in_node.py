"""Every question above a figure names a control that is there, and an act that the reader can do and learn from."""

import itertools
import re
from typing import Any

import pytest

from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

CROSSTALK = {"hebb": "Hebb", "delta": "Delta", "sweeps": "Delta, 100 sweeps"}
STORY = {"add": "Only add", "overwrite": "Overwrite"}


def asked(node: Node, module: str, states: list[dict[str, Any]]) -> list[tuple[dict[str, Any], list[str], str]]:
    """For each state: the names in the act, and the whole question."""
    found = node(module, "states.map(questionFor)", states=states)
    assert len(found) == len(states)
    out = []
    for state, (act, text) in zip(states, found, strict=True):
        assert act.startswith("Before you "), act
        assert act.endswith(":"), act
        assert text.endswith("?"), text
        assert "undefined" not in act + text
        out.append((state, re.findall("“([^”]+)”", act), f"{act} {text}"))
    return out


@pytest.mark.parametrize("widths", [[8, 16, 32, 64], [4, 6], [32]])
def test_crosstalk(node: Node, widths: list[int]) -> None:
    common = {"most": 24, "widths": widths, "asked": 1}
    states = [
        {**common, "stored": stored, "width": width, "rule": rule}
        for stored, width, rule in itertools.product(range(25), widths, CROSSTALK)
    ]
    for state, names, whole in asked(node, "crosstalk", states):
        assert names, whole
        possible = {
            "Store the next pair": state["stored"] < 24,
            "Pairs stored": True,
            "Ask with key": state["stored"] > 1,
            "Width of the keys": len(widths) > 1,
            **{label: rule != state["rule"] for rule, label in CROSSTALK.items()},
        }
        assert all(possible[name] for name in names), (state, whole)
        for width in re.findall(r"“Width of the keys” to (\d+)", whole):
            assert int(width) in widths
            assert int(width) > state["width"]
        if "error of key" in whole:
            assert names == ["Store the next pair"]
        if "best" in whole:
            assert (state["rule"], names) == ("hebb", ["Delta", "Ask with key"])
        if "without error" in whole:
            assert names == ["Ask with key"]


def test_holographic(node: Node) -> None:
    states = [{"items": n, "copies": c, "mostCopies": 8} for n in range(1, 13) for c in range(1, 9)]
    for state, names, whole in asked(node, "holographic", states):
        assert names in (["Items"], ["Copies"]), whole
        for copies in re.findall(r"with (\d+) cop", whole):
            assert 1 <= int(copies) <= 8
            assert int(copies) != state["copies"]


@pytest.mark.parametrize("most", [1, 4])
def test_story(node: Node, most: int) -> None:
    from memlib.figures import StoryWidget

    data = StoryWidget().data
    common = {"facts": data["facts"], "names": data["names"], "most": most}
    states = [
        {**common, "step": step, "asked": person, "rule": rule, "copies": copies}
        for step, person, rule, copies in itertools.product(range(11), range(3), STORY, {1, most})
    ]
    for state, names, whole in asked(node, "story", states):
        possible = {
            "Next sentence": state["step"] < 10,
            "Copies": most > 1,
            "Ask for": True,
            **{label: rule != state["rule"] for rule, label in STORY.items()},
        }
        assert names, whole
        assert all(possible[name] for name in names), (state, whole)
        for copies in re.findall(r"“Copies” to (\d+)", whole):
            assert int(copies) != state["copies"]


def test_the_names_in_the_questions_are_those_on_the_controls(node: Node) -> None:
    from memlib.figures.base import module

    for name, labels in {"crosstalk": CROSSTALK, "story": STORY}.items():
        for rule, label in labels.items():
            assert f'{rule}: "{label}"' in module(name)
    assert all(f'("{label}", {{ min' in module("crosstalk") for label in ("Pairs stored", "Ask with key"))
    assert all(f'("{label}", {{ min' in module("holographic") for label in ("Items", "Copies"))
    assert all(f'("{label}", ' in module("story") for label in ("Ask for", "Copies"))


@pytest.mark.parametrize(
    ("most", "start", "expected"), [(4, 4, [1, 2, 4]), (1, 1, [1]), (6, 3, [1, 2, 3, 4, 6]), (8, 8, [1, 2, 4, 8])]
)
def test_the_counts_of_copies_to_choose_from(node: Node, most: int, start: int, expected: list[int]) -> None:
    assert node("story", "choices(most, start)", most=most, start=start) == expected
