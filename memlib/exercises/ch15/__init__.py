"""Checks of chapter 15, soft programs."""

from memlib.exercises.ch15.average_rows import check_average_rows
from memlib.exercises.ch15.choose_softly import check_choose_softly
from memlib.exercises.ch15.count_programs import check_count_programs
from memlib.exercises.ch15.run_softly import check_run_softly
from memlib.exercises.ch15.score_gradient import check_score_gradient

__all__ = [
    "check_average_rows",
    "check_choose_softly",
    "check_count_programs",
    "check_run_softly",
    "check_score_gradient",
]
