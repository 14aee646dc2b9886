"""Reversal: write a sequence of letters backwards.

The shortest question that a fixed-size summary answers badly: nothing about a random letter can be guessed, so all of
them must be kept, in order, and the first that was read is needed last.

An example, with 26 letters::

    source  q d x a b
    target  b a x d q END

Source: bahdanau2015, Sec. 2.1
"""

from dataclasses import dataclass

import torch

from memlib.tasks.checks import whole_number
from memlib.tasks.sequence_pairs import END, FIRST, NOWHERE, PAD, SequencePairs


@dataclass(frozen=True)
class Reversal:
    """The task's sizes.

    Attributes:
        letters: how many there are.
        longest: length of a source, at most.
        shortest: at least.
    """

    letters: int = 10
    longest: int = 40
    shortest: int = 1

    def __post_init__(self) -> None:
        whole_number("letters", self.letters, 2)
        whole_number("longest", self.longest, whole_number("shortest", self.shortest, 1))

    @property
    def vocabulary(self) -> int:
        """Number of tokens: the letters, and `PAD`, `START` and `END`."""
        return FIRST + self.letters


def batch(task: Reversal, size: int, generator: torch.Generator, length: int | None = None) -> SequencePairs:
    """Draw pairs.

    Args:
        task: its sizes.
        size: how many pairs.
        generator: of the draw.
        length: of all sources; None draws one for each row between the task's shortest and longest.

    Returns:
        The pairs. A target's alignment is the place where its letter stood.

    Raises:
        TypeError, ValueError: size or length is no whole number of at least 1.
    """
    size = whole_number("size", size, 1)
    if length is None:
        lengths = torch.randint(task.shortest, task.longest + 1, (size,), generator=generator)
    else:
        lengths = torch.full((size,), whole_number("length", length, 1))
    longest = int(lengths.max())
    place = torch.arange(longest + 1)
    letters = torch.randint(FIRST, task.vocabulary, (size, longest + 1), generator=generator)
    ends = lengths.unsqueeze(1)
    source = letters.where(place < ends, PAD)
    mirrored = ends - 1 - place
    target = source.gather(1, mirrored.clamp(min=0)).where(place < ends, PAD)
    target = target.where(place != ends, END)
    return SequencePairs(source[:, :longest], target, mirrored.where(place < ends, NOWHERE))
