"""Every exercise: its stub, a right answer, the wrong ones that people give, and what a function can do besides."""

import importlib
import inspect
import time

import pytest
import torch

from memlib.exercises import ch01, ch02, ch03, ch04, ch05, ch06, ch07, ch08, ch09, ch10, ch11, ch12, ch13, ch14, ch15
from memlib.exercises.compare import same
from memlib.exercises.exercise import ANYTHING
from tests.exercises import (
    answers_ch01,
    answers_ch02,
    answers_ch02_copies,
    answers_ch03,
    answers_ch04,
    answers_ch05,
    answers_ch06,
    answers_ch07,
    answers_ch08,
    answers_ch09,
    answers_ch10,
    answers_ch11,
    answers_ch12,
    answers_ch13,
    answers_ch14,
    answers_ch15,
)

CHAPTERS = (
    answers_ch01,
    answers_ch02,
    answers_ch03,
    answers_ch04,
    answers_ch05,
    answers_ch06,
    answers_ch07,
    answers_ch08,
    answers_ch09,
    answers_ch10,
    answers_ch11,
    answers_ch12,
    answers_ch13,
    answers_ch14,
    answers_ch15,
)
ALL = tuple(answers for chapter in CHAPTERS for answers in chapter.ALL)
LIBRARY = {name: function for chapter in CHAPTERS for name, function in chapter.LIBRARY.items()}
EVERY = pytest.mark.parametrize("answers", ALL, ids=lambda a: a.name)
WRONG = [
    pytest.param(answers, code, function, id=f"{answers.name}-{number}-{code}")
    for answers in ALL
    for number, (code, function) in enumerate(answers.wrong)
]


def exercise_of(answers):
    module = importlib.import_module(answers.check.__module__)
    return getattr(module, answers.name.upper())


def test_every_check_has_answers():
    tested = {answers.check for answers in ALL}
    chapters = (ch01, ch02, ch03, ch04, ch05, ch06, ch07, ch08, ch09, ch10, ch11, ch12, ch13, ch14, ch15)
    assert tested == {getattr(chapter, name) for chapter in chapters for name in chapter.__all__}
    for chapter in chapters:
        assert len(chapter.__all__) >= 4


@EVERY
def test_a_stub_is_not_attempted(answers):
    def raises(*arguments):
        """A docstring."""
        raise NotImplementedError

    def with_words(*arguments):
        raise NotImplementedError("your turn")

    def dots(*arguments): ...

    def returns_dots(*arguments):
        result = ...
        return result

    for stub in (raises, with_words, dots, returns_dots, None, ...):
        card = answers.check(stub)
        assert (card.status, card.code) == ("not attempted", "stub")


@EVERY
def test_the_right_answer_passes(answers):
    card = answers.check(answers.right)
    assert (card.status, card.code) == ("passed", "passed"), repr(card)


@pytest.mark.parametrize("answers", [a for a in ALL if a.name in LIBRARY], ids=lambda a: a.name)
def test_the_librarys_function_passes(answers):
    assert answers.check(LIBRARY[answers.name]).status == "passed"


@pytest.mark.parametrize(("answers", "code", "function"), WRONG)
def test_a_wrong_answer_gets_its_hint(answers, code, function):
    card = answers.check(function)
    assert (card.status, card.code) == ("wrong", code), repr(card)
    assert card.message
    assert card.hint
    meant = {(m.message, m.hint) for m in exercise_of(answers).mistakes if m.code == code}
    assert not meant or (card.message, card.hint) in meant


@EVERY
def test_at_least_three_wrong_answers_are_named_and_every_mistake_is_given_once(answers):
    known = {mistake.code for mistake in exercise_of(answers).mistakes}
    given = {code for code, _ in answers.wrong}
    assert len(given & known) >= 3
    assert known <= given


@EVERY
def test_a_mistake_differs_from_the_truth_and_from_other_mistakes(answers):
    exercise = exercise_of(answers)
    cases = exercise.cases()

    def outcomes(function):
        results = []
        for case in cases:
            try:
                results.append(function(*case.fresh()))
            except Exception:
                results.append(ANYTHING)
        return results

    def alike(left, right):
        pairs = [(a, b) for a, b in zip(left, right, strict=True) if a is not ANYTHING and b is not ANYTHING]
        return all(same(a, b) for a, b in pairs)

    truth = outcomes(exercise.reference)
    table = [(mistake, outcomes(mistake.answer)) for mistake in exercise.mistakes]
    for number, (mistake, results) in enumerate(table):
        assert any(result is not ANYTHING for result in results), mistake.code
        assert not alike(results, truth), mistake.code
        for other, results_of_other in table[:number]:
            # Equal results are allowed where the first of the two is told by a function that it calls.
            told = mistake.code == other.code or (other.calls and not mistake.calls)
            assert told or not alike(results, results_of_other), (mistake.code, other.code)


@EVERY
def test_the_hint_names_the_check_itself(answers):
    assert f"`check_{answers.name}({exercise_of(answers).name})`" in answers.check(3).hint


@EVERY
def test_an_exception_is_told_with_its_line(answers):
    def clumsy(*arguments):
        total = len(arguments)
        return total / [0][0]

    card = answers.check(clumsy)
    assert (card.status, card.code) == ("wrong", "exception")
    for part in ("ZeroDivisionError", "line 3 of `clumsy`", "return total / [0][0]"):
        assert part in card.message


@EVERY
def test_a_wrong_signature_is_told(answers):
    expected = exercise_of(answers).arguments
    card = answers.check(lambda: None)
    assert (card.status, card.code) == ("wrong", "signature")
    assert "takes no arguments" in card.message
    assert ", ".join(expected) in card.message

    card = answers.check(lambda a, b, c, d, e, f: None)
    assert card.code == "signature"
    assert "takes 6 arguments" in card.message


@pytest.mark.parametrize("answers", [a for a in ALL if a.in_place], ids=lambda a: a.name)
def test_an_in_place_change_is_told(answers):
    card = answers.check(answers.in_place)
    assert (card.status, card.code) == ("wrong", "in-place")
    assert any(f"`{name}`" in card.message for name in exercise_of(answers).arguments)


def test_an_in_place_change_without_return_is_no_stub():
    assert ch01.check_delta_write(answers_ch01.delta_in_place_without_return).code == "in-place"


@EVERY
def test_a_check_is_quick_and_repeats(answers):
    for function in (answers.right, answers.wrong[0][1], answers.wrong[-1][1]):
        first, seconds = answers.check(function), []
        for _ in range(2):
            started = time.process_time()
            assert answers.check(function) == first
            seconds.append(time.process_time() - started)
        assert min(seconds) < 0.5


@EVERY
def test_the_state_of_torchs_randomness_is_left_alone(answers):
    before = torch.random.get_rng_state()
    answers.check(answers.right)
    assert torch.equal(torch.random.get_rng_state(), before)


@EVERY
def test_the_docstring_of_the_check_shows_the_signature(answers):
    exercise = exercise_of(answers)
    assert f"`{exercise.name}(" in inspect.getdoc(answers.check)
    for argument in exercise.arguments:
        assert argument in inspect.getdoc(answers.check)


def test_the_number_of_copies_is_exact():
    reference = exercise_of(answers_ch02.COPIES).reference
    for items in (1, 2, 3, 5, 9, 10, 33):
        for dim in (1, 2, 4, 7, 16, 64):
            for noise in (0.25, 0.5, 1.0, 1.1, 2.0, 2.375, 4.0, 8.0, 31.7, 32.0):
                assert reference(items, dim, noise) == answers_ch02_copies.copies_needed(items, dim, noise)
