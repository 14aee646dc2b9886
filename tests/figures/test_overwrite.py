"""The figure on overwriting: its numbers are memlib's, its words say what happened, its questions can be acted on."""

import itertools
import re
from typing import Any

import pytest
import torch
from torch import Tensor

from memlib.mechanisms import fast_weights
from memlib.mechanisms.associative import recall
from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import OverwriteWidget

PLAY = (
    "play({ basis: orthonormal(data.keys), values: orthonormal(data.values), start: data.start, length, alike, "
    "history, name, place, strength, rule, times })"
)
DEFAULT = {
    "length": 1.0,
    "alike": 0.0,
    "history": [],
    "name": 0,
    "place": 3,
    "strength": 0.5,
    "rule": "delta",
    "times": 0,
}


def played(node: Node, **state: Any) -> dict[str, Any]:
    return node("overwrite", PLAY, data=OverwriteWidget().data, **{**DEFAULT, **state})


def places_of(node: Node) -> Tensor:
    values = node("overwrite", "orthonormal(data.values)", data=OverwriteWidget().data)
    return torch.tensor(values, dtype=torch.float64)


def written(memory: Tensor, key: Tensor, value: Tensor, strength: float, rule: str) -> Tensor:
    if rule == "delta":
        return fast_weights.delta_write(memory, key, value, torch.tensor([strength], dtype=torch.float64))
    return fast_weights.hebbian_write(memory, key, value, 1.0, strength)


@pytest.mark.parametrize(("length", "alike"), [(1.0, 0.0), (0.5, 0.9), (2.0, 0.4)])
def test_keys_have_their_length_and_their_likeness_and_each_recalls_its_place(
    node: Node, length: float, alike: float
) -> None:
    shown = played(node, length=length, alike=alike)
    keys = torch.tensor(shown["keys"], dtype=torch.float64)
    expected = length**2 * (alike + (1 - alike) * torch.eye(3, dtype=torch.float64))
    torch.testing.assert_close(keys @ keys.mT, expected)
    values = places_of(node)
    torch.testing.assert_close(values @ values.mT, torch.eye(4, dtype=torch.float64))
    torch.testing.assert_close(torch.linalg.pinv(keys) @ values[:3], torch.tensor(shown["memory"], dtype=torch.float64))
    torch.testing.assert_close(torch.tensor(shown["after"], dtype=torch.float64), torch.eye(3, 4, dtype=torch.float64))


@pytest.mark.parametrize("rule", ["delta", "hebb"])
@pytest.mark.parametrize(("length", "alike", "strength"), [(1.0, 0.3, 0.7), (1.5, 0.0, 1.2), (0.6, 0.9, 2.5)])
def test_rounds_are_written_as_memlib_writes_them(
    node: Node, rule: str, length: float, alike: float, strength: float
) -> None:
    history = [[1, 0, 2, 0.4, "delta"], [2, 3, 1, 0.8, "hebb"]]
    state = {"length": length, "alike": alike, "strength": strength, "rule": rule}
    shown = played(node, **state, history=history, times=5)
    values, keys = places_of(node), torch.tensor(shown["keys"], dtype=torch.float64)
    memory = torch.linalg.pinv(keys) @ values[:3]
    for who, where, count, power, law in history:
        for _ in range(count):
            memory = written(memory, keys[who], values[where], power, law)
    errors = [torch.linalg.vector_norm(recall(memory, keys[0]) - values[3])]
    before = recall(memory, keys) @ values.mT
    for _ in range(5):
        memory = written(memory, keys[0], values[3], strength, rule)
        errors.append(torch.linalg.vector_norm(recall(memory, keys[0]) - values[3]))
    torch.testing.assert_close(torch.tensor(shown["memory"], dtype=torch.float64), memory)
    torch.testing.assert_close(torch.tensor(shown["errors"], dtype=torch.float64), torch.stack(errors))
    torch.testing.assert_close(torch.tensor(shown["before"], dtype=torch.float64), before)
    torch.testing.assert_close(torch.tensor(shown["after"], dtype=torch.float64), recall(memory, keys) @ values.mT)
    assert shown["truth"] == [3, 0, 3]
    others = torch.linalg.vector_norm(recall(memory, keys) - values[shown["truth"]], dim=-1)[1:].max()
    assert shown["others"][-1] == pytest.approx(others.item())
    assert shown["factor"] == pytest.approx(strength * length**2)


@pytest.mark.parametrize(
    ("change", "kept"),
    [({"strength": 1.5}, True), ({"rule": "hebb"}, True), ({"length": 1.4}, False), ({"alike": 0.5}, False)],
)
def test_a_round_that_is_over_keeps_its_strength_and_rule_and_follows_the_keys(
    node: Node, change: dict[str, Any], kept: bool
) -> None:
    history = [[1, 0, 2, 0.4, "delta"]]
    first, second = (played(node, history=history, times=1, **given)["before"] for given in ({}, change))
    assert torch.allclose(torch.tensor(first), torch.tensor(second)) is kept


@pytest.mark.parametrize(
    ("strength", "length"), [(0.5, 1.0), (1.0, 1.0), (1.5, 1.0), (2.0, 1.0), (2.5, 1.0), (1.0, 1.5)]
)
def test_each_write_multiplies_the_error_by_one_minus_the_factor(node: Node, strength: float, length: float) -> None:
    errors = played(node, strength=strength, length=length, times=6)["errors"]
    rate = abs(1 - strength * length**2)
    assert errors == pytest.approx([2**0.5 * rate**count for count in range(7)], abs=1e-12)


