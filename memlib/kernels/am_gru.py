"""The AM-GRU along a whole sequence: everything that does not wait for the memory is done at once, before the loop.

The plain cell (`memlib.models.AMRNN`) multiplies its input by three matrices at each step. Only the products with the
last output and with what was read have to wait; those with the input become one matrix product over all steps. Each
step gathers its key once, for reading and for writing. Tested equal to the plain cell in outputs, state and gradients.
Without gradients the products are made for `WINDOW` steps at a time, so that working memory does not grow with length.

Source: weissenborn2016, Eq. 6; weissenborn2016, Eq. 8; weissenborn2016, Eq. 9; weissenborn2016, Eq. 10
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Complex, Float, Int
from torch import Tensor

from memlib.kernels.precision import single_under_autocast
from memlib.mechanisms import holographic

WINDOW = 50


class Weights(NamedTuple):
    """The matrices of an AM-GRU, [rows, columns] as in torch; columns: input N, output H, φ (if any) H, state H.

    Attributes:
        keys: [H, N + H].
        gates: reset, then update, [2H, N + H (+ H) + H].
        gates_bias: [2H].
        candidate: [H, N + H (+ H) + H].
        candidate_bias: [H].
    """

    keys: Tensor
    gates: Tensor
    gates_bias: Tensor
    candidate: Tensor
    candidate_bias: Tensor


@single_under_autocast
def am_gru(
    xs: Float[Tensor, "batch time input"],
    memory: Complex[Tensor, "batch copies d"],
    output: Float[Tensor, "batch hidden"],
    weights: Weights,
    permutations: Int[Tensor, "copies d"],
    mask: Bool[Tensor, "batch time"] | None = None,
    source: Complex[Tensor, "batch copies d"] | None = None,
) -> tuple[Float[Tensor, "batch time hidden"], Complex[Tensor, "batch copies d"], Float[Tensor, "batch hidden"]]:
    """Run an AM-GRU, or a Dual AM-GRU with a shared key, along a sequence.

    Args:
        xs: inputs [batch, time, N].
        memory: m before the first step, [batch, copies, H/2].
        output: h before the first step, [batch, H].
        weights: of the cell.
        permutations: [copies, H/2].
        mask: False where a sequence is over: its state stays, its output is 0.
        source: another memory, read with the same key at each step; its reading φ goes into gates and candidate.

    Returns:
        Outputs [batch, time, H]; the memory and the output after the last step.
    """
    if torch.is_grad_enabled() or xs.shape[1] <= WINDOW:
        return _window(xs, memory, output, weights, permutations, mask, source)
    outputs = xs.new_empty(*xs.shape[:2], output.shape[-1])
    for start in range(0, xs.shape[1], WINDOW):
        part = slice(start, start + WINDOW)
        seen = None if mask is None else mask[:, part]
        outputs[:, part], memory, output = _window(xs[:, part], memory, output, weights, permutations, seen, source)
    return outputs, memory, output


def _window(
    xs: Tensor,
    memory: Tensor,
    output: Tensor,
    weights: Weights,
    permutations: Tensor,
    mask: Tensor | None,
    source: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """`am_gru` with all products made at once."""
    n, hidden = xs.shape[-1], output.shape[-1]
    onto = torch.cat([weights.keys, weights.gates[:, : n + hidden], weights.candidate[:, : n + hidden]])
    bias = torch.cat([xs.new_zeros(hidden), weights.gates_bias, weights.candidate_bias])
    from_input = torch.addmm(bias, xs.flatten(0, 1), onto[:, :n].T).unflatten(0, xs.shape[:2]).unbind(1)
    from_output = onto[:, n:].T
    gate_state, candidate_state = weights.gates[:, -hidden:].T, weights.candidate[:, -hidden:].T
    from_source = torch.cat([weights.gates, weights.candidate])[:, n + hidden : -hidden].T
    spread = permutations.flatten()
    outputs = []
    for t, seen in enumerate(from_input):
        key, gates, candidate = torch.addmm(seen, output, from_output).split([hidden, 2 * hidden, hidden], -1)
        keys = holographic.bound(torch.complex(*key.chunk(2, -1)))
        keys = keys.index_select(-1, spread).unflatten(-1, tuple(permutations.shape))
        state = _read(keys, memory)
        if source is not None:
            found = _read(keys, source) @ from_source
            gates, candidate = gates + found[:, : 2 * hidden], candidate + found[:, 2 * hidden :]
        reset, update = torch.addmm(gates, state, gate_state).sigmoid().chunk(2, -1)
        wanted = torch.addmm(candidate, reset * state, candidate_state).tanh()
        change = update * (wanted - state)
        new = state + change
        if mask is not None:
            working = mask[:, t : t + 1]
            change = change * working
            outputs.append(new * working)
            output = torch.where(working, new, output)
        else:
            outputs.append(new)
            output = new
        memory = memory + keys * torch.complex(*change.chunk(2, -1)).unsqueeze(-2)
    return torch.stack(outputs, 1), memory, output


def _read(keys: Tensor, memory: Tensor) -> Tensor:
    found = (keys.conj() * memory).mean(-2)
    return torch.cat([found.real, found.imag], -1)
