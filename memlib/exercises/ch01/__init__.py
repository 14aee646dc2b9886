"""Checks of chapter 1, associative memory."""

from memlib.exercises.ch01.capacity import check_capacity
from memlib.exercises.ch01.crosstalk import check_crosstalk
from memlib.exercises.ch01.delta_write import check_delta_write
from memlib.exercises.ch01.modern_hopfield import check_modern_hopfield
from memlib.exercises.ch01.recall import check_recall

__all__ = ["check_capacity", "check_crosstalk", "check_delta_write", "check_modern_hopfield", "check_recall"]
