"""What a card says where a function should return several results, or a float."""

import math

import pytest
import torch

from memlib.exercises.ch03 import check_dual_read, check_key_similarity, check_parameters, check_step
from memlib.exercises.compare import same
from memlib.exercises.words import value
from tests.exercises.answers_ch03 import dual_read, step
from tests.exercises.answers_ch03_keys import similarity


def test_one_result_too_few_is_told_with_the_names():
    card = check_step(lambda m, k, c, p: step(m, k, c, p)[0])
    assert card.code == "results"
    assert "Expected 2 results, (new_state, new_memory); got a tensor of shape [5]" in card.message
    assert card.hint == "End with `return new_state, new_memory`."


def test_the_wrong_one_of_two_is_named_and_the_right_one_too():
    card = check_step(lambda m, k, c, p: (step(m, k, c, p)[0], step(m, k, c, p)[1].mean(0)))
    assert card.message == ("`new_memory`: Wrong shape: expected [3, 5], got [5]. Your `new_state` is right.")
    assert dict(card.details)["got"] == "a tensor of shape [5] and dtype complex128"
    card = check_dual_read(lambda o, s, k, p: (dual_read(o, s, k, p)[0] + 1, dual_read(o, s, k, p)[1]))
    assert card.message == "`state`: Right shape, but wrong values. Your `phi` is right."


def test_a_list_of_results_is_taken():
    assert check_dual_read(lambda *given: list(dual_read(*given))).status == "passed"


def test_the_example_of_a_step_is_shown_with_its_cell():
    card = check_step(lambda m, k, c, p: (step(m, k, c, p)[0], m + k[p] * step(m, k, c, p)[0]))
    assert card.code == "writes-state"
    assert card.details == (
        (
            "for example",
            "memory = [[2, 4j], [6j, 8]], key = [1, 1j], cell = s -> s/2 + 1, permutations = [[0, 1], [1, 0]]",
        ),
        ("expected", "([3, 4], [[1, 2j], [5j, 6]])"),
        ("got", "([3, 4], [[5, 8j], [9j, 12]])"),
    )


@pytest.mark.parametrize("wrap", [torch.tensor, complex, lambda number: torch.tensor(complex(number))])
def test_a_number_that_is_no_float_is_told_and_not_called_wrong(wrap):
    card = check_key_similarity(lambda keys: wrap(similarity(keys)))
    assert card.code == "type"
    assert card.message.startswith("Expected a number (float), got ")
    assert "off" not in card.message
    assert "`.item()`" in card.hint
    assert "The value is off as well" in check_key_similarity(lambda keys: wrap(similarity(keys) + 1)).message


def test_a_wrong_float_and_one_that_is_none():
    card = check_key_similarity(lambda keys: 0.25)
    assert card.code == "wrong-value"
    assert card.message.startswith("For keys [2, 5], expected ")
    assert card.message.endswith(", got 0.25.")
    assert "table of all cosines" in card.hint
    assert check_key_similarity(lambda keys: math.nan).code == "wrong-value"


def test_the_advice_of_an_exercise_takes_the_place_of_the_general_hint():
    assert check_parameters(lambda inputs, hidden: 7 + hidden).hint.startswith("Count layer by layer")


def test_several_results_are_compared_one_by_one():
    pair = (torch.ones(2), 3)
    assert same((torch.ones(2), 3), pair)
    assert same([torch.ones(2), 3], pair)
    for other in ((torch.ones(2), 4), (torch.zeros(2), 3), (torch.ones(2),), torch.ones(2), None):
        assert not same(other, pair)
    assert value((torch.tensor([1.0]), 1 / 3, 0.5)) == "([1], 0.3333, 0.5)"
