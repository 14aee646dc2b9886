"""What some options of `AMRNNConfig` do: where paper and authors' code differ in the keys and the first weights.

Source: weissenborn2016, Sec. 3.2
"""

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn

from memlib.mechanisms import holographic
from memlib.models.am_config import AMRNNConfig
from memlib.models.recurrent import GRUCell, LSTMCell


def finish(keys: Complex[Tensor, "batch k d"], config: AMRNNConfig) -> Complex[Tensor, "batch k d"]:
    """Limit the modulus of keys as the config says, and turn those that only read where it asks for that.

    Args:
        keys: before their modulus is limited, the one that writes first, [batch, k, H/2].
        config: its ``normalise_keys``, ``bound_multiplies`` and ``conjugate_reads``.

    Source: weissenborn2016, Eq. 7
    """
    if config.normalise_keys:
        keys = keys / keys.abs().clamp(min=1e-6)
    elif config.bound_multiplies:
        keys = keys * keys.abs().clamp(min=1.0)
    else:
        keys = holographic.bound(keys)
    # Reading conjugates once more, so that a key that was turned here multiplies as it is.
    return keys if config.conjugate_reads else torch.cat([keys[:, :1], keys[:, 1:].conj()], 1)


def crossed(own: Float[Tensor, "batch k h"], other: Float[Tensor, "batch h"]) -> Complex[Tensor, "batch k1 d"]:
    """Deal two products out to keys as the authors' code does: one row of numbers, its first half all real parts.

    The real parts come from the first product as far as it goes, the imaginary parts from what is left. So with one
    key of its own, a Dual AM-RNN writes under (first half of ``own``, first half of ``other``) and reads the other
    memory under (second half of ``own``, second half of ``other``).

    Args:
        own: what the matrix of the own keys gives, [batch, 1 + read_keys, H], each key's real half first.
        other: what the matrix of r' gives, [batch, H].

    Returns:
        The keys before their modulus is limited, the one for the other memory last, [batch, 2 + read_keys, H/2].
    """
    real, imaginary = own.chunk(2, -1)
    row = torch.cat([real.flatten(1), imaginary.flatten(1), other], -1)
    re, im = row.chunk(2, -1)
    return torch.complex(re, im).unflatten(-1, (own.shape[1] + 1, -1))


@torch.no_grad()
def draw_apart(cell: GRUCell | LSTMCell, width: int, source_key: nn.Linear | None) -> None:
    """Draw a cell's first weights anew: those of φ as matrices of their own, the others as if φ's were not there.

    Each part is drawn from Glorot's uniform distribution for its own shape, and so is the matrix of r'.

    Args:
        cell: φ is the last part of its input.
        width: of φ.
        source_key: the matrix of r', if there is one.
    """
    stop = cell.input_size
    for layer in (cell.gates, cell.candidate) if isinstance(cell, GRUCell) else (cell.gates,):
        rows, columns = layer.weight.shape
        rest = nn.init.xavier_uniform_(layer.weight.new_empty(rows, columns - width))
        part = nn.init.xavier_uniform_(layer.weight.new_empty(rows, width))
        layer.weight.copy_(torch.cat([rest[:, : stop - width], part, rest[:, stop - width :]], -1))
    if source_key is not None:
        nn.init.xavier_uniform_(source_key.weight)
