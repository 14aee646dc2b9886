"""What the papers compare their memories with."""

from memlib.models.baselines.attentional_lstm import AttentionalLSTM
from memlib.models.baselines.ba_fast_weights import BaFastWeights, BaFastWeightsConfig
from memlib.models.baselines.conditional_lstm import AttentiveLSTM, ConditionalLSTM
from memlib.models.baselines.metalearned_memory import MetalearnedNeuralMemory, MNMConfig
from memlib.models.baselines.relational_memory_core import RelationalMemoryCore, RMCConfig
from memlib.models.baselines.residual_lstm import LSTM, LSTMConfig
from memlib.models.baselines.small_transformer import SmallTransformer, SmallTransformerConfig
from memlib.models.baselines.step_fast_weights import StepFastWeights, StepFastWeightsConfig
from memlib.models.baselines.story_transformer import StoryTransformer, StoryTransformerConfig
from memlib.models.baselines.token_model import Reading, TokenModel, detach
from memlib.models.baselines.tpr_rnn import TPRRNN, TPRConfig
from memlib.models.baselines.transformer_xl import TransformerXL, TransformerXLConfig
from memlib.models.baselines.weinet import WeiNet, WeiNetConfig

__all__ = [
    "LSTM",
    "TPRRNN",
    "AttentionalLSTM",
    "AttentiveLSTM",
    "BaFastWeights",
    "BaFastWeightsConfig",
    "ConditionalLSTM",
    "LSTMConfig",
    "MNMConfig",
    "MetalearnedNeuralMemory",
    "RMCConfig",
    "Reading",
    "RelationalMemoryCore",
    "SmallTransformer",
    "SmallTransformerConfig",
    "StepFastWeights",
    "StepFastWeightsConfig",
    "StoryTransformer",
    "StoryTransformerConfig",
    "TPRConfig",
    "TokenModel",
    "TransformerXL",
    "TransformerXLConfig",
    "WeiNet",
    "WeiNetConfig",
    "detach",
]
