"""The names of the authors' parameters of a two-memory model, and what they show of its options.

Source: le2020, Sec. 2.3
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor

from memlib.models.stm_config import STMConfig

# The authors' names, and ours; those in the second list may be missing.
OFFICIAL = {
    "input_gate_projector.weight": "cell.gate_drive.weight",
    "input_gate_projector.bias": "cell.gate_drive.bias",
    "memory_gate_projector.weight": "cell.gate_memory.weight",
    "memory_gate_projector.bias": "cell.gate_memory.bias",
    "input_bias": "cell.take_bias",
    "forget_bias": "cell.forget_bias",
    "qkv_projector.0.weight": "cell.to_items.weight",
    "qkv_projector.0.bias": "cell.to_items.bias",
    "qkv_layernorm.0.weight": "cell.norm_gain",
    "qkv_layernorm.0.bias": "cell.norm_shift",
    "rel_projector2.weight": "cell.transfer.weight",
    "rel_projector2.bias": "cell.transfer.bias",
    "rel_projector.weight": "cell.distil.weight",
    "rel_projector.bias": "cell.distil.bias",
    "rel_projector3.weight": "cell.features.weight",
    "rel_projector3.bias": "cell.features.bias",
    "mlp.0.weight": "output.0.weight",
    "mlp.0.bias": "output.0.bias",
    "mlp.2.weight": "output.2.weight",
    "mlp.2.bias": "output.2.bias",
    "out.weight": "output.4.weight",
    "out.bias": "output.4.bias",
}
PROJECTORS = {"input_projector": "to_left", "input_projector2": "to_key", "input_projector3": "to_choice"}
LAYERS = {"fc1": "0", "fc2h.0": "1", "fc3": "2"}
BLENDS = {"alpha10": "relational_blend", "alpha20": "read_blend", "alpha30": "transfer_blend"}
STARTS = {"item_memory_state_bias": "first_items", "rel_memory_state_bias": "first_relations"}
# Their axes are the other way round.
TURNED = ("qkv_layernorm.0.weight", "qkv_layernorm.0.bias", "emb.weight")


def names(parameters: Mapping[str, Tensor]) -> dict[str, str]:
    """The authors' names and ours, of all that a model with these parameters must have."""
    found = dict(OFFICIAL)
    layered = "input_projector.fc3.weight" in parameters
    for theirs, ours in PROJECTORS.items():
        for kind in ("weight", "bias"):
            if layered:
                found |= {f"{theirs}.{a}.{kind}": f"cell.{ours}.{b}.{kind}" for a, b in LAYERS.items()}
            else:
                found[f"{theirs}.fc1.{kind}"] = f"cell.{ours}.{kind}"
    for optional in (BLENDS, STARTS, {"emb.weight": "embed.weight"}):
        found |= {theirs: f"cell.{ours}" for theirs, ours in optional.items() if theirs in parameters}
    return found


def configuration(parameters: Mapping[str, Tensor], config: STMConfig | None) -> STMConfig:
    """The configuration of a model with these parameters.

    Raises:
        KeyError: a parameter is missing.
        ValueError: there is more than one round a step, or an option does not fit the parameters.
    """
    missing = sorted(set(names(parameters)) - set(parameters))
    if missing:
        raise KeyError(f"from_official: expected the authors' parameter names; {', '.join(missing)} missing.")
    if "alpha11" in parameters or "qkv_projector.1.weight" in parameters:
        raise ValueError("from_official: expected one round a step (step = 1), got more; we have no such option.")
    shapes = {name: tuple(tensor.shape) for name, tensor in parameters.items()}
    wide = shapes["input_projector.fc1.weight"]
    table = shapes.get("emb.weight")
    learned = [name in parameters for name in BLENDS]
    read: dict[str, Any] = {
        "width_in": table[0] if table else wide[1],
        "width_out": shapes["out.weight"][0],
        "size": shapes["qkv_projector.0.weight"][1],
        "queries": shapes["qkv_projector.0.weight"][0] // 3,
        "relation_size": shapes["rel_projector.weight"][0],
        "read_size": shapes["rel_projector3.weight"][0],
        "hidden_sizes": (shapes["mlp.0.weight"][0], shapes["mlp.2.weight"][0]),
        "embedding": table[1] if table else 0,
        "projector_hidden": wide[0] if "input_projector.fc3.weight" in parameters else 0,
        "blend_learned": tuple(learned),
        "learned_start": "item_memory_state_bias" in parameters,
    }
    config = STMConfig.official(read["width_in"], read["width_out"]) if config is None else config
    theirs = {"gate_drive": "projection", "gate_biases": True, "layer_norm": "joint", "item_biases": True}
    for name, value in theirs.items():
        if getattr(config, name) != value:
            raise ValueError(
                f"from_official: the authors' parameters need {name} = {value!r}, got {getattr(config, name)!r}; "
                "start from STMConfig.official."
            )
    if config.transfer == "none":
        raise ValueError(
            "from_official: the authors' model has a transfer; for one that is off, fix its blend at 0 (blend_start)."
        )
    return replace(config, **read)


def renamed(parameters: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The parameters under our names."""
    return {
        ours: (parameters[theirs].T if theirs in TURNED else parameters[theirs]).detach().clone()
        for theirs, ours in names(parameters).items()
    }
