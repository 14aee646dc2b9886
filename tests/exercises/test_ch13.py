"""Chapter 13: answers that are right in all but their precision pass, and hints fit what was written."""

import torch

from memlib.exercises import ch13


def test_a_cache_in_float32_passes():
    def cache_mixture(unigram, recent, share):
        if len(recent) == 0:
            return unigram
        # Whole numbers times a float are float32.
        return (1 - share) * unigram + share * torch.bincount(recent, minlength=len(unigram)) / len(recent)

    assert ch13.check_cache_mixture(cache_mixture).status == "passed"


def test_rows_that_are_not_joined_are_told_of_stack():
    def batchify(ids, rows):
        length = len(ids) // rows
        return [ids[row * length : (row + 1) * length] for row in range(rows)]

    card = ch13.check_batchify(batchify)
    assert card.code == "type"
    assert "torch.stack" in card.hint
    assert "torch.stack" in ch13.check_batchify(lambda ids, rows: tuple(batchify(ids, rows))).hint


def test_a_wrong_error_is_not_answered_with_the_gain_alone():
    def paired_gain(plain, memory, first, later):
        gain = (plain - memory) / 0.6931471805599453
        return (gain[later].mean() - gain[first].mean()).item(), 1.0

    card = ch13.check_paired_gain(paired_gain)
    assert "`gain` is right" in card.message
    assert "error" in card.hint
