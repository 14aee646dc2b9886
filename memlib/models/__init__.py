"""Models: one system a file, a frozen configuration, a state, a thin module; baselines beside them."""

from memlib.models.am_config import AMRNNConfig
from memlib.models.am_rnn import AMRNN, AMState, DualAMRNN
from memlib.models.fwm import FWM, FWMConfig, FWMState
from memlib.models.recurrent import GRUCell, LSTMCell, unroll

__all__ = [
    "AMRNN",
    "FWM",
    "AMRNNConfig",
    "AMState",
    "DualAMRNN",
    "FWMConfig",
    "FWMState",
    "GRUCell",
    "LSTMCell",
    "unroll",
]
