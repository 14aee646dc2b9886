"""Text for language models: the reader of WikiText-2 and Penn Treebank, and names in it that recur.

A text is a file with a line for each paragraph, words apart by blanks, rare words already replaced by ``<unk>``. Every
line gives its words and one ``<eos>``. Each data set is three files, under any of these names:
``train.txt``, ``wiki.train.tokens`` or ``ptb.train.txt``, likewise valid and test.

Source: merity2018, Sec. 4
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from memlib.data import DataError, cache, locate
from memlib.tasks.checks import whole_number
from memlib.tasks.files import copy_whole, lines_of

PARTITIONS = ("train", "valid", "test")
FILES = ("{}.txt", "wiki.{}.tokens", "ptb.{}.txt")
TITLES = {"wikitext-2": "WikiText-2", "ptb": "Penn Treebank"}
# Different words, then tokens of the training, validation and test text: to tell them apart, and damaged ones.
SIZES = {"wikitext-2": (33_278, 2_088_628, 217_646, 245_569), "ptb": (10_000, 929_589, 73_760, 82_430)}
EOS = "<eos>"
# Marks on tokens, for losses apart: nothing special, a name's first mention, and its later ones.
PLAIN, FIRST, LATER = 0, 1, 2


@dataclass(frozen=True)
class Corpus:
    """A text as numbers.

    Attributes:
        vocabulary: the words by number, the most frequent in the training text first.
        train: [tokens].
        valid: [tokens].
        test: [tokens].
        source: for example ``WikiText-2``.
        marks: by partition, what each token is, where that is known: [tokens].
    """

    vocabulary: tuple[str, ...]
    train: Tensor
    valid: Tensor
    test: Tensor
    source: str
    marks: Mapping[str, Tensor] = field(default_factory=dict)

    def words(self, ids: Iterable[int]) -> list[str]:
        """The words of numbers."""
        return [self.vocabulary[int(one)] for one in ids]


def tokens(lines: Iterable[str]) -> Iterator[str]:
    """The words of each line, and ``<eos>`` after each line, an empty one too."""
    for line in lines:
        yield from line.split()
        yield EOS


def corpus(texts: Mapping[str, list[str]], source: str, marks: Mapping[str, Tensor] | None = None) -> Corpus:
    """Number the words of three texts, by their frequency in the training text; equally frequent ones as they come.

    Args:
        texts: the tokens of ``train``, ``valid`` and ``test``; words of any of them get a number.
        source: in words.
        marks: as in `Corpus`.

    Raises:
        ValueError: a text is missing or empty.
    """
    if set(texts) != set(PARTITIONS) or not all(texts.values()):
        got = ", ".join(name if tokens else f"{name} (empty)" for name, tokens in texts.items())
        raise ValueError(f"expected texts that are not empty for {', '.join(PARTITIONS)}; got {got or 'none'}.")
    counts = Counter(texts["train"])
    words = list(dict.fromkeys(word for part in PARTITIONS for word in texts[part]))
    words.sort(key=lambda word: -counts[word])
    number = {word: i for i, word in enumerate(words)}
    train, valid, test = (torch.tensor([number[word] for word in texts[part]]) for part in PARTITIONS)
    return Corpus(tuple(words), train, valid, test, source, dict(marks or {}))


def file_of(root: Path | str, partition: str) -> Path:
    """The file of one partition.

    Raises:
        ValueError: there is no such partition.
        DataError: none of its possible files is in the folder.
    """
    if partition not in PARTITIONS:
        raise ValueError(f"expected a partition of {', '.join(PARTITIONS)}; got {partition!r}.")
    names = [name.format(partition) for name in FILES]
    for name in names:
        if (Path(root) / name).is_file():
            return Path(root) / name
    raise DataError(f"{root} holds no {' or '.join(names)}.")


def read(root: Path | str, source: str) -> Corpus:
    """Read the three files of a data set.

    Args:
        root: their folder.
        source: in words.

    Raises:
        DataError: one is missing.
        ValueError: one is empty or no text.
    """
    texts = {}
    for partition in PARTITIONS:
        texts[partition] = list(tokens(lines_of(file_of(root, partition))))
    return corpus(texts, source)


def load(name: str) -> Corpus:
    """WikiText-2 or Penn Treebank, where it is on this machine.

    Args:
        name: ``wikitext-2`` or ``ptb``.

    Raises:
        DataError: it is not there, and the message says how to get it; or it is not the text of that name.
        ValueError: the name is another one.
    """
    return _checked(name, locate(name) if name in TITLES else Path())


def _checked(name: str, root: Path) -> Corpus:
    if name not in TITLES:
        raise ValueError(f"expected a text of {', '.join(TITLES)}; got {name!r}.")
    text = read(root, TITLES[name])
    sizes = (len(text.vocabulary), *(part.numel() for part in (text.train, text.valid, text.test)))
    if sizes != SIZES[name]:
        raise DataError(
            f"what lies in {root} is not {TITLES[name]}: expected {SIZES[name]} different words and tokens of the "
            f"training, validation and test text, got {sizes}."
        )
    return text


def adopt(name: str, folder: Path | str, to: Path | str | None = None) -> Path:
    """Check files that somebody has, and copy them to where `load` finds them.

    Args:
        name: as in `load`.
        folder: that holds the three files.
        to: the folder that will hold a folder ``name``; the cache when None. Point MEMLIB_DATA at it to have it found.

    Returns:
        The folder of the copies.

    Raises:
        DataError: a file is missing, or they are not that text, or they cannot be copied.
        ValueError: the name is none of `load`'s.
    """
    folder = Path(folder).expanduser()
    _checked(name, folder)
    goal = (cache() if to is None else Path(to).expanduser()) / name
    return copy_whole({f"{partition}.txt": file_of(folder, partition) for partition in PARTITIONS}, goal)


def batchify(ids: Int[Tensor, " tokens"], rows: int) -> Int[Tensor, "rows length"]:
    """Cut a text into rows of equal length, one under the other; what is left over at the end is dropped.

    Raises:
        ValueError: there are not two tokens for each row.
        TypeError: rows is no whole number.
    """
    rows = whole_number("rows", rows, 1)
    if ids.numel() < 2 * rows:
        raise ValueError(f"expected at least two tokens for each of {rows} rows, got {ids.numel()}.")
    return ids[: ids.numel() // rows * rows].view(rows, -1)


def rare_names(text: Corpus, most: int = 100) -> Bool[Tensor, " vocabulary"]:
    """The words that begin with a capital and come at most so often in the training text.

    Args:
        text: whose vocabulary.
        most: this often; words that never come in it count too.
    """
    counts = torch.bincount(text.train, minlength=len(text.vocabulary))
    capital = torch.tensor([word[:1].isupper() for word in text.vocabulary])
    return capital & (counts <= whole_number("most", most, 0))


def mark(ids: Int[Tensor, " tokens"], names: Bool[Tensor, " vocabulary"], within: int = 500) -> Int[Tensor, " tokens"]:
    """Mark the names that recur: ``FIRST`` where one is met that comes again soon, ``LATER`` where it comes again.

    Args:
        ids: a text.
        names: whether each word is a name.
        within: a name that was last met more tokens ago counts as new; one that is not met again so soon is no name
            that recurs.
    """
    marks, last = torch.full_like(ids, PLAIN), dict[int, int]()
    for here in names[ids].nonzero().flatten().tolist():
        word = int(ids[here])
        before = last.get(word)
        if before is not None and here - before <= within:
            marks[here] = LATER
            if marks[before] == PLAIN:
                marks[before] = FIRST
        last[word] = here
    return marks
