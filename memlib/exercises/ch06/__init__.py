"""Checks of chapter 6, the Differentiable Neural Computer."""

from memlib.exercises.ch06.in_use import check_in_use
from memlib.exercises.ch06.offer import check_offer
from memlib.exercises.ch06.queue import check_queue
from memlib.exercises.ch06.read_at import check_read_at
from memlib.exercises.ch06.relink import check_relink

__all__ = ["check_in_use", "check_offer", "check_queue", "check_read_at", "check_relink"]
