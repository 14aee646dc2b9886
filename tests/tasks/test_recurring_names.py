"""Generated text: a reader who remembers knows every marked word, and nobody knows a first mention."""

import re
from collections import Counter

import pytest
import torch

from memlib.tasks import recurring_names as names
from memlib.tasks.language import EOS, FIRST, LATER, PLAIN

KNOWN = names.names(120)


def lines_of(told):
    line, marks = [], []
    for word, mark in zip(told.words, told.marks, strict=True):
        if word == EOS:
            yield line, marks
            line, marks = [], []
        else:
            line.append(word)
            marks.append(mark)


def remember(line, folk):
    """What follows at each place of a line from what was told: written from the sentences, not from the templates."""
    said = " ".join(line)
    found = {}
    for person in folk:
        name, trade, town, thing = person
        for pattern, place, word in (
            (f"the {trade} from {town} is called ", 6, name),
            (f"the {thing} belongs to ", 4, name),
            (f"who works as a {trade} \\? it is ", 8, name),
            (f"somebody came from {town} to look for ", 7, name),
            (f"{name} still works as a ", 5, trade),
            (f"{name} was born in ", 4, town),
            (f"in the evening {name} took the ", 6, thing),
        ):
            if re.match(pattern, said):
                found[place] = word
    return found


def test_a_reader_who_remembers_knows_every_marked_word():
    folk, told_words, firsts, laters = [], 0, 0, 0
    for line, marks in lines_of(names.tell(20_000, 3, KNOWN)):
        if not line:
            folk = []
            continue
        intro = re.fullmatch(r"(\w+) , a (\w+) from (\w+) , owns a (\w+) \.", " ".join(line))
        mentioned = {person[0] for person in folk}
        if intro:
            assert marks[0] == FIRST
            assert intro[1] not in mentioned
            assert all(set(intro.groups()).isdisjoint(person) for person in folk)
            folk.append(intro.groups())
            firsts += 1
            continue
        expected = remember(line, folk)
        assert {place: line[place] for place, mark in enumerate(marks) if mark == names.TOLD} == expected
        told_words += len(expected)
        for word, mark in zip(line, marks, strict=True):
            assert (word in KNOWN) <= (mark in (names.TOLD, LATER))
            if mark == LATER:
                assert word in mentioned
                laters += 1
    assert min(firsts, told_words, laters) > 300


def test_a_first_mention_is_anybody():
    told = names.tell(60_000, 4, KNOWN)
    firsts = Counter(word for word, mark in zip(told.words, told.marks, strict=True) if mark == FIRST)
    assert set(firsts) == set(KNOWN)
    mean = sum(firsts.values()) / len(KNOWN)
    assert max(firsts.values()) < 3 * mean
    assert min(firsts.values()) > mean / 4


def test_names_come_back_within_a_story_and_are_rare_beside_other_words():
    told = names.tell(20_000, 5, KNOWN)
    counts = Counter(told.marks)
    assert counts[names.TOLD] > 1.5 * counts[FIRST]
    assert counts[PLAIN] > 5 * counts[FIRST]


def test_the_same_seed_gives_the_same_text_and_the_parts_differ():
    assert names.tell(500, 1, KNOWN) == names.tell(500, 1, KNOWN)
    text = names.text(3000, 800, 700, name_count=50)
    assert [len(part) >= size for part, size in ((text.train, 3000), (text.valid, 800), (text.test, 700))] == [True] * 3
    assert not torch.equal(text.valid[:100], text.test[:100])
    assert {part: marks.shape for part, marks in text.marks.items()} == {
        "train": text.train.shape,
        "valid": text.valid.shape,
        "test": text.test.shape,
    }
    assert text.source == "generated text with recurring names"


def test_names_are_different_and_begin_with_a_capital():
    many = names.names(1000)
    assert len(set(many)) == 1000
    assert all(name[0].isupper() and name.isalpha() for name in many)
    assert many[:120] == KNOWN


def test_wrong_sizes_are_refused():
    with pytest.raises(ValueError, match="at least 3 different names, got 2"):
        names.tell(10, 1, ("Ada", "Bo"))
    with pytest.raises(ValueError, match="expected count as a whole number of at least 1"):
        names.tell(0, 1, KNOWN)
    with pytest.raises(ValueError, match="expected at most"):
        names.names(10**6)
