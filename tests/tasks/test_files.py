"""Files that an editor, a cut connection or another encoding has been at: read as they were meant, or named."""

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from memlib.data import DataError
from memlib.tasks import babi, catbabi, language, pointer_files, snli, wikitablequestions, word_vectors
from memlib.tasks.files import copy_whole, lines_of, text_of

STORY = "1 Mary moved to the bathroom.\n2 Where is Mary? \tbathroom\t1\n"


def catbabi_from(path: Path) -> object:
    """All stories of the folder; those of the first task are the file's."""
    text = path.read_bytes()
    for task in range(1, 21):
        for partition in ("train", "valid", "test"):
            (path.parent / f"qa{task}_{partition}.txt").write_bytes(text if task == 1 else (STORY * 2).encode())
    return list(catbabi.stories(path.parent, "train"))


def language_from(path: Path) -> object:
    for partition in ("train", "valid", "test"):
        (path.parent / f"{partition}.txt").write_bytes(path.read_bytes())
    return language.read(path.parent, "a text").vocabulary


def vectors_from(path: Path) -> object:
    return word_vectors.read_vectors(["<pad>", "the", "cat"], path, torch.Generator().manual_seed(0)).table.tolist()


READERS: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "babi": (".txt", STORY * 2, lambda path: list(babi.read(path, 1, "train"))),
    "catbabi": (".dat", STORY * 3, catbabi_from),
    "jsonl": (
        ".jsonl",
        '{"gold_label": "neutral", "sentence1_binary_parse": "( a dog )", "sentence2_binary_parse": "( cat )"}\n',
        lambda path: list(snli.read(path)),
    ),
    "tsv": (".tsv", "neutral\ta dog\ta cat\n", lambda path: list(snli.read(path))),
    "language": (".dat", "the cat sat\non the mat\n", language_from),
    "pointer": (
        ".txt",
        "0.1 0.2 0.9 0.1 0.5 0.8 0.4 0.4 0.5 0.3 output 1 2 3 1\n",
        lambda path: pointer_files.read(path, 5).answers.tolist(),
    ),
    "questions": (
        ".tsv",
        "id\tutterance\tcontext\ttargetValue\nnt-0\twhat is it\tcsv/1.csv\ta|b\n",
        wikitablequestions.read_questions,
    ),
    "table": (".csv", '"a","b"\n"1","2"\n"x \\" y","3"\n', wikitablequestions.read_table),
    "vectors": (".txt", "the 0.1 0.2 0.3\ncat 0.4 0.5 0.6\n", vectors_from),
}


@pytest.fixture(params=READERS)
def reader(request, tmp_path):
    ending, text, read = READERS[request.param]

    def from_bytes(content: bytes) -> object:
        path = tmp_path / f"file{ending}"
        path.write_bytes(content)
        return read(path)

    return request.param, from_bytes, text.encode()


def test_marks_and_ends_of_lines_change_nothing(reader):
    _, read, text = reader
    plain = read(text)
    assert read(codecs.BOM_UTF8 + text) == plain
    assert read(text.replace(b"\n", b"\r\n")) == plain
    assert read(text.rstrip(b"\n")) == plain


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00a\x00", codecs.BOM_UTF8])
def test_no_text_is_named(reader, content):
    name, read, _ = reader
    if (name, content) == ("language", b"\n\n"):  # two empty paragraphs are a text
        assert read(content) == ("<eos>",)
        return
    with pytest.raises(ValueError, match=r"file\.|qa1_train|train\.txt|train \(empty\)"):
        read(content)


def test_bytes_of_another_encoding_are_named_with_the_file(reader, tmp_path):
    name, read, text = reader
    # Word vectors are read as bytes: a word that is no text is nobody's, a number that is none is said to be so.
    says = "line 2: expected 3 numbers" if name == "vectors" else r" is no text in UTF-8 .*0xe9.* fetch it again"
    with pytest.raises(ValueError, match=rf"(file|qa1_train|train)\..*{says}"):
        read(text[:-3] + b"\xe9" + text[-3:])


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("table", '"a","b"\n"1","2', "unexpected end of data"),
        (
            "pointer",
            "0.1 nan 0.9 0.1 0.5 0.8 0.4 0.4 0.5 0.3 output 1 2 3 1\n",
            "line 1: expected finite coordinates, got 0.1 nan",
        ),
        ("vectors", "the 0.1 nan 0.3\n", "line 1: expected 3 numbers after 'the'"),
    ],
)
def test_what_is_cut_or_no_number_is_refused(tmp_path, name, text, says):
    ending, _, read = READERS[name]
    (tmp_path / f"file{ending}").write_text(text)
    with pytest.raises(ValueError, match=says):
        read(tmp_path / f"file{ending}")


def test_lines_keep_their_ends_where_they_are_told(tmp_path):
    (tmp_path / "a").write_bytes(codecs.BOM_UTF8 + b"one\r\ntwo\rthree")
    assert list(lines_of(tmp_path / "a")) == ["one\n", "two\n", "three"]
    assert list(lines_of(tmp_path / "a", newline="\n")) == ["one\r\n", "two\rthree"]
    assert text_of(tmp_path / "a") == "one\ntwo\nthree"


def test_copies_are_whole_or_not_there(tmp_path):
    (tmp_path / "one").write_text("1")
    goal = copy_whole({"a": tmp_path / "one"}, tmp_path / "goal")
    assert copy_whole({"a": goal / "a"}, goal) == goal
    with pytest.raises(DataError, match=r"cannot copy a, b to .*goal"):
        copy_whole({"a": tmp_path / "one", "b": tmp_path / "missing"}, goal)
    assert [path.name for path in goal.iterdir()] == ["a"]
    with pytest.raises(DataError, match=r"cannot copy a to .*one"):
        copy_whole({"a": goal / "a"}, tmp_path / "one")
