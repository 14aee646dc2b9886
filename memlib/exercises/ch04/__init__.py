"""Checks of chapter 4, attention."""

from memlib.exercises.ch04.additive_scores import check_additive_scores
from memlib.exercises.ch04.masked_softmax import check_masked_softmax
from memlib.exercises.ch04.reinforce import check_reinforce
from memlib.exercises.ch04.reversal_matrix import check_reversal_matrix
from memlib.exercises.ch04.temperature_for import check_temperature_for

__all__ = [
    "check_additive_scores",
    "check_masked_softmax",
    "check_reinforce",
    "check_reversal_matrix",
    "check_temperature_for",
]
