"""Read a holographic memory back while items add noise and copies average it away (holographic.js draws it)."""

import torch
import traitlets

from memlib.figures.base import Interactive, at_least, module, phases, seeded
from memlib.mechanisms.holographic import permutations, random_keys

#: The draw that the figure starts from: one whose noise lies near the law.
CHOSEN = 32


class HolographicWidget(Interactive):
    """A holographic memory to touch: items, copies, the key it is read with; noise measured beside its law.

    Keys and values are complex numbers of modulus 1 with random phases, so values have mean square 1. They and the
    permutations come from one seeded generator (phases rounded to 4 decimals) and travel with the widget.

    Args:
        most_items: the most items that can be stored.
        most_copies: the most copies.
        dim: d, the width of keys and values.
        items: stored at the start, 1 to most_items.
        copies: at the start, 1 to most_copies.
        asked: the item read at the start, 1 to items.
        seed: of the generator. The default is a draw chosen because its noise lies near the law, and the figure says
            so; another scatters more around it.

    Raises:
        ValueError: an argument is out of its range.
    """

    _esm = module("holographic")
    _words = "Read a holographic memory: more items make more noise, more copies average it away."
    items = traitlets.Int(4).tag(sync=True)
    copies = traitlets.Int(1).tag(sync=True)
    asked = traitlets.Int(1).tag(sync=True)

    def __init__(
        self,
        most_items: int = 12,
        most_copies: int = 8,
        *,
        dim: int = 12,
        items: int = 4,
        copies: int = 1,
        asked: int = 1,
        seed: int = CHOSEN,
    ) -> None:
        name = type(self).__name__
        at_least(name, most_items=(most_items, 2), most_copies=(most_copies, 2), dim=(dim, 2))
        at_least(name, items=(items, 1), copies=(copies, 1), asked=(asked, 1))
        if items > most_items or copies > most_copies or asked > items:
            raise ValueError(
                f"{name}: expected items <= {most_items}, copies <= {most_copies} and asked <= items; "
                f"got items={items}, copies={copies}, asked={asked}."
            )
        generator = seeded(name, seed)
        keys, values = random_keys(2, most_items, dim, generator=generator, dtype=torch.complex128)
        data = {
            "keys": phases(keys),
            "values": phases(values),
            "permutations": permutations(most_copies, dim, generator).tolist(),
            "chosen": seed == CHOSEN,
        }
        super().__init__(data=data, items=items, copies=copies, asked=asked)
