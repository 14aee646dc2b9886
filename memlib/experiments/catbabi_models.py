"""The models of Table 1 of Schlag et al. (2021) by name, built from JSON values."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from torch import nn

# Name: module, class, its configuration, the preset.
MODELS = {
    "fwm": ("memlib.models.fwm", "FWM", "FWMConfig", "official"),
    "lstm": ("memlib.models.baselines.residual_lstm", "LSTM", "LSTMConfig", "paper"),
    "transformer-xl": ("memlib.models.baselines.transformer_xl", "TransformerXL", "TransformerXLConfig", "paper"),
    "mnm": (
        "memlib.models.baselines.metalearned_memory",
        "MetalearnedNeuralMemory",
        "MNMConfig",
        "paper",
    ),
    "jbfw": ("memlib.models.baselines.ba_fast_weights", "BaFastWeights", "BaFastWeightsConfig", "paper"),
}


def build(name: str, vocabulary: int, options: Mapping[str, Any]) -> nn.Module:
    """A model with the global generator's random weights.

    Args:
        name: one of `MODELS`.
        vocabulary: how many words.
        options: of its configuration, in place of the preset's; lists stand for tuples.

    Raises:
        ValueError: no model has that name.
    """
    if name not in MODELS:
        raise ValueError(f"expected one of the models {', '.join(MODELS)}; got {name!r}.")
    place, kind, configuration, preset = MODELS[name]
    module = import_module(place)
    make: Callable[..., Any] = getattr(getattr(module, configuration), preset)
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}
    size = {"vocabulary" if name == "fwm" else "vocabulary_size": vocabulary}
    model: nn.Module = getattr(module, kind)(make(**size, **given))
    return model
