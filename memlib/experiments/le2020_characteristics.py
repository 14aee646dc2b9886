"""What kinds of memory have: Table 10 of Le et al., each cell with the ground on which we agree or do not.

The cells stand in ``le2020_characteristics.toml``. Those that say "measured" are measured by the tests.

Source: le2020, App. K
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# In the order of the paper's columns, with their names there.
PROPERTIES = {
    "fixed": "fixed-size memory",
    "relational": "relational extraction",
    "recurrent": "recurrent dynamics",
    "plausible": "biologically plausible",
}
GROUNDS = ("measured", "argued", "disputed")


@dataclass(frozen=True)
class Cell:
    """One cell of the table.

    Attributes:
        model: the row, as the paper names it.
        property: one of `PROPERTIES`.
        paper: whether the paper says that the model has it.
        ours: whether we do.
        ground: "measured", "argued" or "disputed".
        reason: in words.
    """

    model: str
    property: str
    paper: bool
    ours: bool
    ground: str
    reason: str


@cache
def cells() -> tuple[Cell, ...]:
    """All cells, row by row in the paper's order.

    Raises:
        ValueError: a cell is malformed; the message shows it.
    """
    text = (files("memlib.experiments") / "le2020_characteristics.toml").read_text(encoding="utf-8")
    return tuple(_cell(model["name"], parts) for model in tomllib.loads(text)["models"] for parts in model["cells"])


def _cell(model: str, parts: list[str]) -> Cell:
    answers = {"yes": True, "no": False}
    well = len(parts) == 5 and parts[0] in PROPERTIES and {parts[1], parts[2]} <= set(answers) and parts[3] in GROUNDS
    if not well:
        raise ValueError(f"{model}: expected property, yes or no twice, ground and reason; got {parts!r}.")
    name, paper, ours, ground, reason = parts
    return Cell(model, name, answers[paper], answers[ours], ground, reason)
