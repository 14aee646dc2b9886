"""Checks of chapter 5, the Neural Turing Machine."""

from memlib.exercises.ch05.find import check_find
from memlib.exercises.ch05.move import check_move
from memlib.exercises.ch05.program import check_program
from memlib.exercises.ch05.sharpened import check_sharpened
from memlib.exercises.ch05.written import check_written

__all__ = ["check_find", "check_move", "check_program", "check_sharpened", "check_written"]
