"""Checks of chapter 7, memory networks."""

from memlib.exercises.ch07.count_weights import check_count_weights
from memlib.exercises.ch07.encode import check_encode
from memlib.exercises.ch07.hop import check_hop
from memlib.exercises.ch07.importance import check_importance
from memlib.exercises.ch07.pass_on import check_pass_on

__all__ = [
    "check_count_weights",
    "check_encode",
    "check_hop",
    "check_importance",
    "check_pass_on",
]
