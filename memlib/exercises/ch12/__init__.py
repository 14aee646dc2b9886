"""Checks of chapter 12, fast weights that explore."""

from memlib.exercises.ch12.act import check_act
from memlib.exercises.ch12.entropy import check_entropy
from memlib.exercises.ch12.policy_loss import check_policy_loss
from memlib.exercises.ch12.reachable import check_reachable
from memlib.exercises.ch12.returns import check_returns

__all__ = [
    "check_act",
    "check_entropy",
    "check_policy_loss",
    "check_reachable",
    "check_returns",
]
