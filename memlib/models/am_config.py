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
        share_key: of the Dual AM-RNN: read the first sequence's memory with the key of the second's own (r' = r). The
            paper's experiments do; the authors' code has a key of its own unless told.
        crossed_keys: of a Dual AM-RNN with a key of its own: each of its two keys takes the real part from one matrix
            and the imaginary part from the other, as in the authors' code. The first sequence's keys are not crossed.
        conjugate_reads: conjugate the keys that only read, extra ones and r' of its own, as the one that writes. The
            authors' code multiplies with them as they are. Alone this flips the sign of weights and changes nothing.
        see_output: let the keys and a GRU see the last output beside the input. The paper does; the authors' cell does
            so only inside their wrapper.
        gate_bias: of a GRU's gates at the start. The authors' code starts at 1, which opens the update gate, though its
            comment says that it starts by not updating.
        update_bias: of a GRU's update gate alone; None takes `gate_bias`. -1 does as that comment says.
        separate_init: of the Dual AM-RNN: draw the first weights of φ and of r' as matrices of their own, as the
            authors' code does; without, φ's are drawn with the rest of the cell's.
        normalise_keys: give keys modulus 1, which the paper's text asks for, where `bound` gives at most 1.
        bound_multiplies: multiply keys by max(1, |r|) as Eq. 7 is printed. The authors' code divides.
        seed: of the permutations.
    """

    input_size: int
    hidden_size: int
    copies: int = 8
    cell: str = "gru"
    read_keys: int = 0
    share_key: bool = True
    crossed_keys: bool = False
    conjugate_reads: bool = True
    see_output: bool = True
    gate_bias: float = 1.0
    update_bias: float | None = None
    separate_init: bool = False
    normalise_keys: bool = False
    bound_multiplies: bool = False
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
        if self.crossed_keys and self.share_key:
            raise ValueError("AMRNNConfig: crossed_keys needs two keys to cross; give share_key=False with it.")
        if self.normalise_keys and self.bound_multiplies:
            raise ValueError("AMRNNConfig: normalise_keys and bound_multiplies exclude each other; give one of them.")
        if self.update_bias is not None and self.cell != "gru":
            raise ValueError(f"AMRNNConfig: update_bias is of a GRU's update gate; a cell {self.cell!r} has none.")

    @classmethod
    def paper(cls, input_size: int, hidden_size: int, **options: Any) -> "AMRNNConfig":
        """As the paper has it, its misprints corrected: 8 copies, one key, shared by both memories."""
        return cls(input_size, hidden_size, **options)

    @classmethod
    def official(cls, input_size: int, hidden_size: int, **options: Any) -> "AMRNNConfig":
        """As the authors' code has it where nothing else is asked of it, in the wrapper that it recommends.

        What it adds, `read_keys`, is off there too. Its shared key cannot be asked for: it stops on two widths that do
        not fit.
        """
        keys = {"share_key": False, "crossed_keys": True, "conjugate_reads": False, "read_keys": 0}
        return cls(input_size, hidden_size, **{**keys, "separate_init": True, "gate_bias": 1.0, **options})
