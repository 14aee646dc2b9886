"""What the papers compare their memories with."""

from memlib.models.baselines.attentional_lstm import AttentionalLSTM
from memlib.models.baselines.ba_fast_weights import BaFastWeights, BaFastWeightsConfig
from memlib.models.baselines.conditional_lstm import AttentiveLSTM, ConditionalLSTM
from memlib.models.baselines.metalearned_memory import MetalearnedNeuralMemory, MNMConfig
from memlib.models.baselines.residual_lstm import LSTM, LSTMConfig
from memlib.models.baselines.small_transformer import SmallTransformer, SmallTransformerConfig
from memlib.models.baselines.story_transformer import StoryTransformer, StoryTransformerConfig
from memlib.models.baselines.token_model import Reading, TokenModel, detach
from memlib.models.baselines.transformer_xl import TransformerXL, TransformerXLConfig

__all__ = [
    "LSTM",
    "AttentionalLSTM",
    "AttentiveLSTM",
    "BaFastWeights",
    "BaFastWeightsConfig",
    "ConditionalLSTM",
    "LSTMConfig",
    "MNMConfig",
    "MetalearnedNeuralMemory",
    "Reading",
    "SmallTransformer",
    "SmallTransformerConfig",
    "StoryTransformer",
    "StoryTransformerConfig",
    "TokenModel",
    "TransformerXL",
    "TransformerXLConfig",
    "detach",
]
