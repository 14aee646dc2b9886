from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.tasks import babi
from memlib.tasks.babi import read, text
from memlib.tasks.babi_world import simulate
from tests.tasks.solver import solve


@settings(max_examples=20, deadline=None)
@given(task=st.sampled_from([1, 2]), seed=st.integers(0, 2**31))
def test_written_and_read_again_the_stories_are_the_same(task, seed, tmp_path_factory):
    stories = simulate(task, 5, seed)
    file = tmp_path_factory.mktemp("world") / f"qa{task}_train.txt"
    file.write_text(text(stories))
    assert read(file, task, "train") == stories


@pytest.mark.parametrize("task", [1, 2])
def test_an_independent_solver_finds_every_answer(task):
    for story in simulate(task, 200, seed=11):
        for question in story.questions:
            assert solve([str(line) for line in story.before(question)], str(question)) == question.answer


@pytest.mark.parametrize("task", [1, 2])
def test_the_supporting_lines_alone_give_the_answer(task):
    for story in simulate(task, 200, seed=12):
        for question in story.questions:
            support = sorted(question.support)
            # An object is dropped only after it was taken: the solver needs to see somebody take it first.
            lines = [str(story.lines[number - 1]) for number in support]
            if task == 2 and any(isinstance(babi.fact(story.lines[n - 1]), babi.Dropped) for n in support):
                drop = babi.fact(story.lines[support[-1] - 1])
                lines.insert(0, f"{drop.person} took the {drop.thing} there.")
            assert solve(lines, str(question)) == question.answer


def test_the_same_seed_gives_the_same_stories():
    assert simulate(2, 10, seed=3) == simulate(2, 10, seed=3)
    assert simulate(2, 10, seed=3) != simulate(2, 10, seed=4)


def test_the_shape_of_task_1():
    stories = simulate(1, 200, seed=1)
    assert stories.source == "simulated"
    for story in stories:
        assert [isinstance(line, babi.Question) for line in story.lines] == [False, False, True] * 5


def test_task_2_resembles_the_real_file():
    # Shares of the real training file: 65 % moves, 20 % takes, 15 % drops; 26.9 lines a story on average.
    stories = simulate(2, 500, seed=1)
    kinds = Counter(type(babi.fact(line)) for story in stories for line in story.statements)
    total = sum(kinds.values())
    assert kinds[babi.Moved] / total == pytest.approx(0.65, abs=0.06)
    assert kinds[babi.Took] / total == pytest.approx(0.20, abs=0.04)
    assert kinds[babi.Dropped] / total == pytest.approx(0.15, abs=0.04)
    assert sum(len(story.lines) for story in stories) / 500 == pytest.approx(26.9, abs=4)
    assert all(len(story.questions) == 5 for story in stories)


def test_nobody_walks_to_where_they_are():
    for story in simulate(1, 100, seed=2):
        at = {}
        for statement in story.statements:
            person, place = babi.fact(statement)
            assert at.get(person) != place
            at[person] = place


@pytest.mark.parametrize(("task", "count"), [(3, 5), (1, 0)])
def test_bad_settings(task, count):
    with pytest.raises(ValueError, match=r"expected (task 1 or 2|count as a whole number of at least 1), got"):
        simulate(task, count)
