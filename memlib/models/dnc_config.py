"""How a Differentiable Neural Computer is built.

Source: graves2016dnc
"""

from dataclasses import dataclass
from typing import Any

CONTROLLERS = ("lstm", "feed-forward")


@dataclass(frozen=True)
class DNCConfig:
    """How a DNC is built.

    Attributes:
        input_size: of x.
        output_size: of y.
        slots: N, rows of the memory.
        width: W, numbers in a row.
        heads: R, read heads; there is one write head.
        hidden_size: of each layer of the controller.
        layers: of the controller.
        controller: "lstm" or "feed-forward".
        allocation: whether writes may go to free slots. Without it a write goes where the content is most like the
            write key, nothing counts as used, and the memory starts from learned numbers, for in a memory of zeros no
            slot would ever differ from another.
        links: whether the order of writing is kept. Without it reads go by content alone, and the memory has no matrix
            of slots x slots.
        gate_bias: at the start, of the write and allocation gates; its negative is of the free gates. Above 0 a DNC
            begins by writing everything to free slots and keeping it.
        strength_bias: of all strengths at the start; above 0 reads begin sharper.
        mode_bias: of reading by content at the start, against reading along the links.
        input_scale: of the weights of the inputs at the start; 1 leaves them. Above 1 the controller's first words
            depend more on what it sees now.
    """

    input_size: int
    output_size: int
    slots: int = 16
    width: int = 16
    heads: int = 1
    hidden_size: int = 64
    layers: int = 1
    controller: str = "lstm"
    allocation: bool = True
    links: bool = True
    gate_bias: float = 0.0
    strength_bias: float = 0.0
    mode_bias: float = 0.0
    input_scale: float = 1.0

    def __post_init__(self) -> None:
        sizes = ("input_size", "output_size", "slots", "width", "heads", "hidden_size", "layers")
        small = [f"{name} = {getattr(self, name)}" for name in sizes if getattr(self, name) < 1]
        if small:
            raise ValueError(f"DNCConfig: expected sizes of at least 1, got {', '.join(small)}.")
        if self.controller not in CONTROLLERS:
            raise ValueError(
                f"DNCConfig: expected controller to be one of {', '.join(CONTROLLERS)}; got {self.controller!r}."
            )

    @classmethod
    def paper(cls, input_size: int, output_size: int, **options: Any) -> "DNCConfig":
        """The paper's sizes for its graph tasks: an LSTM of three layers of 256, 128 slots of 50, five read heads."""
        sizes = {"slots": 128, "width": 50, "heads": 5, "hidden_size": 256, "layers": 3}
        return cls(input_size, output_size, **{**sizes, **options})
