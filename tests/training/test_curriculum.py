"""Lessons: when the next one begins, how often the earlier ones come back, and that a checkpoint holds all of it."""

import pytest
import torch

from memlib.training.curriculum import Lessons, Promotion


def lessons(count: int = 3, seed: int = 1, review: float = 0.25) -> Lessons:
    """A batch is the lesson's number and a random one."""
    made = [lambda generator, n=n: (n, torch.rand((), generator=generator).item()) for n in range(count)]
    return Lessons(made, seed, review)


def test_the_next_lesson_begins_when_this_one_is_learned() -> None:
    stream = lessons()
    promotion = Promotion(stream, 90.0)
    assert {next(stream)[0] for _ in range(30)} == {0}
    for figure, lesson in ((89.9, 0), (90.0, 1), (95.0, 2), (99.0, 2)):
        stream.examined(figure)
        promotion.after_validation(0.0, 1, None)
        assert stream.lesson == lesson
    # Without a new figure nothing happens.
    other = lessons()
    assert not other.advance(0.0)


def test_earlier_lessons_come_back_as_often_as_told() -> None:
    stream = lessons()
    stream.lesson = 2
    drawn = [next(stream)[0] for _ in range(2000)]
    share = [drawn.count(lesson) / len(drawn) for lesson in range(3)]
    # A quarter, shared by two: four standard deviations are 0.03 and 0.04.
    assert share[0] == pytest.approx(0.125, abs=0.03)
    assert share[1] == pytest.approx(0.125, abs=0.03)
    assert share[2] == pytest.approx(0.75, abs=0.04)
    assert {next(lessons(review=0.0))[0] for _ in range(5)} == {0}


def test_a_checkpoint_goes_on_with_the_very_next_batch() -> None:
    stream = lessons()
    for _ in range(5):
        next(stream)
    stream.examined(100.0)
    state = stream.state_dict()
    other = lessons(seed=9)
    other.load_state_dict(state)
    for one in (stream, other):
        assert one.advance(50.0)
    assert [next(stream) for _ in range(20)] == [next(other) for _ in range(20)]
    assert other.lesson == 1


def test_wrong_settings_are_said_in_words() -> None:
    with pytest.raises(ValueError, match="at least one lesson"):
        Lessons([], 1)
    with pytest.raises(ValueError, match="0 <= review <= 1"):
        lessons(review=1.5)
