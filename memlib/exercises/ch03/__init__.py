"""Checks of chapter 3, memories of two sequences."""

from memlib.exercises.ch03.crossover import check_crossover
from memlib.exercises.ch03.dual_read import check_dual_read
from memlib.exercises.ch03.key_similarity import check_key_similarity
from memlib.exercises.ch03.parameters import check_parameters
from memlib.exercises.ch03.second_read import check_second_read
from memlib.exercises.ch03.step import check_step

__all__ = [
    "check_crossover",
    "check_dual_read",
    "check_key_similarity",
    "check_parameters",
    "check_second_read",
    "check_step",
]
