"""The figure of two memories: what travels is what the model did, and its words say it."""

import re
from typing import Any

import pytest
import torch

from memlib.mechanisms import item_memory
from memlib.models.stm import STM, STMConfig
from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import TwoMemoriesWidget
from memlib.figures.two_memories import Road, steps

PRESETS = ("paper", "official")


def machine(preset: str = "paper", queries: int = 2, **options: Any) -> STM:
    torch.manual_seed(9)
    make = {"paper": STMConfig.paper, "official": STMConfig.official}[preset]
    starts = {"blend_start": (0.9, 0.3, 0.2), "size": 8, "queries": queries, "hidden_sizes": (6,), **options}
    return STM(make(11, 1, **starts))


def told(count: int = 3) -> torch.Tensor:
    return torch.randn(count + 1, 11, generator=torch.Generator().manual_seed(3))


ROADS = (
    Road("three houses", [("A", -0.4), ("B", 0.75), ("C", -1.0)], ("C", "B"), told()),
    Road(
        "five houses, told in another order",
        [("E", 0), ("B", 1), ("A", -1), ("D", 0.1), ("C", 0.2)],
        ("D", "C"),
        told(5),
    ),
)


def figure(queries: int = 2, **start: Any) -> TwoMemoriesWidget:
    return TwoMemoriesWidget.from_model(machine(queries=queries), ROADS, **start)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_steps_are_the_models(preset: str) -> None:
    model, inputs = machine(preset).double(), told().double()
    done = steps(model, inputs)
    outputs, last = model.step_by_step(inputs[None])
    torch.testing.assert_close(done.outputs, outputs[0])
    torch.testing.assert_close(done.end[-1], last.items[0])
    torch.testing.assert_close(done.relations[-1], last.relations[0])
    torch.testing.assert_close(done.kept + done.taken, done.written)
    torch.testing.assert_close(done.written + done.handed, done.end)
    assert ((done.shares > 0) & (done.shares < 1)).all()


def test_what_is_taken_is_a_share_of_the_pair_and_what_is_found_is_sams() -> None:
    model, inputs = machine().double(), told().double()
    done = steps(model, inputs)
    said = model.cell.signals(inputs)
    pair = item_memory.association(said.left, said.right)
    share = done.taken / pair
    assert ((share > 0) & (share < 1)).all()
    torch.testing.assert_close(share.mean((1, 2)), done.shares[:, 1])
    joined = item_memory.items_with_read(done.written, done.read, said.key, model.cell.read_blend)
    with torch.no_grad():
        torch.testing.assert_close(done.found, model.cell.relational_blend[0] * model.cell.relate(joined))
        torch.testing.assert_close(done.handed, model.cell.transfer_blend[0] * model.cell.hand_on(done.relations))


def test_what_travels_is_what_the_model_did(node: Node) -> None:
    data, done = figure().data, steps(machine(), ROADS[0].inputs)
    road = data["roads"][0]
    for part in ("kept", "taken", "written", "found", "relations", "handed", "end"):
        sent = torch.tensor([step[part] for step in road["steps"]])
        torch.testing.assert_close(sent, getattr(done, part).flatten(-2), rtol=0, atol=0.00051)
    assert road["right"] == 1.75
    assert road["said"] == pytest.approx(done.outputs[-1].item(), abs=0.00051)
    assert (data["d"], data["queries"]) == (8, 2)
    found = node("two_memories", "size(road.steps[1].found)", road=road)
    assert found == pytest.approx(done.found[1].norm().item(), abs=0.01)
    assert node("two_memories", "largest(road, ['end', 'kept'])", road=road) == pytest.approx(
        max(done.end.abs().max(), done.kept.abs().max()).item(), abs=0.00051
    )


def test_the_words_say_what_happens(node: Node) -> None:
    road = figure().data["roads"][0] | {"said": 1.5}
    said = [node("two_memories", "sentence(road, step)", road=road, step=step) for step in range(4)]
    assert said[0].startswith("Step 1 of 4: A lives at −0.40. The items were empty; ")
    assert re.search(
        r"Step 2 of 4: B lives at 0\.75\. \d+ % of the items is kept, \d+ % of the new pair is taken", said[1]
    )
    assert "hand on" in said[2]
    assert said[3] == "Step 4 of 4: how far is C from B? It says 1.50, right is 1.75: off by 0.25."


def test_every_question_names_what_the_reader_can_do(node: Node) -> None:
    labels = set(node("two_memories", "Object.values(LABELS)"))
    asked = set()
    for widget in figure().data["roads"]:
        for step in range(len(widget["steps"])):
            for show in ("stands", "new"):
                for others in (True, False):
                    given = {"road": widget, "step": step, "show": show, "others": others}
                    act, text = node("two_memories", "questionFor(road, step, show, others)", **given)
                    assert (act[:14], act[-1], text[-1]) == ("Before you pre", ":", "?") or act[:11] == "Before you "
                    assert set(re.findall("“([^”]+)”", act)) <= labels
                    assert ("Next step" in act) is (step < len(widget["steps"]) - 1)
                    asked.add(act + text)
    assert len(asked) == 6


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"road": 2}, "road < 2, the number of sequences; got 2"),
        ({"road": -1}, "road to be a whole number >= 0, got -1"),
        ({"step": 4}, "step < 4, got 4"),
        ({"step": 0.5}, "step to be a whole number >= 0, got 0.5"),
        ({"show": "all"}, "show in stands, new; got 'all'"),
    ],
)
def test_wrong_arguments_are_explained(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        figure(**given)


@pytest.mark.parametrize(
    "road",
    [
        ROADS[0]._replace(inputs=told(4)),
        ROADS[0]._replace(asked=("A", "D")),
        ROADS[0]._replace(houses=[("A", 0.1), ("A", 0.2), ("C", 0.3)]),
        ROADS[0]._replace(houses=[("A", 0.1), ("B", 1.2), ("C", 0.3)], asked=("A", "C")),
    ],
)
def test_a_sequence_that_does_not_fit_is_explained(road: Road) -> None:
    with pytest.raises(ValueError, match="expected at most 6 houses with names of their own at places from -1 to 1"):
        TwoMemoriesWidget.from_model(machine(), [road])


def test_a_model_that_does_not_fit_is_explained() -> None:
    with pytest.raises(ValueError, match="one output and at most 6 queries"):
        TwoMemoriesWidget.from_model(machine(queries=7), ROADS)
    with pytest.raises(ValueError, match="one output"):
        TwoMemoriesWidget.from_model(machine(), [])
    with pytest.raises(ValueError, match="expected a model with gates"):
        TwoMemoriesWidget.from_model(machine(gates=False), ROADS)
