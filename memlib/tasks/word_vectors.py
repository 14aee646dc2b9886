"""Word vectors from a text file such as ``glove.840B.300d.txt``: only the rows that are needed are kept.

Why not torchtext's own reader: it holds all 2.2 million rows in memory, leaves a pickled copy of them on the disk,
and downloads where it finds no file.

Source: pennington2014
"""

import codecs
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from memlib.data import DataError, find

GLOVE = "glove.840B.300d.txt"


class WordVectors(NamedTuple):
    """A vector for each word of a vocabulary.

    Attributes:
        table: the vectors; row 0, the padding's, is zero [words, width].
        known: whether the word's vector came from the file [words]; False for the padding.
    """

    table: Float[Tensor, "words width"]
    known: Bool[Tensor, "words"]


def glove_file() -> Path | None:
    """GloVe's 840B file on this machine, or None where it is not; ``memlib data glove`` fetches it."""
    root = find("glove", GLOVE)
    return root / GLOVE if root is not None else None


def _rows(path: Path) -> Iterator[tuple[int, bytes]]:
    """The numbered lines of a file, without a first line that only tells the counts, as word2vec writes it."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            row = line.rstrip(b"\r\n ")
            if number == 1:
                row = row.removeprefix(codecs.BOM_UTF8)
            if number == 1 and len(parts := row.split(b" ")) == 2 and all(part.isdigit() for part in parts):
                continue
            yield number, row


def read_vectors(
    words: Sequence[str], path: Path | str, generator: torch.Generator, *, scale: float | None = None
) -> WordVectors:
    """Look the words of a vocabulary up in a file of lines ``word number number ...``.

    A word that the file lacks is tried in lower case too; if that fails as well, its vector is normally distributed.
    Each word of the file counts once, at its first line. The file is read once, line by line.

    Args:
        words: by id; the first is the padding. `memlib.tasks.text.Vocabulary.words` or `WordList.words`.
        path: the file, in UTF-8; the numbers are separated by single blanks, as many on every line.
        generator: of the random vectors; what it draws does not depend on which words the file holds.
        scale: standard deviation of the random vectors; that of all found ones when None (1 where none is found).

    Raises:
        TypeError: words is a single string.
        DataError: the file is not there.
        ValueError: a line is not of the format: the message names the file and the line.
    """
    if isinstance(words, str):
        raise TypeError(f"expected a list of words, the padding first; got the string {words!r}.")
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path} is not there. Fetch GloVe with: memlib data glove    or train vectors of your own.")
    wanted = {word.encode() for word in words[1:]} | {word.lower().encode() for word in words[1:]}
    found: dict[bytes, Tensor] = {}
    width = 0
    for number, row in _rows(path):
        width = width or row.count(b" ")
        # Some words of the 840B file hold blanks themselves, so the numbers are counted from the right.
        word, *numbers = row.rsplit(b" ", width)
        if not width or len(numbers) != width:
            raise ValueError(
                f"{path}, line {number}: expected a word and {width or 'some'} numbers, got {len(numbers)} numbers."
            )
        if word in wanted and word not in found:
            try:
                values = [float(one) for one in numbers]
            except ValueError:
                values = [math.nan]
            if not all(map(math.isfinite, values)):
                raise ValueError(f"{path}, line {number}: expected {width} numbers after {word.decode()!r}.")
            found[word] = torch.tensor(values)
    if not width:
        raise ValueError(f"{path} is empty: expected words with their vectors.")
    table = torch.randn(len(words), width, generator=generator)
    known = torch.zeros(len(words), dtype=torch.bool)
    for place, name in enumerate(words[1:], start=1):
        vector = found.get(name.encode(), found.get(name.lower().encode()))
        if vector is not None:
            table[place], known[place] = vector, True
    if scale is None:
        scale = table[known].std().item() if known.any() else 1.0
    table[~known] *= scale
    table[0] = 0
    return WordVectors(table, known)