def test_an_explosion_stops_at_a_million_and_leaves_right_angles_alone(node: Node) -> None:
    shown = played(node, strength=2.5, length=2.0, times=20)
    assert shown["done"] < 20
    assert 1e6 < shown["errors"][-1] < 1e7
    assert shown["after"][1] == pytest.approx([0, 1, 0, 0], abs=1e-6)
    again = played(node, strength=2.5, length=2.0, times=9, history=[[0, 3, 20, 2.5, "delta"]])
    assert again["done"] == 0
    assert played(node, strength=0.25, length=2.0, times=1, history=[[0, 3, 20, 2.5, "delta"]])["errors"][-1] < 1e-6


SAY = (
    "(() => { const s = "
    + PLAY
    + "; return sentence({ ...s, names: data.names, places: data.places, name, place, rule, "
    "alike }); })()"
)


@pytest.mark.parametrize(
    ("state", "parts"),
    [
        ({}, ["Mary reads the kitchen.", "50 % of the way to the garden", "at right angles"]),
        ({"strength": 0.0}, ["β|k|² = 0.00 one write will change nothing"]),
        ({"strength": 1.0}, ["replace it by the garden"]),
        ({"strength": 1.25}, ["past the garden by 25 %"]),
        ({"strength": 2.0}, ["as wrong as before"]),
        ({"strength": 2.5}, ["end 1.50 times as wrong as before"]),
        ({"place": 0}, ["Mary reads the kitchen. That is the kitchen already", "nothing to correct"]),
        ({"place": 0, "rule": "hebb"}, ["add 0.50 of the kitchen and take nothing away"]),
        (
            {"times": 1},
            ["After 1 write Mary reads 0.50 of the kitchen and 0.50 of the garden", "John and Sandra read what"],
        ),
        ({"times": 1, "strength": 1.0}, ["Mary reads the garden. β|k|² = 1.00."]),
        (
            {"times": 1, "strength": 1.0, "alike": 0.3},
            ["each gained 0.30 of the garden and lost 0.30 of the kitchen", "resemble Mary’s (cosine 0.3)"],
        ),
        ({"times": 2, "rule": "hebb"}, ["1.00 of the kitchen and 1.00 of the garden", "Hebb adds 0.50 each time"]),
        ({"times": 4, "strength": 2.5}, ["beyond 2", "the error is 5.06 times what it was"]),
        (
            {"name": 1, "times": 1, "strength": 1.0, "alike": 0.5},
            ["John reads the garden", "Mary and Sandra have each"],
        ),
    ],
)
def test_the_words_say_what_happened(node: Node, state: dict[str, Any], parts: list[str]) -> None:
    said = node("overwrite", SAY, data=OverwriteWidget().data, **{**DEFAULT, **state})
    for part in parts:
        assert part in said, said
    assert "undefined" not in said
    assert "NaN" not in said


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.123, "0.12"), (-0.5, "−0.50"), (-0.001, "0.00"), (123.4, "123.40"), (54321.0, "5.4·10⁴"), (-2e12, "−2.0·10¹²")],
)
def test_amounts_in_words(node: Node, number: float, text: str) -> None:
    assert node("overwrite", "amount(x)", x=number) == text


def test_every_question_names_what_the_reader_can_do(node: Node) -> None:
    labels = node("overwrite", "LABELS")
    states = [
        {
            "who": "Mary", "place": "garden", "was": "kitchen", "rule": rule, "factor": factor, "alike": alike,
            "times": times, "there": there,
        }
        for rule, factor, alike, times, there in itertools.product(
            ("delta", "hebb"), (0, 0.5, 1, 1.5, 2, 6), (0, 0.3), (0, 1, 10, 11, 20), (False, True)
        )
    ]  # fmt: skip
    found = node("overwrite", "states.map(questionFor)", states=states)
    possible = {*(v for v in labels.values() if isinstance(v, str)), *labels["rules"].values()}
    for state, (act, text) in zip(states, found, strict=True):
        names = re.findall("“([^”]+)”", act)
        assert (act[:11], act[-1], text[-1]) == ("Before you ", ":", "?")
        assert names, act
        assert set(names) <= possible, act
        assert "undefined" not in act + text
        if labels["ten"] in names:
            assert state["times"] <= 10
        if labels["once"] in names:
            assert state["times"] == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "Eve"}, "name='Eve'"),
        ({"place": "lab"}, "place='lab'"),
        ({"rule": "oja"}, "rule='oja'"),
        ({"times": 21}, "times <= 20; got .*times=21"),
        ({"times": -1}, "times to be a whole number >= 0, got -1"),
        ({"strength": 2.6}, "strength to be a number from 0 to 2.5, got 2.6"),
        ({"strength": "1"}, "strength to be a number from 0 to 2.5, got '1'"),
        ({"length": 0.1}, "length to be a number from 0.5 to 2, got 0.1"),
        ({"alike": 1.0}, "alike to be a number from 0 to 0.9, got 1.0"),
        ({"seed": 1.5}, "expected seed to be a whole number, got 1.5"),
    ],
)
def test_wrong_arguments_are_explained(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OverwriteWidget(**given)
