"""How a two-memory model is built: its sizes, and where paper and authors' code differ.

Source: le2020, Sec. 2.3; le2020, App. D; le2020, App. F
"""

from dataclasses import dataclass
from typing import Any

CHOICES = {
    "write_with": ("both", "first"),
    "gate_drive": ("input", "projection"),
    "mixed_axis": ("rows", "columns"),
    "layer_norm": ("items", "joint"),
    "read_contract": ("columns", "rows"),
    "relational_blend": ("gain", "decay"),
    "transfer": ("memory", "found", "none"),
}
SIZES = ("width_in", "width_out", "size", "queries", "relation_size", "read_size")


@dataclass(frozen=True)
class STMConfig:
    """How a two-memory model is built. The defaults are the paper's.

    Attributes:
        width_in: of the inputs.
        width_out: of the outputs.
        size: d; the item memory is d by d, the relational memory queries by d by d.
        queries: nq, and as many keys and values.
        relation_size: nr, what each matrix of the relational memory is boiled down to.
        read_size: what all of them together are mapped to, before the layers of ``hidden_sizes``.
        hidden_sizes: of the layers, each with a ReLU, between what is read and the output.
        embedding: width of a table of vectors that one-hot inputs pass through first; 0 for none.
        projector_hidden: width of the layers inside f1, f2, f3: 0 for one linear layer; else three, with nothing
            between them, as the authors' code has for bAbI.
        write_with: "both": what is written is f1 ⊗ f2, as in Eq. 9. "first": f1 ⊗ f1, as in the authors' code.
        squash_pair: tanh on what is written where there are gates, as in the authors' code.
        gates: write through gates, Eq. 10; else add, Eq. 9, as the authors' code does for Nth farthest.
        gate_drive: what the gates see of the input: the "input" itself, as in App. D, or f1's "projection" of it.
        gate_biases: a bias for each row, from either side, besides the paper's single number, as in the authors' code.
        squash_gates: the sigmoid; App. D prints none, but calls them gates.
        forget_bias: of the forget gate at the start; 1 in the authors' code.
        mixed_axis: the axis of the item memory that gates, queries, keys, values and the transfer mix: "rows", as in
            Eq. 4, or "columns", as in the authors' code. What was read is written as v ⊗ f2 either way.
        layer_norm: of "items", each query, key and value alone, as in Eq. 4-6; or "joint", all of them together, as in
            the authors' code.
        item_biases: biases of the maps to queries, keys and values. Under "items" they change nothing.
        read_contract: how the relational memory is asked, see `relational_read`: "columns" as printed in Eq. 11,
            "rows" as in the authors' code.
        relational_blend: α1 as the "gain" of what SAM found, as in Eq. 12, or as the "decay" of the memory.
        transfer: what goes to the items: the relational "memory", after its write, as in Eq. 13; what SAM "found" in
            this step, as in the authors' code; or "none", the paper's ablation.
        blend_start: α1, α2, α3 at the start. The paper does not say; 0 in the authors' code.
        blend_learned: which of them are learned.
        learned_start: learn the memories before the first step, as the authors' code does; else they are zeros.
    """

    width_in: int
    width_out: int
    size: int = 96
    queries: int = 8
    relation_size: int = 96
    read_size: int = 64
    hidden_sizes: tuple[int, ...] = (128, 128)
    embedding: int = 0
    projector_hidden: int = 0
    write_with: str = "both"
    squash_pair: bool = False
    gates: bool = True
    gate_drive: str = "input"
    gate_biases: bool = False
    squash_gates: bool = True
    forget_bias: float = 0.0
    mixed_axis: str = "rows"
    layer_norm: str = "items"
    item_biases: bool = False
    read_contract: str = "columns"
    relational_blend: str = "gain"
    transfer: str = "memory"
    blend_start: tuple[float, float, float] = (1.0, 1.0, 1.0)
    blend_learned: tuple[bool, bool, bool] = (True, True, True)
    learned_start: bool = False

    def __post_init__(self) -> None:
        # From JSON they come as lists.
        for name in ("hidden_sizes", "blend_start", "blend_learned"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in SIZES:
            if getattr(self, name) < 1:
                raise ValueError(f"STMConfig: expected {name} >= 1, got {getattr(self, name)}.")
        for name in ("embedding", "projector_hidden"):
            if getattr(self, name) < 0:
                raise ValueError(f"STMConfig: expected {name} >= 0, got {getattr(self, name)}.")
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                raise ValueError(f"STMConfig: expected {name} in {', '.join(known)}; got {getattr(self, name)!r}.")
        if any(one < 1 for one in self.hidden_sizes):
            raise ValueError(f"STMConfig: expected hidden_sizes >= 1, got {self.hidden_sizes}.")
        for name in ("blend_start", "blend_learned"):
            if len(getattr(self, name)) != 3:
                raise ValueError(f"STMConfig: expected {name} of three, α1, α2, α3; got {getattr(self, name)}.")

    @classmethod
    def paper(cls, width_in: int, width_out: int, **options: Any) -> "STMConfig":
        """As the paper has it, Eq. 9-14; ``options`` replace any of it."""
        return cls(width_in, width_out, **options)

    @classmethod
    def official(cls, width_in: int, width_out: int, **options: Any) -> "STMConfig":
        """As the authors' code has it unless told otherwise; ``options`` replace any of it."""
        theirs: dict[str, Any] = {
            "write_with": "first",
            "squash_pair": True,
            "gate_drive": "projection",
            "gate_biases": True,
            "forget_bias": 1.0,
            "mixed_axis": "columns",
            "layer_norm": "joint",
            "item_biases": True,
            "read_contract": "rows",
            "relational_blend": "decay",
            "transfer": "found",
            "blend_start": (0.0, 0.0, 0.0),
            "learned_start": True,
        }
        return cls(width_in, width_out, **{**theirs, **options})
