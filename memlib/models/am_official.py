"""Taking over the parameters of the authors' TensorFlow cells: the same outputs from the same inputs.

Source: weissenborn2016, Sec. 3.2; weissenborn2016, Sec. 4
"""

import random
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from memlib.models.am_config import AMRNNConfig
from memlib.models.am_rnn import AMRNN, DualAMRNN

# Of the authors' variables: the scope within the cell, without the name of the layer.
PLAIN = ("Keys/weights", "Gates/weights", "Gates/biases", "Candidate/weights", "Candidate/biases")
DUAL = ("Keys/Dual/weights", "DualGates/weights", "DualCandidate/weights")


def from_official(
    parameters: Mapping[str, Tensor], copies: int, *, wrapped: bool = True, seed: int = 123
) -> AMRNN | DualAMRNN:
    """Build an AM-RNN, or a Dual AM-RNN where there are parameters of one, from those of the authors' cell.

    Args:
        parameters: by the names that the authors' variables have inside the cell, such as
            ``Gates/fully_connected/weights``; [inputs, outputs] as in TensorFlow. The layer's own name may be left out.
        copies: N_c.
        wrapped: whether the cell stood in the authors' `SelfControllerWrapper`, and so saw its last output.
        seed: of their generator of permutations, which is Python's.

    Returns:
        The model, in the parameters' dtype, with the options of `AMRNNConfig.official`.

    Raises:
        ValueError: parameters are missing or unknown.
    """
    given = {name.replace("fully_connected/", ""): value for name, value in parameters.items()}
    dual = any(name in given for name in DUAL)
    wanted = {*PLAIN, *(DUAL if dual else ())}
    if given.keys() != wanted:
        raise ValueError(
            f"from_official: missing: {', '.join(sorted(wanted - given.keys())) or 'none'}; "
            f"unknown: {', '.join(sorted(given.keys() - wanted)) or 'none'}."
        )
    hidden = given["Candidate/biases"].shape[0]
    seen, keys = given["Keys/weights"].shape
    config = AMRNNConfig.official(
        seen - hidden * wrapped, hidden, copies=copies, read_keys=keys // hidden - 1, see_output=wrapped
    )
    model = DualAMRNN(config) if dual else AMRNN(config)
    model.to(given["Keys/weights"].dtype)
    rnn = model.rnn if isinstance(model, DualAMRNN) else model
    with torch.no_grad():
        # Theirs: all real parts, then all imaginary parts. Ours: key by key.
        halves = given["Keys/weights"].T.unflatten(0, (2, -1, hidden // 2))
        rnn.keys.weight.copy_(halves.transpose(0, 1).flatten(0, 2))
        layers = {"Gates": rnn.cell.gates, "Candidate": rnn.cell.get_submodule("candidate")}
        for name, layer in layers.items():
            assert isinstance(layer, nn.Linear)
            # Theirs: what was found, the input, the state; φ in a matrix of its own.
            found, inside, state = given[f"{name}/weights"].T.split([keys - hidden, seen, hidden], 1)
            source = [given[f"Dual{name}/weights"].T] if dual else []
            layer.weight.copy_(torch.cat([inside, found, *source, state], 1))
            layer.bias.copy_(given[f"{name}/biases"])
        if isinstance(model, DualAMRNN) and model.source_key is not None:
            model.source_key.weight.copy_(given["Keys/Dual/weights"].T)
        rnn.permutations.copy_(_permutations(copies, hidden // 2, seed))
    return model


def _permutations(copies: int, dim: int, seed: int) -> Tensor:
    drawn, generator = [list(range(dim)) for _ in range(copies)], random.Random(seed)
    for order in drawn[1:]:
        generator.shuffle(order)
    return torch.tensor(drawn)
