import builtins
import importlib
import socket
import subprocess
import sys

import pytest
import torch

from memlib.data import DataError
from memlib.tasks import text
from memlib.tasks.entailment_pairs import Pair, encode
from memlib.tasks.text import Vocabulary, of_pairs, read_vectors

SENTENCES = [["The", "dog", "runs"], ["the", "dog", "sleeps"], ["a", "dog"]]


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("something was to be downloaded")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr("torchtext.utils.download_from_url", refuse)
    monkeypatch.setattr("torchtext.vocab.Vectors.cache", refuse)
    monkeypatch.setattr("urllib.request.urlretrieve", refuse)


def test_the_order_of_the_words():
    vocabulary = Vocabulary.build(SENTENCES, [["a", "cat"]], lower=True)
    assert vocabulary.words == ["<pad>", "<unk>", "dog", "a", "the", "cat", "runs", "sleeps"]
    assert len(vocabulary) == 8
    assert "the" in vocabulary
    assert "The" not in vocabulary


def test_frequency_size_and_special_tokens():
    assert Vocabulary.build(SENTENCES, min_frequency=2).words == ["<pad>", "<unk>", "dog"]
    assert Vocabulary.build(SENTENCES, min_frequency=2, lower=True).words[2:] == ["dog", "the"]
    assert Vocabulary.build(SENTENCES, max_size=1, specials=["<sep>"]).words == ["<pad>", "<unk>", "<sep>", "dog"]
    # Several splits are counted together.
    assert "runs" in Vocabulary.build(SENTENCES, [["runs"]], min_frequency=2)


def test_ids_there_and_back():
    vocabulary = Vocabulary.build(SENTENCES, lower=True)
    ids = vocabulary.ids(["The", "dog", "flies"])
    assert ids == [vocabulary.words.index("the"), 2, 1]
    assert vocabulary.sentence([*ids, 0, 0]) == ["the", "dog", "<unk>"]
    before = len(vocabulary.vocab.stoi)
    vocabulary.ids(["never", "seen"])
    assert len(vocabulary.vocab.stoi) == before


def test_texts_are_split_and_filled_up():
    vocabulary = Vocabulary.build(SENTENCES, lower=True)
    ids, lengths = vocabulary.batch(["The dog runs", ["a", "dog"]])
    words = vocabulary.words
    assert ids.tolist() == [[words.index(w) for w in ("the", "dog", "runs")], [words.index("a"), 2, 0]]
    assert lengths.tolist() == [3, 2]
    assert (ids.dtype, lengths.dtype) == (torch.long, torch.long)
    letters = Vocabulary.build([["a", "b"]], tokenise=list)
    assert letters.batch(["abc"])[0].tolist() == [[2, 3, 1]]
    for bad in ([], [""]):
        with pytest.raises(ValueError, match="at least one"):
            vocabulary.batch(bad)


def test_kept_words_give_the_same_vocabulary():
    first = Vocabulary.build(SENTENCES, specials=["<sep>"])
    second = Vocabulary.from_words(first.words)
    assert second.words == first.words
    assert second.ids(["dog", "<sep>", "emu"]) == first.ids(["dog", "<sep>", "emu"])


def test_bad_vocabularies():
    with pytest.raises(ValueError, match="would be empty"):
        Vocabulary.build(SENTENCES, min_frequency=9)
    with pytest.raises(ValueError, match="all different"):
        Vocabulary.build(SENTENCES, specials=["<unk>"])
    with pytest.raises(ValueError, match="at least 1"):
        Vocabulary.build(SENTENCES, min_frequency=0)
    with pytest.raises(ValueError, match="words 0 and 1"):
        Vocabulary.from_words(["a", "b"])
    with pytest.raises(ValueError, match="all different"):
        Vocabulary.from_words(["<pad>", "<unk>", "a", "a"])


def test_pairs():
    pairs = [Pair(("a", "dog"), ("an", "animal"), 0), Pair(("a", "cat"), ("a", "dog"), 2)]
    vocabulary = of_pairs(pairs[:1], pairs[1:])
    assert vocabulary.words[2:] == ["a", "dog", "an", "animal", "cat"]
    assert encode([Pair(("a", "dog"), ("a", "fox"), 1)], vocabulary) == [((2, 3), (2, 1), 1)]


def test_without_torchtext_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.split(".")[0] == "torchtext":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr("memlib.data.errors.import_module", lambda name: without(name))
    monkeypatch.delitem(sys.modules, "memlib.tasks.text")
    with pytest.raises(DataError, match=r"torchtext\.data is not installed.*memlib\[text\]"):
        importlib.import_module("memlib.tasks.text")


