"""One step of a DNC's memory: free, allocate, write, link, read, each an equation of `memlib.mechanisms`.

Source: graves2016dnc
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.mechanisms import addressing, allocation
from memlib.models.dnc_config import DNCConfig


class MemoryState(NamedTuple):
    """What the memory holds between two steps. Parts that a configuration leaves out have no entries.

    Attributes:
        memory: M, [batch, slots, width].
        usage: u, [batch, slots]; [batch, 0] without allocation.
        write_weights: of the last write, [batch, slots].
        read_weights: of the last reads, [batch, heads, slots].
        precedence: p, [batch, slots]; [batch, 0] without links.
        link: L, [batch, slots, slots]; [batch, 0, 0] without links.
    """

    memory: Tensor
    usage: Tensor
    write_weights: Tensor
    read_weights: Tensor
    precedence: Tensor
    link: Tensor


class Signals(NamedTuple):
    """What the controller tells the memory at one step: its interface vector, cut up and brought into range.

    Attributes:
        read_keys: [batch, heads, width].
        read_strengths: [batch, heads, 1], at least 1.
        write_key: [batch, width].
        write_strength: [batch, 1], at least 1.
        erase: [batch, width] in [0, 1].
        write: the vector that is written, [batch, width].
        free_gates: [batch, heads] in [0, 1]; without allocation [batch, 0].
        allocation_gate: [batch, 1] in [0, 1]; without allocation [batch, 0].
        write_gate: [batch, 1] in [0, 1].
        modes: [batch, heads, 3], of sum 1: backward, by content, forward; without links [batch, heads, 0].
    """

    read_keys: Tensor
    read_strengths: Tensor
    write_key: Tensor
    write_strength: Tensor
    erase: Tensor
    write: Tensor
    free_gates: Tensor
    allocation_gate: Tensor
    write_gate: Tensor
    modes: Tensor


def interface_sizes(config: DNCConfig) -> list[int]:
    """Numbers in the interface vector, part by part: keys, write vector, strengths, gates, modes."""
    heads, width = config.heads, config.width
    gates = width + 1 + (heads + 1 if config.allocation else 0)
    return [(heads + 1) * width, width, heads + 1, gates, 3 * heads if config.links else 0]


def signals(config: DNCConfig, interface: Float[Tensor, "batch numbers"]) -> Signals:
    """Cut the interface vector up: one pass of each squashing function over all that it squashes.

    Args:
        config: of the DNC.
        interface: what the controller's projection gives, [batch, sum(interface_sizes(config))].
    """
    heads, width = config.heads, config.width
    keys, write, strengths, gates, modes = interface.split(interface_sizes(config), -1)
    keys = keys.unflatten(-1, (heads + 1, width))
    strengths = allocation.oneplus(strengths)
    optional = [heads, 1] if config.allocation else [0, 0]
    erase, write_gate, free_gates, allocation_gate = gates.sigmoid().split([width, 1, *optional], -1)
    return Signals(
        read_keys=keys[:, :heads],
        read_strengths=strengths[:, :heads].unsqueeze(-1),
        write_key=keys[:, heads],
        write_strength=strengths[:, heads:],
        erase=erase,
        write=write,
        free_gates=free_gates,
        allocation_gate=allocation_gate,
        write_gate=write_gate,
        modes=modes.unflatten(-1, (heads, -1)).softmax(-1) if config.links else modes.unflatten(-1, (heads, 0)),
    )


def initial_memory(config: DNCConfig, batch_size: int, memory: Tensor) -> MemoryState:
    """Nothing written, nothing used, nothing read.

    Args:
        config: of the DNC.
        batch_size: rows.
        memory: the first memory, [slots, width]; its kind of number and device hold for all parts.
    """
    used, linked = (config.slots if there else 0 for there in (config.allocation, config.links))
    return MemoryState(
        memory=memory.expand(batch_size, -1, -1),
        usage=memory.new_zeros(batch_size, used),
        write_weights=memory.new_zeros(batch_size, config.slots),
        read_weights=memory.new_zeros(batch_size, config.heads, config.slots),
        precedence=memory.new_zeros(batch_size, linked),
        link=memory.new_zeros(batch_size, linked, linked),
    )


def memory_step(
    config: DNCConfig, state: MemoryState, told: Signals
) -> tuple[Float[Tensor, "batch heads width"], MemoryState]:
    """Write once and read with every head; returns what was read, and the state after.

    Args:
        config: of the DNC.
        state: before the step.
        told: by the controller.

    Source: graves2016dnc, Sec. Reading and writing to memory
    """
    weights, used = _write_weights(config, state, told)
    memory = addressing.erase_add(state.memory, weights, told.erase, told.write)
    by_content = addressing.content(memory.unsqueeze(-3), told.read_keys, told.read_strengths)
    precedence, link, read_weights = state.precedence, state.link, by_content
    if config.links:
        link, precedence = allocation.link(state.link, state.precedence, weights)
        forward, backward = allocation.directions(link, state.read_weights)
        read_weights = allocation.read_modes(backward, by_content, forward, told.modes)
    reads = torch.matmul(read_weights, memory)
    return reads, MemoryState(memory, used, weights, read_weights, precedence, link)


def _write_weights(config: DNCConfig, state: MemoryState, told: Signals) -> tuple[Tensor, Tensor]:
    """Where to write, and how much each slot is used before it."""
    by_content = addressing.content(state.memory, told.write_key, told.write_strength)
    if not config.allocation:
        return told.write_gate * by_content, state.usage
    kept = allocation.retention(told.free_gates, state.read_weights)
    used = allocation.usage(state.usage, state.write_weights, kept)
    offered = allocation.allocate(used)
    return allocation.write_weights(by_content, offered, told.allocation_gate, told.write_gate), used
