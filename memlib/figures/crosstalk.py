"""Store pattern after pattern in an outer-product memory, and watch recall get worse (crosstalk.js draws it)."""

from collections.abc import Sequence

import torch
import traitlets

from memlib.figures.base import Interactive, at_least, module, seeded

RULES = ("hebb", "delta", "sweeps")

#: The draw that the figure starts from: one whose errors lie near the law.
CHOSEN = 175


class CrosstalkWidget(Interactive):
    """An associative memory to touch: pairs stored, width of the keys, the key asked, rule.

    Keys are Gaussian, cut to the chosen width and scaled to length 1; values are Gaussian with variance 1. Both come
    from one seeded generator, rounded to 4 decimals, and travel with the widget: the page needs no kernel.

    Args:
        patterns: the most pairs that can be stored.
        widths: the key widths to choose from.
        depth: the width of the values.
        stored: the pairs stored at the start, 0 to patterns.
        width: the key width at the start, one of widths; the second of them (or the only one) when None.
        asked: the key asked at the start, 1 to patterns.
        rule: ``hebb`` (add), ``delta`` (each pair written once) or ``sweeps`` (100 sweeps of the delta rule).
        seed: of the generator. The default is a draw chosen because its errors lie near the law, and the figure says
            so; another scatters more around it.

    Raises:
        ValueError: an argument is out of its range.
    """

    _esm = module("crosstalk")
    _words = "Store pairs in an associative memory one by one: crosstalk makes the error of recall grow."
    stored = traitlets.Int(0).tag(sync=True)
    width = traitlets.Int(16).tag(sync=True)
    asked = traitlets.Int(1).tag(sync=True)
    rule = traitlets.Enum(RULES, "hebb").tag(sync=True)

    def __init__(
        self,
        patterns: int = 24,
        *,
        widths: Sequence[int] = (8, 16, 32, 64),
        depth: int = 8,
        stored: int = 0,
        width: int | None = None,
        asked: int = 1,
        rule: str = "hebb",
        seed: int = CHOSEN,
    ) -> None:
        name = type(self).__name__
        if not isinstance(widths, Sequence) or not all(isinstance(one, int) for one in widths):
            raise ValueError(f"{name}: expected widths as a list of whole numbers, got {widths!r}.")
        widths = tuple(widths)
        at_least(name, patterns=(patterns, 2), depth=(depth, 1), widths=(min(widths, default=0), 1))
        at_least(name, stored=(stored, 0), asked=(asked, 1))
        width = widths[min(1, len(widths) - 1)] if width is None else width
        if width not in widths or stored > patterns or asked > patterns or rule not in RULES:
            raise ValueError(
                f"{name}: expected width in {widths}, stored and asked <= {patterns} and rule in {RULES}; "
                f"got width={width}, stored={stored}, asked={asked}, rule={rule!r}."
            )
        generator = seeded(name, seed)
        draw = torch.randn(patterns, max(widths) + depth, generator=generator, dtype=torch.float64)
        keys, values = draw.round(decimals=4).split([max(widths), depth], dim=1)
        data = {"keys": keys.tolist(), "values": values.tolist(), "widths": list(widths), "chosen": seed == CHOSEN}
        super().__init__(data=data, stored=stored, width=width, asked=asked, rule=rule)
