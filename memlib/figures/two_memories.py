"""Two memories on a sequence of houses along a road, step by step: items, relations, and what is handed on
(two_memories.js draws it)."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, NamedTuple

import torch
import traitlets
from jaxtyping import Float
from torch import Tensor

from memlib.figures.base import Interactive, at_least, module, styles
from memlib.mechanisms.relational_memory import relational_read
from memlib.models.stm import STM
from memlib.models.stm_cell import STMState

SHOWN = ("stands", "new")
_MOST_HOUSES, _MOST_QUERIES = 6, 6


class Steps(NamedTuple):
    """What two memories do along one sequence, each [time, ...].

    Attributes:
        kept: what is left of the items after the forget gate, [time, d, d].
        taken: what is taken of the step's pair, [time, d, d].
        written: both together, [time, d, d].
        read: what the relational memory gave, [time, d].
        found: what SAM's result changes in the relational memory, [time, nq, d, d].
        relations: the relational memory after it, [time, nq, d, d].
        handed: what that hands on to the items, [time, d, d].
        end: the items after all, [time, d, d].
        outputs: of the model, [time, width_out].
        shares: the mean of the forget gate, and of the other one, [time, 2].
    """

    kept: Tensor
    taken: Tensor
    written: Tensor
    read: Tensor
    found: Tensor
    relations: Tensor
    handed: Tensor
    end: Tensor
    outputs: Tensor
    shares: Tensor


@torch.no_grad()
def steps(model: STM, inputs: Float[Tensor, "time width_in"]) -> Steps:
    """Run a model along one sequence, and keep what its memories do.

    Args:
        model: with gates.
        inputs: of one sequence.

    Raises:
        ValueError: the model has no gates.
    """
    cell, config = model.cell, model.config
    if not config.gates:
        raise ValueError("steps: expected a model with gates; this one only adds pairs (gates = False).")
    state, made = cell.initial_state(1), []
    for x in inputs.unsqueeze(1):
        said = cell.signals(x)
        take, keep = cell.gates(said, state.items)
        written = cell.write(said, state.items)
        read = relational_read(state.relations, said.choice, said.key, config.read_contract)
        out, after = cell(x, state)
        faded = cell.relational_blend * state.relations if config.relational_blend == "decay" else state.relations
        parts = (
            keep * state.items,
            written - keep * state.items,
            written,
            read,
            after.relations - faded,
            after.relations,
            after.items - written,
            after.items,
            model.output(out),
        )
        made.append([*(part[0] for part in parts), torch.stack([keep.mean(), take.mean()])])
        state = STMState(*after)
    return Steps(*(torch.stack(one) for one in zip(*made, strict=True)))


class Road(NamedTuple):
    """A sequence: houses told one by one, then two of them, whose distance is asked for.

    Attributes:
        title: for the list.
        houses: name and place of each, in the order in which they are told; places from -1 to 1.
        asked: the names of two of them.
        inputs: as the model takes it, a step for each house and one for the question, [time, width_in].
    """

    title: str
    houses: Sequence[tuple[str, float]]
    asked: tuple[str, str]
    inputs: Tensor


class TwoMemoriesWidget(Interactive):
    """Houses on a road, told to a model with two memories; step through what each memory does.

    Args:
        data: as `from_model` makes it.
        road: which sequence at the start, from 0.
        step: at the start, from 0.
        show: of the relational memory, "stands" (all of it) or "new" (what the step added).

    Raises:
        ValueError: there is no such sequence, step or way to show it.
    """

    _esm = module("two_memories")
    _css = styles() + "\n" + files("memlib.figures").joinpath("two_memories.css").read_text(encoding="utf-8")
    _words = "Step through a sequence, and see what two memories hold and hand on."
    road = traitlets.Int(0).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    show = traitlets.Unicode("stands").tag(sync=True)

    def __init__(self, data: dict[str, Any], *, road: int = 0, step: int = 0, show: str = "stands") -> None:
        own, roads = type(self).__name__, data["roads"]
        at_least(own, road=(road, 0), step=(step, 0))
        if road >= len(roads):
            raise ValueError(f"{own}: expected road < {len(roads)}, the number of sequences; got {road}.")
        if step >= len(roads[road]["steps"]):
            raise ValueError(f"{own}: expected step < {len(roads[road]['steps'])}, got {step}.")
        if show not in SHOWN:
            raise ValueError(f"{own}: expected show in {', '.join(SHOWN)}; got {show!r}.")
        super().__init__(data=data, road=road, step=step, show=show)

    @classmethod
    def from_model(
        cls, model: STM, roads: Sequence[Road], *, about: str = "a trained model", **start: Any
    ) -> "TwoMemoriesWidget":
        """The figure of a model that says a distance at the last step.

        Args:
            model: with gates and one output.
            roads: the sequences.
            about: what model it is, in words.
            start: ``road``, ``step`` and ``show``, as in the class.

        Raises:
            ValueError: there is no sequence, one does not fit, or the model has several outputs, no gates or more than
                six queries.
        """
        name, config = cls.__name__, model.config
        if not roads or config.width_out != 1 or config.queries > _MOST_QUERIES:
            raise ValueError(
                f"{name}: expected sequences and a model with one output and at most {_MOST_QUERIES} queries."
            )
        model.eval()
        told = [_told(name, model, road) for road in roads]
        return cls({"roads": told, "d": config.size, "queries": config.queries, "about": about}, **start)


def _told(name: str, model: STM, road: Road) -> dict[str, Any]:
    places = dict(road.houses)
    fits = len(places) == len(road.houses) <= _MOST_HOUSES and set(road.asked) <= set(places)
    if not fits or len(road.inputs) != len(places) + 1 or max(map(abs, places.values())) > 1:
        raise ValueError(
            f"{name}: expected at most {_MOST_HOUSES} houses with names of their own at places from -1 to 1, two of "
            f"them asked about, and a step more than houses; got {road.houses!r}, {road.asked!r}, {len(road.inputs)}."
        )
    done = steps(model, road.inputs)
    one, other = (places[which] for which in road.asked)
    names = ("kept", "taken", "written", "read", "found", "relations", "handed", "end", "shares")
    return {
        "title": road.title,
        "houses": [[which, _rounded(torch.tensor(place))] for which, place in road.houses],
        "asked": list(road.asked),
        "right": round(abs(one - other), 3),
        "said": _rounded(done.outputs[-1, 0]),
        "steps": [
            {
                part: _rounded(getattr(done, part)[t].flatten(-2 if part not in ("read", "shares") else 0))
                for part in names
            }
            for t in range(len(road.inputs))
        ],
    }


def _rounded(numbers: Tensor) -> Any:
    return torch.round(numbers.double(), decimals=3).tolist()
