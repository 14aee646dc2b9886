"""The figure of losses word by word: the models' numbers, words that say what is seen, questions one can act on."""

import math
import re
from typing import Any

import pytest
import torch

from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import WordLossesWidget

TALE: dict[str, Any] = {
    "words": ["Ana", "owns", "it", "<eos>", "it", "is", "Ana", "<eos>", "Ana"],
    "marks": [1, 0, 0, 0, 0, 0, 3, 0, 2],
    "left": [8.0, 1.0, 2.0, 0.5, 2.0, 1.0, 8.0, 0.5, 8.0],
    "right": [8.5, 1.0, 2.0, 0.5, 1.0, 1.0, 2.0, 0.5, 7.0],
    "names": ["one", "other"],
    "about": "made up",
}


def test_losses_of_two_models_are_handed_to_the_page_in_bits() -> None:
    left, right = torch.rand(2, 5, generator=torch.Generator().manual_seed(1)) * 5
    words, marks = ["a", "B", "c", "<eos>", "B"], torch.tensor([0, 1, 0, 0, 2])
    shown = WordLossesWidget.from_losses(words, left, right, marks, names=("l", "r"), about="two small ones", word=4)
    assert (shown.word, shown.data["words"], shown.data["marks"]) == (4, words, marks.tolist())
    torch.testing.assert_close(torch.tensor(shown.data["left"]), left / math.log(2), atol=6e-4, rtol=0)
    torch.testing.assert_close(torch.tensor(shown.data["right"]), right / math.log(2), atol=6e-4, rtol=0)
    assert shown.data["about"] == "two small ones"


def test_the_default_is_whole_stories_under_unigram_and_cache() -> None:
    for seed in range(4):
        data = WordLossesWidget(seed=seed).data
        assert data["names"] == ["unigram", "cache"]
        assert data["words"][-1] == "<eos>"
        assert data["marks"][0] == 1  # a story begins with a name
        back = [i for i, mark in enumerate(data["marks"]) if mark in (2, 3)]
        assert sum(data["right"][i] for i in back) < sum(data["left"][i] for i in back)
        first = [i for i, mark in enumerate(data["marks"]) if mark == 1]
        assert any(data["right"][i] > data["left"][i] for i in first)  # some bearer may be met again in a new story


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"word": 9999}, r"word as a whole number from -1 to \d+ .*word=9999"),
        ({"word": True}, "word=True"),
        ({"shade": "both"}, "shade='both'"),
        ({"seed": 1.5}, "seed to be a whole number, got 1.5"),
    ],
)
def test_wrong_arguments_are_explained(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WordLossesWidget(**change)


def test_wrong_losses_are_explained() -> None:
    losses, marks = torch.ones(3), torch.zeros(3).long()
    names, about = ("l", "r"), "x"
    with pytest.raises(ValueError, match=r"two losses and a mark each, got \(2, 3, 3, 3\)"):
        WordLossesWidget.from_losses(["a", "b"], losses, losses, marks, names=names, about=about)
    with pytest.raises(ValueError, match="finite"):
        WordLossesWidget.from_losses(["a"] * 3, losses, losses / 0, marks, names=names, about=about)
    many = torch.ones(500)
    with pytest.raises(ValueError, match="1 to 400 words"):
        WordLossesWidget.from_losses(["a"] * 500, many, many, many.long(), names=names, about=about)


@pytest.mark.parametrize(("place", "where"), [(0, -1), (4, -1), (6, 0), (8, 0), (-1, -1)])
def test_where_a_word_was_introduced(node: Node, place: int, where: int) -> None:
    assert node("word_losses", "introduced(data, place)", data=TALE, place=place) == where


def test_the_latest_first_mention_counts_and_facts_have_none(node: Node) -> None:
    data = {**TALE, "marks": [1, 0, 0, 0, 0, 0, 1, 0, 2]}
    assert node("word_losses", "introduced(data, 8)", data=data) == 6
    data = {**TALE, "marks": [0, 0, 0, 0, 0, 0, 3, 0, 3]}
    assert node("word_losses", "introduced(data, 8)", data=data) == 6
    data = {**TALE, "words": ["x", *TALE["words"][1:6], "y", *TALE["words"][7:]]}
    assert node("word_losses", "introduced(data, 8)", data=data) == -1


@pytest.mark.parametrize(
    ("place", "parts"),
    [
        (-1, ["costs 3.4 bits with the one and 2.6 bits with the other", "comes back costs 8.0 bits and 4.5 bits"]),
        (0, ["“Ana” costs 8.0 bits with the one and 8.5 bits with the other: 0.5 bits more.", "nobody can know it"]),
        (4, ["1.0 bit less."]),
        (3, ["The end of the line costs 0.5 bits", "the same."]),
        (6, ["6.0 bits less. It follows from what was told: it stood 6 words ago, in “Ana owns it”."]),
        (8, ["1.0 bit less. It comes back: it stood 8 words ago"]),
    ],
)
def test_the_words_say_what_is_seen(node: Node, place: int, parts: list[str]) -> None:
    said = node("word_losses", "sentence(data, place)", data=TALE, place=place)
    for part in parts:
        assert part in said, said


def test_a_shade_says_by_its_sign_who_is_ahead(node: Node) -> None:
    shades = node("word_losses", "shades(data, 'difference')", data=TALE)
    assert shades == pytest.approx([(a - b) / 6 for a, b in zip(TALE["left"], TALE["right"], strict=True)])
    assert max(node("word_losses", "shades(data, 'right')", data=TALE)) == 1
    assert node("word_losses", "shades(data, 'left')", data=TALE)[0] == pytest.approx(8 / 8.5)


def test_every_question_names_what_the_reader_can_do(node: Node) -> None:
    labels = node("word_losses", "LABELS")
    possible = {labels["next"], labels["difference"], *TALE["names"]}
    for place in range(-1, 9):
        for shade in ("difference", "left", "right"):
            act, text = node("word_losses", "questionFor(data, place, shade)", data=TALE, place=place, shade=shade)
            names = re.findall("“([^”]+)”", act)
            assert len(names) == 1
            assert set(names) <= possible
            assert (act[:11], act[-1], text[-1]) == ("Before you ", ":", "?")
