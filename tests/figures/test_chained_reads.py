"""The figure on chained reads: its numbers are the trace's, its words name what matches, its questions can be done."""

import re
from typing import Any

import pytest
import torch

from memlib.figures.read_trace import trace
from memlib.models.fwm import FWM, FWMConfig
from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import ChainedReadsWidget
from memlib.figures.chained_reads import STORIES

TALE = {
    "words": ["start", "a", "is", "b", ".", "c", "is", "a", ".", "what", "is", "c", "?"],
    "matches": [[0, 0.1, 0, 0.2, 0, 0, 0, -1, 0.4, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    "parts": [[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0] * 13],
    "answers": [["b", 0.9], ["a", -0.1]],
    "truth": "b",
}


def words_of(stories=STORIES) -> list[str]:
    return ["<pad>", "<eos>", *sorted({word for _, text, answer in stories for word in (*text.split(), answer)})]


def model_of(vocabulary: int) -> FWM:
    torch.manual_seed(6)
    return FWM(FWMConfig(vocabulary=vocabulary, embedding_size=6, hidden_size=8, memory_size=5))


def test_a_models_reads_are_handed_to_the_page() -> None:
    words = words_of()
    model = model_of(len(words) + 3)
    shown = ChainedReadsWidget.from_model(model, words, about="a small one")
    assert len(shown.data["stories"]) == len(STORIES)
    assert "a small one" in shown.data["about"]
    for story, (title, text, answer) in zip(shown.data["stories"], STORIES, strict=True):
        assert (story["title"], story["truth"]) == (title, answer)
        assert story["words"] == ["start", *text.split()]
        ids = [words.index(word) for word in ("<eos>", *text.split())]
        seen = trace(model, ids, len(ids) - 1)
        for name, rows in (("matches", seen.rounds.matches), ("parts", seen.rounds.parts)):
            wanted = rows / rows.abs().amax(-1, keepdim=True)
            torch.testing.assert_close(torch.tensor(story[name]), wanted, atol=1e-4, rtol=0)
        order = seen.probabilities[: len(words)].argsort(descending=True)[:4]
        assert [word for word, _ in story["answers"]] == [words[int(i)] for i in order]
        assert [share for _, share in story["answers"]] == pytest.approx(seen.probabilities[order].tolist(), abs=1e-4)


def test_the_memory_filled_by_hand_answers_in_two_reads() -> None:
    for seed in range(5):
        data = ChainedReadsWidget(seed=seed).data
        for story, first, second in zip(data["stories"], ("mouse", "sheep"), ("wolf", "cat"), strict=True):
            best = [max(range(len(row)), key=lambda i, row=row: abs(row[i])) for row in story["matches"]]
            assert [story["words"][place] for place in best] == [first, second]
            assert story["answers"][0][0] == story["truth"] == second
    assert "by hand" in data["about"]


def test_the_stories_end_with_a_question_that_they_can_answer() -> None:
    for _, text, answer in STORIES:
        words = text.split()
        assert words[-1] == "?"
        assert {answer, f"{answer}s", "wolves"} & set(words)


@pytest.mark.parametrize(
    ("place", "where"),
    [(0, "the start"), (1, "a is b"), (3, "a is b"), (4, "the end of “a is b”"), (7, "c is a"), (11, "what is c")],
)
def test_a_word_is_named_with_its_sentence(node: Node, place: int, where: str) -> None:
    assert node("chained_reads", "sentenceAt(words, place)", words=TALE["words"], place=place) == where


@pytest.mark.parametrize(
    ("row", "places"),
    [([0.1, -1, 0.5, 0.34, 0.9], [1, 4, 2]), ([0, 0], []), ([0.2, 0.2], [0, 1]), ([1, 0.3], [0])],
)
def test_the_best_are_at_least_a_third_of_the_largest(node: Node, row: list[float], places: list[int]) -> None:
    assert node("chained_reads", "best(row)", row=row) == places


@pytest.mark.parametrize(
    ("read", "shade", "changes", "text"),
    [
        (0, "match", {}, "Nothing has been read yet. The question is “what is c?”, and two reads will answer it."),
        (1, "match", {}, "Read 1 of 2 matches best “a” in “c is a” and the mark at the end of “c is a”."),
        (1, "part", {}, "Read 1 of 2 takes most from the start."),
        (2, "match", {}, "Read 2 of 2 matches best “b” in “a is b”. ✓ The answer is “b” (0.90)."),
        (
            2,
            "match",
            {"truth": "a"},
            "Read 2 of 2 matches best “b” in “a is b”. ✗ The answer is “b” (0.90); right is “a”.",
        ),
    ],
)
def test_the_words_say_what_is_seen(node: Node, read: int, shade: str, changes: dict[str, Any], text: str) -> None:
    said = node("chained_reads", "sentence(story, read, shade)", story={**TALE, **changes}, read=read, shade=shade)
    assert said == text


def test_every_question_names_what_the_reader_can_do(node: Node) -> None:
    labels = node("chained_reads", "LABELS")
    possible = {*(v for v in labels.values() if isinstance(v, str)), *labels["shades"].values()}
    for read in range(4):
        for several in (True, False):
            act, text = node("chained_reads", "questionFor(read, 3, several)", read=read, several=several)
            names = re.findall("“([^”]+)”", act)
            assert names, act
            assert set(names) <= possible
            assert (act[:11], act[-1], text[-1]) == ("Before you ", ":", "?")
            assert (labels["next"] in names) == (read < 3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"story": 2}, "story < 2"),
        ({"story": -1}, "story to be a whole number >= 0, got -1"),
        ({"read": 3}, "read <= 2"),
        ({"shade": "sign"}, "shade='sign'"),
        ({"seed": 0.5}, "expected seed to be a whole number, got 0.5"),
    ],
)
def test_wrong_arguments_are_explained(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ChainedReadsWidget(**given)


@pytest.mark.parametrize(
    ("stories", "message"),
    [
        ([], "at least one story"),
        ([("t", "mary went .", "x")], "ends with"),
        ([("t", "where is the unicorn ?", "x")], "unicorn"),
    ],
)
def test_wrong_stories_are_explained(stories: list[tuple[str, str, str]], message: str) -> None:
    words = words_of()
    with pytest.raises(ValueError, match=message):
        ChainedReadsWidget.from_model(model_of(len(words)), words, stories)
