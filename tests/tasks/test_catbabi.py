"""catbAbI: the published counts on the real files, the parser, the stream of windows."""

from itertools import pairwise

import pytest
import torch

from memlib.data import DataError, find
from memlib.tasks import catbabi
from memlib.tasks.catbabi_stream import Encoded, StoryStream, in_order, in_parts

TEXT = """1 Mary went to the Kitchen.
2 Where is Mary? \tkitchen\t1
1 The office is north of the hall.
2 The den is west of the office.
3 How do you go from hall to den? \tn,w\t1 2
4 John left.
1 Last one.
2 Is it lost? \tyes\t1
"""
SECOND = (
    "the office is north of the hall . the den is west of the office . how do you go from hall to den ? n,w john left ."
)
SAMPLES = [
    (7, ["mary", "went", "to", "the", "kitchen", ".", "where", "is", "mary", "?", "kitchen"]),
    (7, SECOND.split(" ")),
]
# Stories and questions of the training files, task 1 to 20.
TRAIN = [(1799, 8995)] * 20
TRAIN[3] = TRAIN[15] = TRAIN[18] = (8999, 8999)
TRAIN[14], TRAIN[16], TRAIN[17], TRAIN[19] = (2249, 8996), (1124, 8992), (1780, 8991), (839, 8998)


def real():
    if (root := find("babi", "en-valid-10k")) is None:
        pytest.skip("bAbI is not on this machine: memlib data babi")
    return root / "en-valid-10k"


@pytest.mark.data
def test_the_published_counts_of_validation_and_test():
    root = real()
    valid, test = catbabi.stories(root, "valid"), catbabi.stories(root, "test")
    assert (len(valid), valid.questions, valid.tokens) == (6_245, 19_907, 577_139)
    assert (len(test), test.questions, test.tokens) == (6_247, 19_910, 571_900)
    assert not valid.differs
    assert [task for task, _ in test] == sorted(task for task, _ in test)


@pytest.mark.data
def test_the_published_counts_of_training():
    train = catbabi.stories(real(), "train")
    assert (len(train), train.questions) == (56_376, 179_909)
    for task in catbabi.TASKS:
        words = [words for number, words in train if number == task]
        assert (len(words), sum(one.count("?") for one in words)) == TRAIN[task - 1]
    assert sum(len(words) + 1 for task, words in train if task != 3) == 4_318_536
    third = sum(len(words) + 1 for task, words in train if task == 3)
    assert third == pytest.approx(880_000, rel=0.04)
    assert bool(train.simulated) == bool(train.differs)
    if train.simulated:
        assert train.differs == [f"{train.simulated:,} of 1,799 training stories of task 3 are simulated"]
    ids = catbabi.vocabulary(catbabi.stories(real(), "test"), catbabi.stories(real(), "valid"), train)
    assert len(ids) == catbabi.VOCABULARY


def test_a_file_becomes_stories():
    assert catbabi.parse(TEXT, 7) == SAMPLES
    assert len(catbabi.parse(TEXT, 7, keep_last=True)) == 3
    with pytest.raises(ValueError, match="the file, line 2: expected a sentence that ends with a full stop"):
        catbabi.parse("1 All is well.\n2 No tabs?\n", 1, "the file")
    with pytest.raises(ValueError, match="line 1: expected a line number"):
        catbabi.parse("Where is it?\n", 1)


def test_what_is_missing_is_said(tmp_path):
    with pytest.raises(DataError, match="valid of bAbI task 1 was not found"):
        catbabi.stories(tmp_path, "valid")
    with pytest.raises(ValueError, match="expected a partition of train, valid, test; got 'dev'"):
        catbabi.stories(tmp_path, "dev")


def _files(folder, third):
    for task in catbabi.TASKS:
        if task != 3 or third:
            (folder / f"qa{task}_train.txt").write_text(TEXT)


def test_task_3_is_completed_where_its_training_file_is_missing(tmp_path):
    _files(tmp_path, third=False)
    train = catbabi.stories(tmp_path, "train")
    assert len(train) == 19 * 2 + 1_799
    assert train.simulated == 1_799
    assert sum(words.count("?") for task, words in train if task == 3) == 8_995


def test_the_genuine_file_of_task_3_is_used_when_found(tmp_path):
    _files(tmp_path, third=True)
    train = catbabi.stories(tmp_path, "train")
    assert len(train) == 20 * 2
    assert train.simulated == 0
    assert not train.differs


