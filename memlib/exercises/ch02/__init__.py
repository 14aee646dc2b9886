"""Checks of chapter 2, holographic memory."""

from memlib.exercises.ch02.bound import check_bound
from memlib.exercises.ch02.circular_convolution import check_circular_convolution
from memlib.exercises.ch02.copies import check_copies
from memlib.exercises.ch02.overwrite import check_overwrite
from memlib.exercises.ch02.redundant_read import check_redundant_read
from memlib.exercises.ch02.unbind import check_unbind

__all__ = [
    "check_bound",
    "check_circular_convolution",
    "check_copies",
    "check_overwrite",
    "check_redundant_read",
    "check_unbind",
]
