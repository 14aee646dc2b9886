import numpy as np
import pytest
import torch

from memlib.tasks.entailment_pairs import Pair, WordList, collate, encode
from memlib.tasks.entailment_world import generate
from memlib.tasks.word_vectors import read_vectors

PAIR = Pair(("a", "dog"), ("a", "cat"), 2)
WORDS = WordList(("a", "dog", "cat"))


@pytest.mark.parametrize("wrong", [None, 3, "a dog", PAIR, ["a dog"], [PAIR, ("a", "b", 1)]])
def test_what_is_no_list_of_pairs(wrong):
    of_pairs = pytest.importorskip("memlib.tasks.text").of_pairs
    with pytest.raises(TypeError, match="encode: expected a list of Pair, got "):
        encode(wrong, WORDS)
    with pytest.raises(TypeError, match="of_pairs: expected a list of Pair for each split, got "):
        of_pairs([PAIR], wrong)


@pytest.mark.parametrize("wrong", [None, ["a", "dog"], {"a": 1}])
def test_what_is_no_vocabulary(wrong):
    with pytest.raises(TypeError, match="encode: expected a vocabulary"):
        encode([PAIR], wrong)


@pytest.mark.parametrize("wrong", [None, [PAIR], [3], encode([PAIR], WORDS)[0]])
def test_what_is_not_encoded(wrong):
    with pytest.raises(TypeError, match="collate: expected encoded pairs, as encode gives them, got "):
        collate(wrong)


def test_a_long_thing_is_cut_in_the_message():
    with pytest.raises(TypeError) as caught:
        encode(["dog " * 500], WORDS)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "wrong",
    [{"count": "5"}, {"count": 1.5}, {"seed": "x"}, {"seed": None}, {"distractors": "3"}, {"distractors": (0, 1.5)}],
)
def test_numbers_of_generated_pairs(wrong):
    (name,) = wrong
    with pytest.raises(TypeError, match=f"expected {name} as a whole number"):
        generate(**({"count": 3, "seed": 0} | wrong))


@pytest.mark.parametrize("wrong", [(1, 2, 3), (2, 1), ()])
def test_distractors_are_one_number_or_two(wrong):
    with pytest.raises(ValueError, match="expected distractors as a number, or as two"):
        generate(3, 0, wrong)


def test_whole_numbers_of_numpy_will_do():
    assert generate(np.int64(3), np.int64(1), np.int64(1)) == generate(3, 1, 1)


def test_a_single_string_is_no_list_of_words(tmp_path):
    file = tmp_path / "vectors.txt"
    file.write_text("a 0.5 1.5\n")
    with pytest.raises(TypeError, match="expected a list of words, the padding first; got the string 'abc'"):
        read_vectors("abc", file, torch.Generator())
