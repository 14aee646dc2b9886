"""SNLI 1.0: readers of its two formats, the published one and a tab-separated one, and the split of its small parts.

The published files are ``snli_1.0_{train,dev,test}.jsonl``: one JSON object a line, with the tokens in a binary parse.
The tab-separated ones are ``snli_{train,dev,test}.tsv``: label, premise, hypothesis, the tokens apart by blanks.

Source: bowman2015
"""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import torch

from memlib.data import DataError, find, locate
from memlib.tasks.entailment_pairs import LABELS, Pair, counts
from memlib.tasks.files import lines_of

__all__ = ["LABELS", "PARTITIONS", "Pair", "Pairs", "counts", "development_split", "load", "read", "tokens"]

PARTITIONS = ("train", "dev", "test")
# How the parser writes brackets; the tab-separated copy and GloVe have the characters themselves.
BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}
FIELDS = ("gold_label", "sentence1_binary_parse", "sentence2_binary_parse")


class Pairs(list[Pair]):
    """A list of pairs that knows where it comes from.

    Attributes:
        source: for example ``SNLI 1.0 dev``.
        file: the file that was read.
        dropped: how many pairs were left out, because the annotators agreed on no label (``-``).
    """

    def __init__(self, pairs: Iterable[Pair], source: str, file: Path | None = None, dropped: int = 0) -> None:
        super().__init__(pairs)
        self.source, self.file, self.dropped = source, file, dropped


def tokens(parse: str) -> tuple[str, ...]:
    """The tokens of a binary parse such as ``( ( A dog ) ( runs . ) )``: its leaves, with brackets as characters."""
    return tuple(BRACKETS.get(leaf, leaf) for leaf in parse.split() if leaf not in ("(", ")"))


def _pair(label: str, premise: tuple[str, ...], hypothesis: tuple[str, ...], lower: bool) -> Pair | None:
    """A pair; None where there is no gold label."""
    if label not in (*LABELS, "-"):
        raise ValueError(f"expected a label of {', '.join(LABELS)} or -, got {label!r}")
    if not premise or not hypothesis:
        raise ValueError("expected at least one token in each sentence")
    if label == "-":
        return None
    if lower:
        premise, hypothesis = (tuple(token.lower() for token in sentence) for sentence in (premise, hypothesis))
    return Pair(premise, hypothesis, LABELS.index(label))


def _jsonl(row: str, lower: bool) -> Pair | None:
    try:
        entry = json.loads(row)
    except json.JSONDecodeError as error:
        raise ValueError(f"expected a JSON object ({error})") from None
    if not isinstance(entry, dict) or not all(isinstance(entry.get(field), str) for field in FIELDS):
        raise ValueError(f"expected a JSON object with the texts {', '.join(FIELDS)}")
    label, premise, hypothesis = (entry[field] for field in FIELDS)
    for parse in (premise, hypothesis):
        if parse.split().count("(") != parse.split().count(")"):
            raise ValueError(f"expected a parse with as many opening as closing brackets, got {parse!r}")
    return _pair(label, tokens(premise), tokens(hypothesis), lower)


def _tsv(row: str, lower: bool) -> Pair | None:
    cells = row.split("\t")
    if len(cells) != 3:
        raise ValueError(f"expected label, premise and hypothesis between tabs, got {len(cells)} parts")
    return _pair(cells[0], tuple(cells[1].split()), tuple(cells[2].split()), lower)


ROWS: dict[str, Callable[[str, bool], Pair | None]] = {".jsonl": _jsonl, ".tsv": _tsv}


def read(path: Path | str, *, lower: bool = True, source: str | None = None) -> Pairs:
    """Read a file, whichever of the two formats its name ends with.

    Args:
        path: a ``.jsonl`` or ``.tsv`` file.
        lower: put all tokens in lower case. GloVe's 840B vectors are cased, yet hold nearly all of SNLI's words in
            lower case; lower-casing keeps the first word of a sentence from becoming a word of its own, which matters
            most where the training set is small. What is lost are names, and "us" beside "US".
        source: what the pairs will say they are; the file's name when None.

    Returns:
        The pairs that have a gold label, in the file's order; ``.dropped`` counts the others.

    Raises:
        DataError: the file is not there.
        ValueError: a line is not of the format: the message names the file and the line.
    """
    path = Path(path)
    if path.suffix not in ROWS:
        raise ValueError(f"expected a file that ends with {' or '.join(ROWS)}, got {path}.")
    if not path.is_file():
        raise DataError(f"{path} is not there. Fetch SNLI with: memlib data snli")
    parse, found = ROWS[path.suffix], list[Pair | None]()
    for row in lines_of(path, newline="\n"):
        try:
            found.append(parse(row.rstrip("\r\n"), lower))
        except ValueError as error:
            raise ValueError(f"{path}, line {len(found) + 1}: {error}.") from None
    if not found:
        raise ValueError(f"{path} is empty: expected pairs.")
    kept = [pair for pair in found if pair is not None]
    return Pairs(kept, source or path.name, path, len(found) - len(kept))


def load(partition: str, *, lower: bool = True) -> Pairs:
    """Read a partition from where `memlib.data.find` finds it: the published file, else the tab-separated one.

    Args:
        partition: ``train``, ``dev`` or ``test``.
        lower: as in `read`.

    Raises:
        ValueError: there is no such partition, or a line is damaged.
        DataError: the file is not on this machine: the message says how to fetch it.
    """
    if partition not in PARTITIONS:
        raise ValueError(f"expected a partition of {', '.join(PARTITIONS)}; got {partition!r}.")
    for name in (f"snli_1.0_{partition}.jsonl", f"snli_{partition}.tsv"):
        if (root := find("snli", name)) is not None:
            return read(root / name, lower=lower, source=f"SNLI 1.0 {partition}")
    name = f"snli_1.0_{partition}.jsonl"
    return read(locate("snli", name) / name, lower=lower)


def development_split(pairs: Sequence[Pair], seed: int, held_out: int = 1000) -> tuple[list[Pair], list[Pair]]:
    """Divide the development pairs into a small training set and a held-out part, for where ``train`` is not here.

    SNLI puts about three hypotheses beside each premise. Pairs of one premise stay on one side, so that no held-out
    premise was trained on, as between SNLI's own partitions.

    Args:
        pairs: the development pairs.
        seed: of the choice.
        held_out: at least this many pairs are held out; a premise's last pairs may make it one or two more.

    Returns:
        The pairs to train on and those held out, both in the given order.

    Raises:
        ValueError: ``held_out`` is not between 1 and the number of pairs less one.
    """
    if not 1 <= held_out < len(pairs):
        raise ValueError(f"expected held_out from 1 to {len(pairs) - 1}, got {held_out}.")
    premises = list(dict.fromkeys(pair.premise for pair in pairs))
    size = dict.fromkeys(premises, 0)
    for pair in pairs:
        size[pair.premise] += 1
    chosen: set[tuple[str, ...]] = set()
    total = 0
    for place in torch.randperm(len(premises), generator=torch.Generator().manual_seed(seed)).tolist():
        if total >= held_out:
            break
        chosen.add(premises[place])
        total += size[premises[place]]
    return [pair for pair in pairs if pair.premise not in chosen], [pair for pair in pairs if pair.premise in chosen]
