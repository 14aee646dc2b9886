"""What the papers compare their memories with."""

from memlib.models.baselines.conditional_lstm import AttentiveLSTM, ConditionalLSTM

__all__ = ["AttentiveLSTM", "ConditionalLSTM"]
