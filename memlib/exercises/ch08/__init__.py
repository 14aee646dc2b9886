"""Checks of chapter 8, outer-product attention."""

from memlib.exercises.ch08.free_numbers import check_free_numbers
from memlib.exercises.ch08.outer_attention import check_outer_attention
from memlib.exercises.ch08.pull_apart import check_pull_apart
from memlib.exercises.ch08.read_back import check_read_back
from memlib.exercises.ch08.relate import check_relate

__all__ = [
    "check_free_numbers",
    "check_outer_attention",
    "check_pull_apart",
    "check_read_back",
    "check_relate",
]
