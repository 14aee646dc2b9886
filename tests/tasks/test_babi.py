import os
from pathlib import Path

import pytest

from memlib.data import DataError, find
from memlib.tasks import babi
from memlib.tasks.babi import Dropped, Moved, Question, Statement, Stories, Took, read, text
from tests.tasks.solver import solve

ROOT = find("babi", "en-valid-10k")
real = pytest.mark.skipif(ROOT is None, reason="bAbI is not here: set MEMLIB_DATA, or fetch it with: memlib data babi")

GOOD = (
    "1 Mary moved to the bathroom.\n"
    "2 John picked up the milk there.\n"
    "3 Where is Mary? \tbathroom\t1\n"
    "1 Sandra went back to the garden.\n"
    "2 What is Mary carrying?\tmilk,football\t1\n"
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "en-valid-10k").mkdir()
    (tmp_path / "en-valid-10k/qa1_test.txt").write_text(GOOD)
    return tmp_path


def test_what_is_read(folder):
    first, second = read(folder, 1, "test")
    assert first.lines == (
        Statement(1, ("Mary", "moved", "to", "the", "bathroom")),
        Statement(2, ("John", "picked", "up", "the", "milk", "there")),
        Question(3, ("Where", "is", "Mary"), "bathroom", (1,)),
    )
    assert second.questions[0].answer == "milk,football"
    assert first.before(first.questions[0]) == first.statements


def test_root_variant_folder_and_file_are_the_same(folder):
    by_root = read(folder, 1, "test")
    assert by_root == read(folder / "en-valid-10k", 1, "test")
    assert by_root == read(folder / "en-valid-10k/qa1_test.txt", 1, "test")
    assert by_root.source == "bAbI v1.2 en-valid-10k"


def test_the_long_names_of_en(folder):
    (folder / "en").mkdir()
    (folder / "en/qa1_single-supporting-fact_train.txt").write_text(GOOD)
    (folder / "en/qa11_basic-coreference_train.txt").write_text("no stories")
    assert len(read(folder, 1, "train", "en")) == 2


def test_what_is_not_there(folder):
    with pytest.raises(DataError, match=r"qa2_test\.txt.*memlib data babi --force"):
        read(folder, 2, "test")
    with pytest.raises(DataError, match="Only en-valid and en-valid-10k"):
        read(folder, 1, "valid", "en")
    with pytest.raises(ValueError, match="task from 1 to 20"):
        read(folder, 21, "test")
    with pytest.raises(ValueError, match="train, valid, test"):
        read(folder, 1, "dev")


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("x Mary moved to the bathroom.", "line number"),
        ("2Mary moved.", "line number"),
        ("3 Mary moved to the hallway.", "expected number 2"),
        ("2 Mary moved to the hallway", "full stop"),
        ("2 Where is Mary?\tbathroom", "got 2 parts"),
        ("2 Where is Mary\tbathroom\t1", "ends with '\\?'"),
        ("2 Where is Mary?\t\t1", "answer of one word"),
        ("2 Where is Mary?\tbath room\t1", "answer of one word"),
        ("2 Where is Mary?\tbathroom\tone", "supporting lines"),
        ("2 Where is Mary?\tbathroom\t2", "not all statements above"),
        ("", "line number"),
    ],
)
def test_a_bad_line_is_named(folder, bad, says):
    file = folder / "en-valid-10k/qa1_test.txt"
    file.write_text(f"1 Mary moved to the bathroom.\n{bad}\n2 John went to the garden.\n")
    with pytest.raises(ValueError, match=rf"qa1_test\.txt, line 2: .*{says}"):
        read(folder, 1, "test")


def test_an_empty_file(folder):
    (folder / "en-valid-10k/qa1_test.txt").write_text("")
    with pytest.raises(ValueError, match="is empty"):
        read(folder, 1, "test")


@pytest.mark.parametrize(
    ("sentence", "fact"),
    [
        ("Mary went back to the garden", Moved("Mary", "garden")),
        ("Daniel travelled to the hallway", Moved("Daniel", "hallway")),
        ("John picked up the milk there", Took("John", "milk")),
        ("Sandra got the apple", Took("Sandra", "apple")),
        ("Mary put down the football", Dropped("Mary", "football")),
        ("Mary left the milk there", Dropped("Mary", "milk")),
    ],
)
def test_facts(sentence, fact):
    assert babi.fact(Statement(1, tuple(sentence.split()))) == fact


@pytest.mark.parametrize("sentence", ["Mary gave the milk to Fred", "Mary is in the garden", "Mary moved the garden"])
def test_an_unknown_form_is_refused(sentence):
    with pytest.raises(ValueError, match="of no form that is known"):
        babi.fact(Statement(1, tuple(sentence.split())))


