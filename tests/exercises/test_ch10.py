"""Chapter 10: what a card says where a result is nearly right, or of another type."""

import torch

from memlib.exercises import ch10
from tests.exercises import answers_ch10, answers_ch10_pencil


def test_a_tensor_with_one_entry_is_told_to_become_a_float():
    for card in (
        ch10.check_best_decay(lambda age: torch.tensor(age / (age + 1), dtype=torch.float64).sqrt()),
        ch10.check_stable_strength(lambda key: 2 / (key @ key)),
    ):
        assert card.code == "type"
        assert card.hint.startswith("Add `.item()`")
        assert "off as well" not in card.message


def test_a_whole_number_is_told_not_to_round():
    assert ch10.check_best_decay(lambda age: 1).hint == "Return a float; do not round."


def test_a_complex_number_is_told_to_drop_its_second_half():
    assert ch10.check_best_decay(lambda age: complex(age, 0)).hint.startswith("Take the real part")


def test_a_search_is_told_that_a_formula_exists():
    card = ch10.check_best_decay(answers_ch10_pencil.by_search)
    assert card.code == "precision"
    assert "the exact answer is a formula" in card.hint


def test_powers_of_whole_ages_are_told_from_other_roundings():
    card = ch10.check_read_all_at_once(answers_ch10.whole_ages)
    assert "whole numbers is float32" in card.message
    rounded = ch10.check_read_all_at_once(
        lambda *given: answers_ch10.read_all_at_once(*given).float().double(),
    )
    assert rounded.code == "precision"
