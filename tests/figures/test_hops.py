"""The figure on hops: its numbers are memlib's, its words say what happened."""

from typing import Any

import pytest
import torch

from memlib.models.memory_network import MemoryNetwork, MemoryNetworkConfig
from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import HopsWidget

STORIES = (
    ("The milk", ["mary took the milk", "john went to the garden", "mary went to the kitchen"], "where is the milk"),
    ("John", ["john went to the bathroom", "mary went to the kitchen", "john took the milk there"], "where is john"),
)
ANSWERS = ("kitchen", "garden", "bathroom")
WORDS = sorted({word for _, told, asked in STORIES for line in (*told, asked) for word in line.split()})
IDS = {word: number for number, word in enumerate(WORDS, 1)}


def network(**options: Any) -> MemoryNetwork:
    torch.manual_seed(7)
    return MemoryNetwork(MemoryNetworkConfig(len(WORDS) + 1, 8, memory=10, **{"deviation": 0.6, **options}))


def figure(model: MemoryNetwork | None = None, **start: Any) -> HopsWidget:
    told = [(*story, answer) for story, answer in zip(STORIES, ("kitchen", "bathroom"), strict=True)]
    return HopsWidget.from_model(network() if model is None else model, IDS, told, ANSWERS, **start)


@pytest.mark.parametrize("options", [{}, {"hops": 1}, {"encoding": "bag", "temporal": False}, {"attend_empty": True}])
@pytest.mark.parametrize("story", [0, 1])
def test_a_reading_is_the_networks_with_every_sentence_taken_out(
    node: Node, options: dict[str, Any], story: int
) -> None:
    model = network(**options)
    data = figure(model).data
    _, told, asked = STORIES[story]
    lines = [torch.tensor([IDS[word] for word in line.split()]) for line in told[::-1]]
    sentences = torch.nn.utils.rnn.pad_sequence(lines, batch_first=True)
    question = torch.tensor([[IDS[word] for word in asked.split()]])
    for out in range(len(told) + 1):
        found = node(
            "hops",
            "read(data.stories[story], data.rows, data.hops, data.empty, out)",
            data=data,
            story=story,
            out=out,
        )
        kept = torch.ones(1, 3, dtype=torch.bool)
        if out:
            kept[0, 3 - out] = False
        with torch.no_grad():
            reading = model.read(sentences, torch.arange(3)[None], question, kept=kept)
        shares = reading.logits[0, [IDS[word] for word in ANSWERS]].softmax(-1)
        torch.testing.assert_close(torch.tensor(found["weights"]), reading.weights[0].flip(1), atol=2e-3, rtol=0)
        torch.testing.assert_close(torch.tensor(found["answers"]), shares, atol=2e-3, rtol=0)


def test_deletions_are_readings(node: Node) -> None:
    data = figure().data
    found = node("hops", "deletions(data.stories[0], data.rows, data.hops, data.empty)", data=data)
    for i, one in enumerate(found):
        reading = node(
            "hops", "read(data.stories[0], data.rows, data.hops, data.empty, out)", data=data, out=i + 1
        )  # fmt: skip
        assert one["answer"] == max(range(3), key=reading["answers"].__getitem__)


@pytest.mark.parametrize("out", [0, 1, 2, 3])
def test_the_words_say_what_happened(node: Node, out: int) -> None:
    said = node(
        "hops",
        "(() => { const story = data.stories[0];"
        " const of = (n) => read(story, data.rows, data.hops, data.empty, n);"
        " const [whole, now] = [of(0), of(out)];"
        " return [sentence({ story, answers: data.answers, whole, now, out }),"
        " ...questionFor({ story, whole, out, title: story.title, last: false })]; })()",
        data=figure().data,
        out=out,
    )
    assert said[0].startswith(f"Without sentence {out}" if out else "With all sentences the network says")
    assert said[1].startswith("Before you ")
    assert said[2].endswith("?")
    assert "undefined" not in "".join(said)
    assert "NaN" not in "".join(said)


@pytest.mark.parametrize(
    ("given", "message"),
    [({"story": 2}, "story from 0 to 1, got 2"), ({"out": 4}, "out from 0 to 3, got 4"), ({"out": -1}, "got -1")],
)
def test_wrong_arguments_are_explained(given: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        figure(**given)


def test_a_network_that_it_cannot_show_is_refused() -> None:
    with pytest.raises(ValueError, match="adjacent tying"):
        figure(network(tying="layer-wise"))
    with pytest.raises(ValueError, match="have no number"):
        HopsWidget.from_model(network(), IDS, [("x", ["eve left"], "where is john", "kitchen")], ANSWERS)
    with pytest.raises(ValueError, match="1 to 10 sentences"):
        HopsWidget.from_model(network(), IDS, [("x", [], "where is john", "kitchen")], ANSWERS)