def test_ids_in_order_of_first_appearance():
    ids = catbabi.vocabulary(SAMPLES)
    assert list(ids)[:8] == ["<pad>", "<eos>", "mary", "went", "to", "the", "kitchen", "."]
    assert sorted(ids.values()) == list(range(len(ids)))
    with pytest.raises(ValueError, match="a story of task 7 has a word without an id: 'office'"):
        Encoded(SAMPLES, catbabi.vocabulary(SAMPLES[:1]))


def encoded(count=30, seed=1):
    samples = catbabi.generated(count, seed)
    ids = catbabi.vocabulary(samples)
    return Encoded(samples, ids), ids, samples


def joined(windows):
    """What each row reads, without padding; and the targets."""
    windows = list(windows)
    rows = []
    for row in range(len(windows[0].tokens)):
        tokens = torch.cat([window.tokens[row] for window in windows])
        targets = torch.cat([window.targets[row] for window in windows])
        rows.append((tokens[tokens != 0].tolist(), targets[targets != 0].tolist()))
    return rows


def test_one_row_reads_all_stories_in_order_and_predicts_the_next_word():
    data, ids, samples = encoded()
    ((tokens, targets),) = joined(in_order(data, 1, 50))
    expected = [one for _, words in samples for one in (1, *(ids[word] for word in words))]
    assert tokens == expected
    assert targets == [*expected[1:], 1]


@pytest.mark.parametrize("windows", [in_order, in_parts])
def test_every_word_comes_once_whatever_the_number_of_rows(windows):
    data, _, samples = encoded()
    seen = list(windows(data, 4, 50))
    rows = joined(seen)
    assert sum(len(tokens) for tokens, _ in rows) == samples.tokens
    assert sum(int(window.counted("lm").sum()) for window in seen) == samples.tokens
    assert sum(int(window.counted("qa").sum()) for window in seen) == samples.questions
    for tokens, targets in rows:
        assert targets == [*tokens[1:], 1]
    if windows is in_parts:
        assert [token for tokens, _ in rows for token in tokens] == joined(in_order(data, 1, 50))[0][0]
    last = seen[-1]
    assert last.mask is not None
    assert torch.equal(last.mask, last.tokens != 0)
    assert torch.equal(last.mask, last.targets != 0)
    assert torch.equal(last.mask, last.tasks != 0)


def test_answers_are_the_targets_of_question_marks():
    data, ids, samples = encoded()
    words = {number: word for word, number in ids.items()}
    answers = {}
    for window in in_order(data, 3, 40):
        assert window.tokens.shape == (3, 40)
        for target, task in zip(window.targets[window.answers], window.tasks[window.answers], strict=True):
            answers.setdefault(int(task), []).append(words[int(target)])
    told = {}
    for task, story in samples:
        told.setdefault(task, []).extend(b for a, b in pairwise(story) if a == "?")
    assert {task: sorted(given) for task, given in answers.items()} == {t: sorted(a) for t, a in told.items()}
    with pytest.raises(ValueError, match="expected a mode of qa, lm; got 'all'"):
        window.counted("all")


def test_the_shortest_row_gets_the_next_story():
    data, _, _ = encoded(4)
    ends = [0, 0]
    for index in range(len(data)):
        row = ends.index(min(ends))
        if min(ends) >= 4 * 10:
            break
        ends[row] += data.starts[index + 1] - data.starts[index]
    first = next(iter(in_order(data, 2, 10)))
    assert first.tokens[0].tolist() == data.words[:10].tolist()
    assert first.tokens[1].tolist() == data.words[data.starts[1] : data.starts[1] + 10].tolist()


def test_training_windows_never_end_and_each_epoch_holds_every_story_once():
    data, _, samples = encoded(10)
    stream = StoryStream(data, 2, 25, seed=3)
    while stream.epoch < 2:
        window = next(stream)
        assert window.mask is None
        assert bool((window.tokens != 0).all())
    first, second = (StoryStream(data, 2, 25, seed=seed).order for seed in (3, 4))
    assert sorted(first) == sorted(second) == list(range(len(samples)))
    assert first != second
    assert stream.order != first


def test_a_training_stream_goes_on_where_it_was_left():
    data, _, _ = encoded(10)
    stream = StoryStream(data, 3, 20, seed=1)
    for _ in range(17):
        next(stream)
    state = stream.state_dict()
    after = [next(stream) for _ in range(40)]
    other = StoryStream(data, 3, 20, seed=9)
    other.load_state_dict(state)
    for window in after:
        again = next(other)
        assert torch.equal(window.tokens, again.tokens)
        assert torch.equal(window.targets, again.targets)
    with pytest.raises(ValueError, match="expected the state of 2 rows, got 3"):
        StoryStream(data, 2, 20, seed=1).load_state_dict(state)
