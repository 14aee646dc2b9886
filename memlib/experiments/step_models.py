"""The models of the step tasks by name: from the widths of inputs and outputs, and options, to model(inputs).

Every one of them takes [batch, time, width_in] and gives (outputs [batch, time, width_out], state). Some can leave out
steps that are not scored: they take ``scored`` too, [batch, time]. `outputs` asks each in its way.
"""

import inspect
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from memlib.tasks.episode import Episode


def _ntm(width_in: int, width_out: int, **options: Any) -> nn.Module:
    from memlib.models.ntm import NTM, NTMConfig

    return NTM(NTMConfig(width_in, width_out, **options))


def _lstm(width_in: int, width_out: int, **options: Any) -> nn.Module:
    from memlib.models.baselines.step_lstm import StepLSTM

    return StepLSTM(width_in, width_out, **options)


def _dnc(width_in: int, width_out: int, **options: Any) -> nn.Module:
    from memlib.models.dnc import DNC, DNCConfig

    return DNC(DNCConfig(width_in, width_out, **options))


def _alstm(width_in: int, width_out: int, **options: Any) -> nn.Module:
    from memlib.models.baselines.attentional_lstm import AttentionalLSTM

    return AttentionalLSTM(width_in, width_out, **options)


def _rmc(width_in: int, width_out: int, **options: Any) -> nn.Module:
    from memlib.models.baselines.relational_memory_core import RelationalMemoryCore, RMCConfig

    return RelationalMemoryCore(RMCConfig(width_in, width_out, **options))


def _tpr_rnn(width_in: int, width_out: int, **options: Any) -> nn.Module:
    from memlib.models.baselines.tpr_rnn import TPRRNN, TPRConfig

    return TPRRNN(TPRConfig(width_in, width_out, **options))


def _fast_weights(width_in: int, width_out: int, **options: Any) -> nn.Module:
    from memlib.models.baselines.step_fast_weights import StepFastWeights, StepFastWeightsConfig

    return StepFastWeights(StepFastWeightsConfig(width_in, width_out, **options))


def _weinet(width_in: int, width_out: int, **options: Any) -> nn.Module:
    from memlib.models.baselines.weinet import WeiNet, WeiNetConfig

    return WeiNet(WeiNetConfig(width_in, width_out, **options))


def _stm(width_in: int, width_out: int, preset: str = "paper", **options: Any) -> nn.Module:
    from memlib.models.stm import STM
    from memlib.models.stm_config import STMConfig

    make = {"paper": STMConfig.paper, "official": STMConfig.official}[preset]
    return STM(make(width_in, width_out, **options))


MODELS: dict[str, Callable[..., nn.Module]] = {
    "ntm": _ntm,
    "dnc": _dnc,
    "lstm": _lstm,
    "alstm": _alstm,
    "rmc": _rmc,
    "tpr-rnn": _tpr_rnn,
    "fast-weights": _fast_weights,
    "weinet": _weinet,
    "stm": _stm,
}


def outputs(model: nn.Module, episode: Episode) -> Tensor:
    """What a model says to a batch, [batch, time, width_out]; one that can is told which steps are scored.

    Args:
        model: of `MODELS`.
        episode: on the model's device.
    """
    if "scored" in inspect.signature(model.forward).parameters:
        said: Tensor = model(episode.inputs, scored=episode.mask)[0]
    else:
        said = model(episode.inputs)[0]
    return said
