"""Counting objects in one part of a picture: "how many red squares?"

A picture is a grid of regions. The objects of a region all have one colour, and exactly one region has the colour that
is asked for. So the colour says where to look, and the shape what to count there. This is attention over something that
is no sequence: nothing follows upon a region, and their order in the tensor means nothing.

An example, a picture of 2 × 2 regions, each with four places (``s`` square, ``x`` cross, ``o`` ring)::

    red    green        how many red squares?   2
    s o    x .
    . s    . .

    blue   green
    o x    s s
    . .    s .

Source: xu2015, Sec. 3
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from memlib.tasks.checks import whole_number

COLOURS = {
    "red": (1.0, 0.1, 0.1),
    "green": (0.1, 0.8, 0.2),
    "blue": (0.2, 0.3, 1.0),
    "yellow": (1.0, 0.9, 0.1),
    "magenta": (0.9, 0.2, 0.9),
    "cyan": (0.1, 0.9, 0.9),
}
# Four by four pixels for each place of a region.
SHAPES = {
    "square": ("###.", "###.", "###.", "...."),
    "cross": (".#..", "###.", ".#..", "...."),
    "ring": ("###.", "#.#.", "###.", "...."),
}
PLACES, SIDE = 4, 8


@dataclass(frozen=True)
class Counting:
    """The task's sizes.

    Attributes:
        grid: regions along a side of the picture.
        noise: standard deviation of what is added to each pixel.
    """

    grid: int = 3
    noise: float = 0.05

    def __post_init__(self) -> None:
        whole_number("grid", self.grid, 1)
        if not self.noise >= 0:
            raise ValueError(f"expected noise >= 0, got {self.noise}.")

    @property
    def regions(self) -> int:
        """Number of regions."""
        return self.grid**2

    @property
    def region_size(self) -> int:
        """Numbers in a region: three colours of `SIDE` by `SIDE` pixels."""
        return 3 * SIDE**2

    @property
    def question_size(self) -> int:
        """Numbers in a question: a place for each colour, then one for each shape."""
        return len(COLOURS) + len(SHAPES)

    @property
    def answers(self) -> int:
        """Number of answers: none to all places of a region."""
        return PLACES + 1


class Pictures(NamedTuple):
    """A batch of pictures and questions.

    Attributes:
        regions: pixels, row by row of the grid, [batch, regions, 3 · 8 · 8].
        question: [batch, question_size], two ones.
        answer: the count, [batch].
        where: the region that has the colour asked for, [batch].
    """

    regions: Tensor
    question: Tensor
    answer: Tensor
    where: Tensor

    def to(self, device: torch.device) -> "Pictures":
        """The same batch on a device."""
        return Pictures(*(part.to(device) for part in self))


def stamps() -> Float[Tensor, "kinds 4 4"]:
    """What a place can hold: nothing, then each shape."""
    drawn = [("....",) * 4, *SHAPES.values()]
    return torch.tensor([[[float(pixel == "#") for pixel in row] for row in shape] for shape in drawn])


def paint(
    colours: Int[Tensor, "batch regions"], things: Int[Tensor, "batch regions 4"]
) -> Float[Tensor, "batch regions pixels"]:
    """Regions as pixels, without noise.

    Args:
        colours: of each region, as in `COLOURS`.
        things: what its four places hold, 0 for nothing, else 1 + the number of a shape in `SHAPES`.

    Returns:
        [batch, regions, 3 · 8 · 8]: colour, row, column.
    """
    batch, regions = colours.shape
    mask = stamps()[things].view(batch, regions, 2, 2, 4, 4).permute(0, 1, 2, 4, 3, 5).reshape(batch, regions, 1, -1)
    return (torch.tensor(list(COLOURS.values()))[colours].unsqueeze(-1) * mask).flatten(2)


def batch(task: Counting, size: int, generator: torch.Generator) -> Pictures:
    """Draw pictures and questions; every answer is equally frequent.

    Raises:
        TypeError, ValueError: size is no whole number of at least 1.
    """
    size, regions = whole_number("size", size, 1), task.regions

    def below(limit: int, *shape: int) -> Tensor:
        return torch.randint(limit, shape, generator=generator)

    colour, shape = below(len(COLOURS), size), below(len(SHAPES), size)
    where, answer = below(regions, size), below(PLACES + 1, size)
    # Any colour but the one asked for: so many places further round.
    colours = (colour.unsqueeze(1) + 1 + below(len(COLOURS) - 1, size, regions)) % len(COLOURS)
    things = below(len(SHAPES) + 1, size, regions, PLACES)
    rows = torch.arange(size)
    colours[rows, where] = colour
    # In the region asked for, the first places hold the shape, the others do not; then they are shuffled.
    other = (shape.unsqueeze(1) + 2 + below(len(SHAPES), size, PLACES)) % (len(SHAPES) + 1)
    held = torch.where(torch.arange(PLACES) < answer.unsqueeze(1), shape.unsqueeze(1) + 1, other)
    order = torch.rand(size, PLACES, generator=generator).argsort(1)
    things[rows, where] = held.gather(1, order)
    pixels = paint(colours, things)
    pixels = pixels + task.noise * torch.randn(pixels.shape, generator=generator)
    question = torch.zeros(size, task.question_size)
    question[rows, colour] = 1.0
    question[rows, len(COLOURS) + shape] = 1.0
    return Pictures(pixels, question, answer, where)


def picture(regions: Float[Tensor, "regions pixels"]) -> Float[Tensor, "height width 3"]:
    """One picture's regions, put together for the eye; values between 0 and 1.

    Raises:
        ValueError: they are not the regions of one picture.
    """
    grid = round(len(regions) ** 0.5)
    if regions.ndim != 2 or grid**2 != len(regions) or regions.shape[1] != 3 * SIDE**2:
        raise ValueError(f"expected the regions of one picture, [grid², {3 * SIDE**2}], got {tuple(regions.shape)}.")
    tiles = regions.view(grid, grid, 3, SIDE, SIDE).permute(0, 3, 1, 4, 2)
    return tiles.reshape(grid * SIDE, grid * SIDE, 3).clamp(0, 1)


def in_words(question: Float[Tensor, " size"]) -> str:
    """A question in words."""
    colour, shape = question[: len(COLOURS)].argmax(), question[len(COLOURS) :].argmax()
    noun = {"cross": "crosses"}.get(list(SHAPES)[int(shape)], f"{list(SHAPES)[int(shape)]}s")
    return f"how many {list(COLOURS)[int(colour)]} {noun}?"


def accuracy(said: Int[Tensor, " batch"], pictures: Pictures) -> float:
    """The share of right answers in per cent.

    Raises:
        ValueError: there are not as many answers as pictures.
    """
    if said.shape != pictures.answer.shape:
        raise ValueError(f"expected {len(pictures.answer)} answers, got {tuple(said.shape)}.")
    return 100 * (said == pictures.answer).double().mean().item()