def test_the_other_modules_do_without_torchtext():
    names = ", ".join(f"memlib.tasks.{name}" for name in ("entailment_pairs", "snli", "word_vectors"))
    code = f"import sys; sys.modules['torchtext'] = None; import {names}"
    subprocess.run([sys.executable, "-c", code], check=True)


WORDS = ["<pad>", "<unk>", "dog", "Paris", "emu", "Dog"]
ROWS = [". . 1 2 3", "dog 0.5 -1 2e-1", "cat 9 9 9", "paris 4 5 6", "dog 7 7 7", "caf\u00e9\u00a0x 1 1 1"]


@pytest.fixture
def vectors(tmp_path):
    def make(rows=ROWS, end="\n"):
        (tmp_path / "glove.txt").write_bytes("".join(row + end for row in ["the 1 1 1", *rows]).encode())
        return tmp_path / "glove.txt"

    return make


def seeded(seed=7):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("end", ["\n", "\r\n", " \n"])
def test_known_words_have_the_files_vectors(vectors, end):
    table, known = read_vectors(WORDS, vectors(end=end), seeded())
    assert known.tolist() == [False, False, True, True, False, True]
    # The first of two lines counts; a word that is not there in its own case is taken in lower case.
    assert table[2].tolist() == pytest.approx([0.5, -1, 0.2])
    assert table[3].tolist() == [4, 5, 6]
    assert table[5].tolist() == table[2].tolist()
    assert table[0].tolist() == [0, 0, 0]


def test_the_words_own_case_comes_first(vectors):
    table, _ = read_vectors(WORDS, vectors([*ROWS, "Dog 3 2 1"]), seeded())
    assert (table[5].tolist(), table[2, 0].item()) == ([3, 2, 1], 0.5)


def test_unknown_words_are_drawn_from_the_generator(vectors):
    words = ["<pad>", "the", "cat", *(f"word{i}" for i in range(4000))]
    table, known = read_vectors(words, vectors(["cat 3 5 7"]), seeded())
    assert known.sum() == 2
    expected = torch.tensor([1.0, 1, 1, 3, 5, 7]).std().item()
    assert table[3:].std().item() == pytest.approx(expected, rel=0.03)
    assert table[3:].mean().abs() < 0.1
    assert torch.equal(table, read_vectors(words, vectors(["cat 3 5 7"]), seeded()).table)
    assert not torch.equal(table, read_vectors(words, vectors(["cat 3 5 7"]), seeded(8)).table)
    assert read_vectors(words, vectors(["cat 3 5 7"]), seeded(), scale=0.1).table[3:].std().item() < 0.11
    # What is drawn for a word does not depend on which others the file holds.
    fewer = read_vectors(words, vectors(["cow 3 5 7"]), seeded(), scale=1.0).table
    assert torch.equal(fewer[3:], read_vectors(words, vectors(["cat 3 5 7"]), seeded(), scale=1.0).table[3:])


def test_a_first_line_with_counts_is_not_a_word(tmp_path):
    (tmp_path / "v.txt").write_text("2 3\ndog 1 2 3\n2 4 5 6\n")
    table, known = read_vectors(["<pad>", "2", "dog"], tmp_path / "v.txt", seeded())
    assert known.tolist() == [False, True, True]
    assert table[1].tolist() == [4, 5, 6]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["dog 1 2"], r"line 2: expected a word and 3 numbers, got 2"),
        (["cat 1 2 3", "dog 1 x 3"], r"line 3: expected 3 numbers after 'dog'"),
        (["dog"], r"line 2: expected a word and 3 numbers, got 0"),
    ],
)
def test_a_bad_line_is_named(vectors, rows, said):
    with pytest.raises(ValueError, match=rf"glove\.txt, {said}"):
        read_vectors(WORDS, vectors(rows), seeded())


def test_no_file_and_an_empty_one(tmp_path):
    with pytest.raises(DataError, match="memlib data glove"):
        read_vectors(WORDS, tmp_path / "none.txt", seeded())
    (tmp_path / "none.txt").write_text("")
    with pytest.raises(ValueError, match="is empty"):
        read_vectors(WORDS, tmp_path / "none.txt", seeded())


def test_glove_is_found_where_the_data_are(tmp_path, monkeypatch):
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path))
    monkeypatch.setenv("MEMLIB_CACHE", str(tmp_path / "cache"))
    assert text.glove_file() is None
    (tmp_path / "glove").mkdir()
    (tmp_path / "glove/glove.840B.300d.txt").write_text("the 1 1 1\n")
    assert text.glove_file() == tmp_path / "glove/glove.840B.300d.txt"
