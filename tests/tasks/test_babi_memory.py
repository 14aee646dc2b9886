"""bAbI for a memory network: what a question sees, how parts are cut, and the real files' counts."""

import pytest
import torch

from memlib.data import DataError, find
from memlib.tasks import babi, babi_world
from memlib.tasks.babi_memory import Questions, encode, vocabulary
from memlib.tasks.babi_parts import completed, generated, load, split

TEXT = """\
1 Mary moved to the garden.
2 John went to the office.
3 Where is Mary? \tgarden\t1
4 Mary moved to the garden.
5 Mary took the milk.
6 What is Mary carrying?\tmilk,Football\t5
"""


def questions(memory: int = 50) -> Questions:
    rows = [(8, story) for story in babi.parse(TEXT, "text")]
    return encode(rows, vocabulary(rows), memory)


def test_a_question_sees_the_statements_before_it_newest_first() -> None:
    found = questions()
    assert len(found) == 2
    assert found.lengths.tolist() == [2, 4]
    assert found.words(0) == (["mary moved to the garden", "john went to the office"], "where is mary", "garden")
    story, question, answer = found.words(1)
    assert story == [
        "mary moved to the garden",
        "john went to the office",
        "mary moved to the garden",
        "mary took the milk",
    ]
    assert (question, answer) == ("what is mary carrying", "milk,football")
    # The sentence that was told twice stands once.
    assert found.places[1, :4].tolist() == [3, 1, 2, 1]
    assert len(found.sentences) == 4
    assert found.sentences[0].sum() == 0
    assert found.support[0, :3].tolist() == [False, True, False]
    assert found.support[1, :4].tolist() == [True, False, False, False]
    assert found.task.tolist() == [8, 8]


def test_older_sentences_fall_out_of_the_memory() -> None:
    found = questions(memory=2)
    assert found.places.shape == (2, 2)
    assert found.words(1)[0] == ["mary moved to the garden", "mary took the milk"]


def test_a_batch_holds_the_same_stories() -> None:
    parts = generated(6, 3, (1, 2))
    found = encode(parts.train, vocabulary(parts.train))
    rows = torch.tensor([7, 0, 21, 7])
    batch = found.batch(rows)
    assert batch.places.shape == (4, int(found.lengths[rows].max()))
    for i, row in enumerate(rows.tolist()):
        length = int(batch.lengths[i])
        expected = found.sentences[found.places[row, :length].long()]
        assert torch.equal(batch.sentences[batch.places[i, :length]], expected)
        assert batch.sentences[batch.places[i, length:]].sum() == 0
        assert batch.answer[i] == found.answer[row]
    assert batch.sentences[0].sum() == 0
    # Every sentence stands once.
    assert len(batch.sentences.unique(dim=0)) == len(batch.sentences)
    full = found.batch(found.lengths.argmax().reshape(1))
    assert full.sentences[0].sum() == 0
    assert (full.places > 0).all()


def test_a_question_without_a_story_has_one_empty_slot() -> None:
    story = babi.Story((babi.Question(1, ("Who",), "mary", ()),))
    found = encode([(1, story)], vocabulary([(1, story)]))
    batch = found.batch([0])
    assert batch.lengths.tolist() == [0]
    assert batch.sentences[batch.places].sum() == 0
    assert batch.places.shape == (1, 1)


def test_words_can_be_numbered_anew() -> None:
    found = questions()
    ids = {word: number + 100 for number, word in enumerate(sorted(found.ids))}
    renewed = found.renumbered(ids)
    assert [renewed.words(row) for row in (0, 1)] == [found.words(row) for row in (0, 1)]
    assert renewed.sentences[0].sum() == 0
    assert renewed.answer.min() >= 100
    with pytest.raises(ValueError, match="the word 'mary' is not among the 1 words"):
        found.renumbered({"the": 1})


def test_a_task_alone() -> None:
    parts = generated(4, 1)
    found = encode(parts.test, vocabulary(parts.test))
    assert found.task.unique().tolist() == [1, 2, 3]
    two = found.of_task(2)
    assert set(two.task.tolist()) == {2}
    assert two.words(0) == found.words(int((found.task == 2).nonzero()[0]))


def test_a_tenth_of_the_stories_is_kept() -> None:
    stories = babi_world.simulate(1, 40, 3)
    kept, held = split(stories, 1)
    assert (len(kept), len(held)) == (36, 4)
    assert sorted(map(str, kept + held)) == sorted(map(str, stories))
    assert [story for story in stories if story in kept] == kept
    assert held != stories[:4]
    assert held != stories[-4:]
    assert split(stories, 1) == (kept, held)
    assert len(split(stories[:2], 2)[1]) == 1


def test_generated_parts_differ_and_say_so() -> None:
    parts = generated(10, 1, (1, 3))
    assert parts.source == "generated stories of bAbI's tasks 1, 3"
    assert parts.differs == []
    assert [task for task, _ in parts.test] == [1, 1, 3, 3]
    assert len(parts.train) + len(parts.valid) == 20
    assert not {str(s) for _, s in parts.train} & {str(s) for _, s in parts.test}
    assert generated(10, 1, (1, 3)).train == parts.train
    assert generated(10, 2, (1, 3)).train != parts.train
    with pytest.raises(ValueError, match="at least 2"):
        generated(1, 1)


def test_bad_requests_are_refused(tmp_path) -> None:
    with pytest.raises(ValueError, match="a size of 1k, 10k; got '5k'"):
        load(tmp_path, "5k")
    with pytest.raises(DataError, match="task 1 was not found"):
        load(tmp_path, "1k")
    with pytest.raises(ValueError, match="at least one question"):
        encode([], {})


@pytest.mark.data
def test_the_small_files_counts() -> None:
    if (root := find("babi", "en")) is None:
        pytest.skip("needs MEMLIB_DATA with bAbI's folder en")
    parts = load(root, "1k")
    assert (parts.source, parts.differs) == ("bAbI v1.2 en", [])
    ids = vocabulary(parts.test, parts.train, parts.valid)
    assert len(ids) == 174
    counts = [sum(len(story.questions) for _, story in part) for part in parts[:3]]
    assert counts == [18_011, 1_989, 20_000]
    test = encode([(task, story) for task, story in parts.test if task in (3, 15)], ids)
    assert (test.task == 3).sum() == (test.task == 15).sum() == 1_000
    assert int(test.lengths.max()) == 50
    # Its last 50 sentences hold all three grounds of every test question of task 3, though stories are longer.
    assert (test.support[test.task == 3].sum(1) == 3).all()


@pytest.mark.data
def test_task_3_is_completed() -> None:
    root = find("babi", "en-10k")
    if root is None or find("babi", "en") is None:
        pytest.skip("needs MEMLIB_DATA with bAbI's folders en and en-10k")
    stories, made = completed(root)
    assert len(stories) == 2_000
    genuine = stories[: 2_000 - made]
    assert len(set(genuine)) == len(genuine)
    assert genuine[:200] == list(babi.read(root, 3, "train", "en"))
    if find("babi", "en-valid-10k") is not None:
        assert made == 1_615
    parts = load(root, "10k", [3])
    if not list((root / "en-10k").glob("qa3_*_train.txt")):
        assert parts.differs == [f"{made:,} of 2,000 training stories of task 3 are simulated"]
    assert len(parts.train) == 1_800
