"""bAbI's tasks at once: stories told in order, batches of one task, errors by hand; and the real files' counts."""

from collections import Counter

import pytest
import torch

from memlib.data import DataError, find
from memlib.tasks import babi, babi_world
from memlib.tasks.babi_joint import OneTaskAtATime, by_task, errors, load, marked, told, words_of
from memlib.tasks.babi_parts import generated
from memlib.tasks.babi_story import text

STORY = babi.parse(
    "1 Mary moved to the garden.\n"
    "2 John went to the hallway.\n"
    "3 Where is Mary? \tgarden\t1\n"
    "4 Mary went to the office.\n"
    "5 Where is Mary? \toffice\t4\n",
    "a story",
)[0]


def questions(sentences=70, **options):
    part = marked([(1, STORY)])
    parts = generated(2, 1)._replace(train=[(1, STORY)], valid=[], test=[])
    return by_task(part, words_of(parts), sentences, **options)[1], words_of(parts)


def test_a_story_is_told_in_order():
    one, ids = questions()
    batch = told(one.batch([0, 1]))
    assert batch.words(0, ids) == [
        "mary moved to the garden .",
        "john went to the hallway .",
        "where is mary ?",
        "garden",
    ]
    assert batch.words(1, ids)[:3] == [
        "mary moved to the garden .",
        "john went to the hallway .",
        "mary went to the office .",
    ]
    assert batch.words(1, ids)[3:] == ["where is mary ?", "office"]
    assert batch.story.shape == (2, 3, 6)
    assert batch.lengths.tolist() == [2, 3]
    assert batch.story[0, 2].sum() == 0
    assert {word for word in ids if not word.isalpha()} == {".", "?"}
    assert sorted(ids.values()) == list(range(1, len(ids) + 1))


def test_only_the_last_sentences_are_kept():
    one, ids = questions(2)
    batch = told(one.batch([1, 0]))
    assert batch.words(0, ids)[:2] == ["john went to the hallway .", "mary went to the office ."]
    assert batch.words(1, ids)[:2] == ["mary moved to the garden .", "john went to the hallway ."]
    assert batch.story.shape[1] == 2


def test_stories_are_padded_behind():
    one, _ = questions()
    batch, wide = told(one.batch([0, 1])), told(one.batch([0, 1]), 5)
    assert wide.story.shape[1] == 5
    assert torch.equal(wide.story[:, :3], batch.story)
    assert wide.story[:, 3:].sum() == 0
    with pytest.raises(ValueError, match="sentences of at least 3, the longest story; got 2"):
        told(one.batch([0, 1]), 2)


def test_task_3_may_keep_more():
    parts = generated(6, 1, (1, 3))
    ids = words_of(parts)
    both, more = (by_task(marked(parts.train), ids, 4, **options) for options in ({}, {"of_task_3": 9}))
    assert {task: int(one.lengths.max()) for task, one in both.items()} == {1: 4, 3: 4}
    assert {task: int(one.lengths.max()) for task, one in more.items()} == {1: 4, 3: 9}
    with pytest.raises(ValueError, match="at least one question"):
        by_task([], ids)


@pytest.fixture(scope="module")
def two_tasks():
    parts = generated(9, 1, (1, 2, 3))
    return by_task(marked(parts.train), words_of(parts), 12)


def test_a_batch_is_of_one_task_and_tasks_come_evenly(two_tasks):
    stream = OneTaskAtATime(two_tasks, 4, 1)
    counts = Counter()
    for _ in range(300):
        batch = next(stream)
        assert len(batch.task.unique()) == 1
        counts[int(batch.task[0])] += 1
    assert set(counts) == {1, 2, 3}
    assert min(counts.values()) > 100 - 4 * (300 * 2 / 9) ** 0.5


