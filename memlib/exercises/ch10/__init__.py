"""Checks of chapter 10, fast weights."""

from memlib.exercises.ch10.best_decay import check_best_decay
from memlib.exercises.ch10.corrections import check_corrections
from memlib.exercises.ch10.linear_attention import check_linear_attention
from memlib.exercises.ch10.read_all_at_once import check_read_all_at_once
from memlib.exercises.ch10.stable_strength import check_stable_strength

__all__ = [
    "check_best_decay",
    "check_corrections",
    "check_linear_attention",
    "check_read_all_at_once",
    "check_stable_strength",
]
