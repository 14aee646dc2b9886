"""Models: one system a file, a frozen configuration, a state, a thin module; baselines beside them."""

from memlib.models.act import ACT, ACTConfig
from memlib.models.am_config import AMRNNConfig
from memlib.models.am_rnn import AMRNN, AMState, DualAMRNN
from memlib.models.dnc import DNC, DNCConfig, DNCState
from memlib.models.fwm import FWM, FWMConfig, FWMState
from memlib.models.memory_network import MemoryNetwork, MemoryNetworkConfig
from memlib.models.neural_programmer import NeuralProgrammer, NeuralProgrammerConfig, ProgramRun
from memlib.models.ntm import NTM, NTMConfig, NTMState
from memlib.models.recurrent import GRUCell, LSTMCell, unroll
from memlib.models.region_attention import RegionAttention, RegionConfig
from memlib.models.sequence_to_sequence import Seq2SeqConfig, SequenceToSequence
from memlib.models.stm import STM, STMConfig, STMState

__all__ = [
    "ACT",
    "AMRNN",
    "DNC",
    "FWM",
    "NTM",
    "STM",
    "ACTConfig",
    "AMRNNConfig",
    "AMState",
    "DNCConfig",
    "DNCState",
    "DualAMRNN",
    "FWMConfig",
    "FWMState",
    "GRUCell",
    "LSTMCell",
    "MemoryNetwork",
    "MemoryNetworkConfig",
    "NTMConfig",
    "NTMState",
    "NeuralProgrammer",
    "NeuralProgrammerConfig",
    "ProgramRun",
    "RegionAttention",
    "RegionConfig",
    "STMConfig",
    "STMState",
    "Seq2SeqConfig",
    "SequenceToSequence",
    "unroll",
]
