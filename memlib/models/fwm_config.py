"""How a Fast Weight Memory is built: its sizes, and where paper and authors' code differ.

Source: schlag2021, Sec. 3; schlag2021, App. F
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FWMConfig:
    """How a Fast Weight Memory is built. The defaults are the paper's, for concatenated bAbI.

    Attributes:
        vocabulary: number of words.
        embedding_size: of a word.
        hidden_size: of the LSTM.
        memory_size: d, of keys and values; the memory holds d³ numbers.
        reads: N_r, rounds of reading.
        write_scale: what each write is multiplied by; the authors' code divides by d (not in language modelling).
        strength_bias: added before the sigmoid that gives β; 1 in the authors' code.
        squash_first_query: tanh on n⁽⁰⁾, as in Eq. 5; the authors' code has none for bAbI.
        squash_entities: tanh on e⁽ⁱ⁾, as in Eq. 6; the authors' code for agents has none.
        residual: add the LSTM's output to what was read, as the paper has it; the authors' runs on bAbI do not.
        forget_bias: of the LSTM's forget gate at the start; the authors' code adds 1 on bAbI.
        concatenate_keys: keys side by side in place of their product, the ablation of App. E.
    """

    vocabulary: int = 180
    embedding_size: int = 256
    hidden_size: int = 256
    memory_size: int = 32
    reads: int = 3
    write_scale: float = 1.0
    strength_bias: float = 0.0
    squash_first_query: bool = True
    squash_entities: bool = True
    residual: bool = True
    forget_bias: float = 0.0
    concatenate_keys: bool = False

    def __post_init__(self) -> None:
        sizes = ("vocabulary", "embedding_size", "hidden_size", "memory_size", "reads")
        for name in sizes:
            if getattr(self, name) < 1:
                raise ValueError(f"FWMConfig: expected {name} >= 1, got {getattr(self, name)}.")
        if not self.write_scale > 0:
            raise ValueError(f"FWMConfig: expected write_scale > 0, got {self.write_scale}.")

    @classmethod
    def paper(cls, **options: Any) -> "FWMConfig":
        """As the paper has it, Eq. 1-8."""
        return cls(**options)

    @classmethod
    def official(cls, **options: Any) -> "FWMConfig":
        """As the authors' code runs on concatenated bAbI; ``options`` replace any of it."""
        size = options.get("memory_size", cls.memory_size)
        theirs = {
            "write_scale": 1 / size,
            "strength_bias": 1.0,
            "squash_first_query": False,
            "residual": False,
            "forget_bias": 1.0,
        }
        return cls(**{**theirs, **options})
