"""How an AM-RNN is built: the settings, and where paper and authors' code differ.

Source: weissenborn2016, Sec. 3.2
"""

from dataclasses import dataclass
from typing import Any

from memlib.models.recurrent import GRUCell, LSTMCell

CELLS = {"gru": GRUCell, "lstm": LSTMCell}


@dataclass(frozen=True)
class AMRNNConfig:
    """How an AM-RNN is built.

    Attributes:
        input_size: N, of x.
        hidden_size: H, of the wrapped cell; even, because H real numbers are H/2 complex ones.
        copies: N_c of the memory.
        cell: "gru" or "lstm".
        read_keys: further keys that are only read with; what they find goes to the cell beside the input (the authors'
            code has them, the paper does not).
        share_key: of the Dual AM-RNN: read the first sequence's memory with the key of the second's own (r' = r).
        gate_bias: of a GRU's gates at the start. The authors' code starts at 1, which opens the update gate, though its
            comment says that it starts by not updating.
        normalise_keys: give keys modulus 1 where the paper's `bound` gives at most 1.
        seed: of the permutations.
    """

    input_size: int
    hidden_size: int
    copies: int = 8
    cell: str = "gru"
    read_keys: int = 0
    share_key: bool = True
    gate_bias: float = 1.0
    normalise_keys: bool = False
    seed: int = 123

    def __post_init__(self) -> None:
        if self.hidden_size < 2 or self.hidden_size % 2:
            raise ValueError(f"AMRNNConfig: expected an even hidden_size of at least 2, got {self.hidden_size}.")
        if self.cell not in CELLS:
            raise ValueError(f"AMRNNConfig: expected cell to be one of {', '.join(CELLS)}; got {self.cell!r}.")
        if self.copies < 1 or self.input_size < 1 or self.read_keys < 0:
            raise ValueError(
                "AMRNNConfig: expected copies >= 1, input_size >= 1 and read_keys >= 0; "
                f"got {self.copies}, {self.input_size} and {self.read_keys}."
            )

    @classmethod
    def paper(cls, input_size: int, hidden_size: int, **options: Any) -> "AMRNNConfig":
        """As the paper has it: 8 copies, one key."""
        return cls(input_size, hidden_size, **options)

    @classmethod
    def official(cls, input_size: int, hidden_size: int, **options: Any) -> "AMRNNConfig":
        """As the authors' code has it by default; what it adds, `read_keys`, is off there too."""
        return cls(input_size, hidden_size, **{"read_keys": 0, "gate_bias": 1.0, **options})
