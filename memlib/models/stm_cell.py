"""The two memories as a recurrent cell: write the items, read the relations, relate, write, hand on, boil down.

This is the plain form, one equation after another. `memlib.models.stm_sequence` takes a whole sequence at once and is
tested equal.

Source: le2020, Eqs. 9-14
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from memlib.mechanisms import item_memory, relational_memory
from memlib.mechanisms.outer_product import outer_product_attention
from memlib.models.stm_config import STMConfig


class STMState(NamedTuple):
    """What two memories carry along.

    Attributes:
        items: the item memory, [batch, d, d].
        relations: the relational memory, [batch, nq, d, d].
    """

    items: Tensor
    relations: Tensor


class Signals(NamedTuple):
    """What the inputs say to the memories; nothing here depends on what these hold.

    Attributes:
        left: of the pair to write, [..., d].
        right: the same, [..., d].
        drive: of the gates: what to take, then what to keep, [..., 2d].
        key: f2, what the relational memory is asked with, [..., d].
        choice: f3, which of its matrices, before the softmax, [..., nq].
    """

    left: Tensor
    right: Tensor
    drive: Tensor
    key: Tensor
    choice: Tensor


class STMCell(nn.Module):
    """Two memories. The output is what is distilled from the relational one, [batch, read_size].

    Args:
        config: see `STMConfig`.

    Source: le2020, Eqs. 9-14
    """

    def __init__(self, config: STMConfig) -> None:
        super().__init__()
        self.config = config
        d, n, wide = config.size, config.queries, config.embedding or config.width_in
        self.embed = nn.Linear(config.width_in, config.embedding, bias=False) if config.embedding else None
        if self.embed is not None:
            nn.init.normal_(self.embed.weight)
        self.to_left, self.to_key = (_projector(wide, d, config.projector_hidden) for _ in range(2))
        self.to_choice = _projector(wide, n, config.projector_hidden)
        seen = wide if config.gate_drive == "input" else d
        self.gate_drive = nn.Linear(seen, 2 * d, bias=config.gate_biases)
        self.gate_memory = nn.Linear(d, 2 * d, bias=config.gate_biases)
        self.take_bias = nn.Parameter(torch.zeros(()))
        self.forget_bias = nn.Parameter(torch.tensor(float(config.forget_bias)))
        self.to_items = nn.Linear(d, 3 * n, bias=config.item_biases)
        shape = (3 * n, d) if config.layer_norm == "joint" else (3, 1, d)
        self.norm_gain, self.norm_shift = nn.Parameter(torch.ones(shape)), nn.Parameter(torch.zeros(shape))
        self.transfer = nn.Linear(n * d, d)
        self.distil = nn.Linear(d * d, config.relation_size)
        self.features = nn.Linear(n * config.relation_size, config.read_size)
        for name, start, learned in zip(BLENDS, config.blend_start, config.blend_learned, strict=True):
            blend = torch.tensor([float(start)])
            self.register_parameter(name, nn.Parameter(blend)) if learned else self.register_buffer(name, blend)
        self.first_items = self.first_relations = None
        if config.learned_start:
            self.first_items = nn.Parameter(torch.empty(d, d).uniform_(-1, 1) / (2 * d) ** 0.5)
            self.first_relations = nn.Parameter(torch.empty(n, d, d).uniform_(-1, 1) / (2 * d + n) ** 0.5)

    relational_blend: Tensor
    read_blend: Tensor
    transfer_blend: Tensor

    def initial_state(self, batch_size: int) -> STMState:
        """The learned memories, the same for every row; or zeros."""
        d, n = self.config.size, self.config.queries
        if self.first_items is None or self.first_relations is None:
            zeros = self.distil.weight.new_zeros
            return STMState(zeros(batch_size, d, d), zeros(batch_size, n, d, d))
        return STMState(self.first_items.expand(batch_size, d, d), self.first_relations.expand(batch_size, n, d, d))

    def signals(self, x: Float[Tensor, "*batch width_in"]) -> Signals:
        """What the inputs say, of one step or of many at once.

        Source: le2020, Eq. 9; le2020, Eq. 11; le2020, App. D
        """
        config = self.config
        x = x if self.embed is None else self.embed(x)
        left, key, choice = self.to_left(x), self.to_key(x), self.to_choice(x)
        drive = self.gate_drive(x if config.gate_drive == "input" else left)
        if self.gate_memory.bias is not None:
            drive = drive + self.gate_memory.bias
        numbers = torch.stack([self.take_bias, self.forget_bias]).repeat_interleave(config.size)
        return Signals(left, key if config.write_with == "both" else left, drive + numbers, key, choice)

    def forward(
        self, x: Float[Tensor, "batch width_in"], state: STMState
    ) -> tuple[Float[Tensor, "batch read_size"], STMState]:
        """One step."""
        config, said = self.config, self.signals(x)
        items = self.write(said, state.items)
        read = relational_memory.relational_read(state.relations, said.choice, said.key, config.read_contract)
        joined = item_memory.items_with_read(items, read, said.key, self.read_blend)
        found = self.relate(joined)
        relations = item_memory.relational_write(state.relations, found, self.relational_blend, config.relational_blend)
        if config.transfer != "none":
            handed = self.hand_on(found if config.transfer == "found" else relations)
            items = item_memory.items_with_transfer(items, handed, self.transfer_blend)
        return self.read(relations), STMState(items, relations)

    def write(self, said: Signals, items: Float[Tensor, "batch d d"]) -> Float[Tensor, "batch d d"]:
        """The items with the pair of this step among them.

        Source: le2020, Eq. 9; le2020, Eq. 10; le2020, App. D
        """
        if not self.config.gates:
            return item_memory.item_write(items, said.left, said.right)
        pair = item_memory.association(said.left, said.right)
        pair = pair.tanh() if self.config.squash_pair else pair
        take, forget = self.gates(said, items)
        return item_memory.gated_item_write(items, pair, forget, take)

    def gates(self, said: Signals, items: Float[Tensor, "batch d d"]) -> tuple[Tensor, Tensor]:
        """What is taken of this step's pair, and what is kept of the items: both [batch, d, d].

        Source: le2020, App. D
        """
        drives, weights = said.drive.chunk(2, -1), self.gate_memory.weight.chunk(2)
        squash = self.config.squash_gates
        take, forget = (
            self.turn(item_memory.item_gate(self.turn(items), drive, weight, squash=squash))
            for drive, weight in zip(drives, weights, strict=True)
        )
        return take, forget

    def relate(self, items: Float[Tensor, "batch d d"]) -> Float[Tensor, "batch nq d d"]:
        """SAM: queries, keys and values out of the items, and their outer-product attention.

        Source: le2020, Eqs. 4-8
        """
        mixtures = self.to_items.weight @ self.turn(items)
        if self.to_items.bias is not None:
            mixtures = mixtures + self.to_items.bias.unsqueeze(-1)
        q, k, v = self.normalise(mixtures).chunk(3, -2)
        return outer_product_attention(q, k, v)

    def normalise(self, mixtures: Float[Tensor, "batch items d"]) -> Float[Tensor, "batch items d"]:
        """Each query, key and value alone, or all together; with a learned gain and shift."""
        if self.config.layer_norm == "joint":
            return functional.layer_norm(mixtures, mixtures.shape[-2:], self.norm_gain, self.norm_shift)
        kinds = functional.layer_norm(mixtures, mixtures.shape[-1:]).unflatten(-2, (3, self.config.queries))
        return (kinds * self.norm_gain + self.norm_shift).flatten(-3, -2)

    def hand_on(self, relations: Float[Tensor, "batch nq d d"]) -> Float[Tensor, "batch d d"]:
        """G1: from the relational memory to the items.

        Source: le2020, Eq. 13
        """
        weights = self.transfer.weight.unflatten(-1, (self.config.queries, self.config.size))
        handed = relational_memory.transfer(relations, weights) + self.transfer.bias.unsqueeze(-1)
        return self.turn(handed)

    def read(self, relations: Float[Tensor, "batch nq d d"]) -> Float[Tensor, "batch read_size"]:
        """G2, and the first layer of G3: each matrix boiled down, all of them side by side mapped on.

        Source: le2020, Eq. 14
        """
        weights = self.distil.weight.unflatten(-1, (self.config.size, self.config.size))
        return self.features((relational_memory.distil(relations, weights) + self.distil.bias).flatten(-2))

    def turn(self, items: Tensor) -> Tensor:
        """The items with the axis that is mixed first; and back."""
        return items if self.config.mixed_axis == "rows" else items.mT


BLENDS = ("relational_blend", "read_blend", "transfer_blend")


def _projector(width_in: int, width_out: int, hidden: int) -> nn.Sequential | nn.Linear:
    """One linear layer; or three in a row."""
    if not hidden:
        return nn.Linear(width_in, width_out)
    return nn.Sequential(nn.Linear(width_in, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, width_out))