def test_what_is_asked():
    assert babi.asked(Question(3, ("Where", "is", "Mary"), "garden", (1,))) == "Mary"
    assert babi.asked(Question(3, ("Where", "is", "the", "milk"), "garden", (1,))) == "milk"
    with pytest.raises(ValueError, match="of no form"):
        babi.asked(Question(3, ("Is", "Mary", "in", "the", "garden"), "yes", (1,)))


def test_stories_without_data_are_simulated_and_say_so(monkeypatch, tmp_path):
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path))
    monkeypatch.setenv("MEMLIB_CACHE", str(tmp_path / "cache"))
    train, test = (babi.stories(1, partition, count=20) for partition in ("train", "test"))
    assert train.source == test.source == "simulated"
    assert train != test
    with pytest.raises(DataError, match="only tasks 1 and 2"):
        babi.stories(3)


@real
@pytest.mark.data
def test_stories_with_data_are_real():
    stories = babi.stories(2, "test")
    assert isinstance(stories, Stories)
    assert stories.source == "bAbI v1.2 en-valid-10k"
    assert (len(stories), len(stories.questions)) == (200, 1000)


@real
@pytest.mark.data
@pytest.mark.parametrize("task", [1, 2])
@pytest.mark.parametrize("partition", ["train", "valid", "test"])
def test_every_real_line_is_understood_and_every_answer_comes_out(task, partition):
    for story in read(ROOT, task, partition):
        for statement in story.statements:
            assert babi.fact(statement)
        for question in story.questions:
            assert babi.asked(question)
            assert solve([str(line) for line in story.before(question)], str(question)) == question.answer


@real
@pytest.mark.data
@pytest.mark.parametrize("task", range(1, 21))
def test_every_real_file_is_read_and_can_be_written_back(task):
    # The blank between a question and its tab is not the same in all tasks, and is not kept.
    stories = read(ROOT, task, "test")
    written = text(stories)
    assert len(stories.questions) == 1000 or task in (18, 20)
    original = Path(stories.file).read_text(encoding="utf-8")
    assert written.replace("? \t", "?\t") == original.replace("? \t", "?\t")


@real
@pytest.mark.data
def test_the_counts_of_catbabi_without_the_last_story_of_each_file():
    stories = questions = 0
    for task in range(1, 21):
        file = read(ROOT, task, "valid")
        stories += len(file) - 1
        questions += len(file.questions) - len(file[-1].questions)
    assert (stories, questions) == (6245, 19907)


@real
@pytest.mark.data
@pytest.mark.skipif("MEMLIB_DATA" not in os.environ, reason="MEMLIB_DATA is not set")
def test_real_files_are_the_registered_ones():
    from memlib.data import DATASETS, measure

    entries = DATASETS["babi"].sources[1].entries()
    held = [path for path in entries if (ROOT / path).is_file()]
    assert len(held) >= 2
    assert all(measure(ROOT / path, "git-blob") == entries[path] for path in held)


def test_a_variant_that_is_none_is_refused_before_anything_is_simulated(monkeypatch):
    monkeypatch.setattr(babi, "find", lambda *args: None)
    with pytest.raises(ValueError, match="expected a variant of en, en-10k, en-valid, en-valid-10k; got 'de'"):
        babi.stories(1, variant="de")


@pytest.mark.parametrize("wrong", [{"count": "5"}, {"count": 1.5}, {"count": True}, {"seed": "x"}, {"seed": None}])
def test_counts_and_seeds_are_whole_numbers(monkeypatch, wrong):
    monkeypatch.setattr(babi, "find", lambda *args: None)
    ((name, value),) = wrong.items()
    with pytest.raises(TypeError, match=f"expected {name} as a whole number.*got {value!r}"):
        babi.stories(1, **wrong)
    with pytest.raises(TypeError, match=f"expected {name} as a whole number.*got {value!r}"):
        babi.simulate(1, **({"count": 2} | wrong))
    with pytest.raises(ValueError, match="count as a whole number of at least 1, got 0"):
        babi.stories(1, count=0)


def test_things_of_another_type():
    with pytest.raises(TypeError, match=r"expected a Statement.*got 'Mary'"):
        babi.fact("Mary")
    with pytest.raises(TypeError, match=r"expected a Question.*got 'Mary'"):
        babi.asked("Mary")
    with pytest.raises(TypeError, match="expected the text of a file as a string, got None"):
        babi.parse(None, "qa1_test.txt")
