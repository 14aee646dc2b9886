"""Checks of chapter 13, fast weights in language."""

from memlib.exercises.ch13.batchify import check_batchify
from memlib.exercises.ch13.cache_mixture import check_cache_mixture
from memlib.exercises.ch13.paired_gain import check_paired_gain
from memlib.exercises.ch13.perplexity import check_perplexity
from memlib.exercises.ch13.truncated_gradient import check_truncated_gradient

__all__ = [
    "check_batchify",
    "check_cache_mixture",
    "check_paired_gain",
    "check_perplexity",
    "check_truncated_gradient",
]