def test_a_pass_holds_every_question_once(two_tasks):
    one = two_tasks[2]
    stream = OneTaskAtATime({2: one}, 7, 3)
    assert stream.epoch == -(-len(one) // 7)

    def a_pass():
        batches = [next(stream) for _ in range(stream.epoch)]
        assert [len(batch.answer) for batch in batches[:-1]] == [7] * (stream.epoch - 1)
        return [tuple(row.flatten().tolist()) for batch in batches for row in told_wide(batch)]

    first, second = a_pass(), a_pass()
    whole = told_wide(told(one.batch(range(len(one)))))
    assert sorted(first) == sorted(second) == sorted(tuple(row.flatten().tolist()) for row in whole)
    assert first != second


def told_wide(batch):
    """Stories padded to one width, with question and answer."""
    story = torch.nn.functional.pad(batch.story, (0, 0, 0, 12 - batch.story.shape[1]))
    return torch.cat([story.flatten(1), batch.question, batch.answer.unsqueeze(1)], 1)


def test_a_stream_goes_on_where_it_was(two_tasks):
    stream = OneTaskAtATime(two_tasks, 5, 2, pad=True)
    for _ in range(40):
        next(stream)
    state = stream.state_dict()
    wanted = [next(stream) for _ in range(20)]
    other = OneTaskAtATime(two_tasks, 5, 2, pad=True)
    other.load_state_dict(state)
    for batch in wanted:
        assert all(torch.equal(a, b) for a, b in zip(batch, next(other), strict=True))
        assert batch.story.shape[1] == int(two_tasks[int(batch.task[0])].lengths.max())


def test_errors_by_hand():
    right = torch.tensor([True, False, True, True, *[True] * 19, False])
    task = torch.tensor([1, 1, 4, 4, *[7] * 20])
    found = errors(right, task)
    # Half of task 1, none of task 4, one of twenty of task 7: 5 %, which has not failed.
    assert found == pytest.approx(
        {"mean_error": 55 / 3, "failed": 1, "error_task_1": 50, "error_task_4": 0, "error_task_7": 5}
    )


@pytest.fixture
def files(tmp_path):
    """Files of bAbI's form, of two tasks; task 3's training file is only in its small size."""
    folder = tmp_path / "en-valid-10k"
    folder.mkdir()
    (tmp_path / "en").mkdir()
    for task in (1, 3):
        for seed, partition in enumerate(("train", "valid", "test")):
            made = generated(4, 5 * task + seed, (task,)).train
            (folder / f"qa{task}_{partition}.txt").write_text(text([story for _, story in made]))
    small = (folder / "qa3_train.txt").rename(tmp_path / "en" / "qa3_three-supporting-facts_train.txt")
    with open(small, "a") as more:
        more.write((folder / "qa3_valid.txt").read_text())
    return tmp_path


def test_the_split_of_the_files_is_kept_and_task_3_completed(files, monkeypatch):
    monkeypatch.setattr("memlib.tasks.babi_joint.TASK_3_STORIES", 8)
    parts = load(files, (1, 3))
    first = list(babi.read(files, 1, "train"))
    assert [story for task, story in parts.train if task == 1] == first
    held = [story for task, story in parts.valid if task == 3]
    third = [story for task, story in parts.train if task == 3]
    genuine = len(list(babi.read(files, 3, "train", "en"))) - len(held)
    assert len(third) == 8
    assert not set(held) & set(third[:genuine])
    assert parts.differs == [f"{8 - genuine} of 8 training stories of task 3 are simulated"]
    assert parts.source == "bAbI v1.2 en-valid-10k"
    (files / "en-valid-10k" / "qa1_train.txt").unlink()
    with pytest.raises(DataError, match="train of bAbI task 1 was not found"):
        load(files, (1, 3))


def test_the_simulator_of_task_1_will_do():
    parts = generated(5, 2, (1,))
    batch = next(OneTaskAtATime(by_task(marked(parts.train), words_of(parts)), 3, 1))
    lines = batch.words(0, words_of(parts))
    assert lines[-2].endswith(" ?")
    assert all(line.endswith(" .") for line in lines[:-2])
    assert lines[-1] in {place.lower() for place in babi_world.PLACES}


@pytest.mark.data
def test_the_real_files_counts():
    if (root := find("babi", "en-valid-10k")) is None:
        pytest.skip("needs MEMLIB_DATA with bAbI's folder en-valid-10k")
    parts = load(root, (1, 18, 20))
    counts = Counter(task for task, story in parts.train for _ in story.questions)
    assert (counts[1], counts[18], counts[20]) == (9_000, 8_996, 9_002)
    assert [sum(len(story.questions) for _, story in part) for part in (parts.valid, parts.test)] == [3_002, 3_000]
    third = [(3, story) for story in babi.read(root, 3, "test")]
    ids = words_of(parts._replace(train=third))
    test = by_task(marked([*third, *parts.test]), ids, of_task_3=130)
    assert {task: len(one) for task, one in test.items()} == {1: 1_000, 3: 1_000, 18: 1_000, 20: 1_000}
    assert int(test[3].lengths.max()) == 130
    assert int(test[18].lengths.max()) <= 70
