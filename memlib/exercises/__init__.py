"""Checks of the exercises: `check_<name>(your_function)` shows a card that says what is right or wrong, in words.

One package a chapter (`ch01`, `ch02`, ...), one file an exercise: its cases, the library's function that it is compared
with, and the mistakes that people really make. No solution stands here; they stand in the chapters.
"""

from memlib.exercises.card import Card

__all__ = ["Card"]
