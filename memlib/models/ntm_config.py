"""How a Neural Turing Machine is built.

Source: graves2014, Sec. 3
"""

from dataclasses import dataclass
from typing import Any

CONTROLLERS = ("feed-forward", "lstm")
MEMORY_STARTS = ("constant", "learned", "random")
HEAD_STARTS = ("first", "learned", "uniform")
# What a memory of constant start holds; not zero, so that a key has something to be compared with.
CONSTANT = 1e-6


@dataclass(frozen=True)
class NTMConfig:
    """How a Neural Turing Machine is built. The defaults are the paper's for copying, where it says.

    Attributes:
        width_in: of the inputs.
        width_out: of the outputs; they are logits.
        slots: of the memory.
        width: of a slot.
        read_heads: how many.
        write_heads: how many.
        controller: "feed-forward" (one layer of tanh) or "lstm".
        hidden_size: of the controller.
        shift_range: h; a head moves by up to h slots a step.
        memory_start: "constant" (1e-6), "learned" (weights like any other) or "random" (drawn once and kept).
        head_start: where the heads look before the first step: "first" (all at slot 0), "learned", or "uniform".
        squash: tanh on keys and on what is added; without it they are unbounded.
        clip: the controller's output and the projection to the heads are cut to ± this; None leaves them.
        write_first: write, then read what is there now; without it a step reads what was there before its own write.
        epsilon: added to squared lengths in the cosine.
    """

    width_in: int
    width_out: int
    slots: int = 128
    width: int = 20
    read_heads: int = 1
    write_heads: int = 1
    controller: str = "lstm"
    hidden_size: int = 100
    shift_range: int = 1
    memory_start: str = "constant"
    head_start: str = "learned"
    squash: bool = True
    clip: float | None = 20.0
    write_first: bool = False
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        for name in ("width_in", "width_out", "slots", "width", "read_heads", "write_heads", "hidden_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"NTMConfig: expected {name} >= 1, got {getattr(self, name)}.")
        if self.shift_range < 0 or 2 * self.shift_range + 1 > self.slots:
            raise ValueError(
                f"NTMConfig: expected shift_range >= 0 with 2 shift_range + 1 <= slots = {self.slots}, "
                f"got {self.shift_range}."
            )
        for name, allowed in (
            ("controller", CONTROLLERS),
            ("memory_start", MEMORY_STARTS),
            ("head_start", HEAD_STARTS),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(f"NTMConfig: expected {name} in {', '.join(allowed)}; got {getattr(self, name)!r}.")
        if (self.clip is not None and not self.clip > 0) or not self.epsilon > 0:
            raise ValueError(
                f"NTMConfig: expected clip above 0 or None, and epsilon above 0; got {self.clip} and {self.epsilon}."
            )

    @property
    def heads(self) -> int:
        """Of both kinds; those that read come first."""
        return self.read_heads + self.write_heads

    @property
    def kernel(self) -> int:
        """How many shifts a head chooses from."""
        return 2 * self.shift_range + 1

    @classmethod
    def paper(cls, width_in: int, width_out: int, **options: Any) -> "NTMConfig":
        """As the paper has it, as far as it says; ``options`` replace any of it."""
        return cls(width_in, width_out, **{"squash": False, "clip": None, **options})
