"""Checks of chapter 14, adaptive computation time."""

from memlib.exercises.ch14.pondered import check_pondered
from memlib.exercises.ch14.rows_saved import check_rows_saved
from memlib.exercises.ch14.slope import check_slope
from memlib.exercises.ch14.spend import check_spend
from memlib.exercises.ch14.stop_chances import check_stop_chances

__all__ = [
    "check_pondered",
    "check_rows_saved",
    "check_slope",
    "check_spend",
    "check_stop_chances",
]
