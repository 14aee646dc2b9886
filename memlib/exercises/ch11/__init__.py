"""Checks of chapter 11, fast-weight memory."""

from memlib.exercises.ch11.chained_read import check_chained_read
from memlib.exercises.ch11.fade import check_fade
from memlib.exercises.ch11.product_gram import check_product_gram
from memlib.exercises.ch11.square_norm import check_square_norm
from memlib.exercises.ch11.tensor_write import check_tensor_write

__all__ = [
    "check_chained_read",
    "check_fade",
    "check_product_gram",
    "check_square_norm",
    "check_tensor_write",
]
