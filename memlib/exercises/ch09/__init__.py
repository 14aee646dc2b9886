"""Checks of chapter 9, two memories."""

from memlib.exercises.ch09.ask_relations import check_ask_relations
from memlib.exercises.ch09.hand_on import check_hand_on
from memlib.exercises.ch09.tour_length import check_tour_length
from memlib.exercises.ch09.untrained_rank import check_untrained_rank
from memlib.exercises.ch09.write_item import check_write_item

__all__ = [
    "check_ask_relations",
    "check_hand_on",
    "check_tour_length",
    "check_untrained_rank",
    "check_write_item",
]
