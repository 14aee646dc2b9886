"""The register of discrepancies: what a paper says, what its authors' code does, and the option that does as the code.

The entries stand in ``discrepancies/*.toml``, a file for each paper. The effect of each is measured by an experiment
that is a variant of another; see `memlib.ledger.effects`. Where we have no option, as for the way that answers are
counted, an entry says how the difference can be seen.
"""

import dataclasses
import importlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from memlib.experiments import registry
from memlib.experiments.experiment import Experiment
from memlib.ledger.effects import baseline_of, changed

FILE_KEYS = ("paper", "title", "repository", "commit", "config", "entries")
# Of an entry: those that must say something, and those that may be left out.
NEEDED = ("id", "title", "paper", "file", "code")
OPTIONAL = ("option", "config", "where", "experiment", "no_effect", "seen", "remark")


class DiscrepancyError(ValueError):
    """An entry of the register is wrong. The message names the file, the entry and what was expected."""


@dataclass(frozen=True)
class Discrepancy:
    """One difference between a paper and its authors' code.

    Attributes:
        id: unique within the paper, small letters and hyphens.
        title: in words.
        paper: what the paper says.
        file: of the authors' repository, and where in it.
        code: what the code does.
        config: the class of ours that has the option; the paper's where the entry names none.
        option: of that class; empty where there is none.
        where: the place in the paper; empty where it is silent.
        experiment: the name of the variant that measures it; empty where ``no_effect`` is given.
        no_effect: why there is nothing to measure, or why it is not measured.
        seen: a test that shows the difference, as pytest names it: ``tests/.../test_x.py::test_y``.
        remark: what else is to be said.
    """

    id: str
    title: str
    paper: str
    file: str
    code: str
    config: type
    option: str = ""
    where: str = ""
    experiment: str = ""
    no_effect: str = ""
    seen: str = ""
    remark: str = ""

    @property
    def command(self) -> str:
        """What measures it at the small budget."""
        return f"memlib run {self.experiment} --profile quick"


@dataclass(frozen=True)
class Paper:
    """The entries of one paper.

    Attributes:
        key: of the bibliography.
        title: of the group.
        repository: of the authors, as owner/name.
        commit: that was read, 40 hexadecimal digits.
        config: the class of ours that has the options, unless an entry names another.
        entries: in the file's order.
    """

    key: str
    title: str
    repository: str
    commit: str
    config: type
    entries: tuple[Discrepancy, ...]


@cache
def papers() -> tuple[Paper, ...]:
    """All entries, paper by paper.

    Raises:
        DiscrepancyError: an entry is incomplete, or names an option or an experiment that does not exist.
    """
    folder = files("memlib.ledger") / "discrepancies"
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(parse(file.read_text(encoding="utf-8"), file.name) for file in found)


def parse(text: str, name: str) -> Paper:
    """Read one file.

    Args:
        text: TOML, as in ``discrepancies/weissenborn2016.toml``.
        name: of the file, for messages.

    Raises:
        DiscrepancyError: as `papers`.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DiscrepancyError(f"{name} is no valid TOML: {error}.") from None
    _keys(told, FILE_KEYS, (), name)
    if not re.fullmatch(r"[0-9a-f]{40}", told["commit"]):
        raise DiscrepancyError(f"{name}: expected commit as 40 hexadecimal digits, got {told['commit']!r}.")
    config = _config(told["config"], name)
    entries = tuple(_entry(entry, config, name) for entry in told["entries"])
    twice = sorted({one.id for one in entries if [other.id for other in entries].count(one.id) > 1})
    if twice:
        raise DiscrepancyError(f"{name}: each id may stand once; found more often: {', '.join(twice)}.")
    return Paper(told["paper"], told["title"], told["repository"], told["commit"], config, entries)


def _keys(told: dict[str, Any], needed: tuple[str, ...], optional: tuple[str, ...], where: str) -> None:
    missing = [key for key in needed if not told.get(key)]
    unknown = sorted(told.keys() - {*needed, *optional})
    if missing or unknown:
        raise DiscrepancyError(
            f"{where}: "
            + "; ".join(
                [f"{key} is missing or empty" for key in missing]
                + [f"{key} is unknown, expected one of {', '.join((*needed, *optional))}" for key in unknown]
            )
            + "."
        )


def _config(path: str, name: str) -> type:
    module, _, attribute = path.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError):
        found = None
    if not isinstance(found, type) or not dataclasses.is_dataclass(found):
        raise DiscrepancyError(f"{name}: expected config as module:Class, a dataclass of ours; got {path!r}.")
    return found


def _entry(told: dict[str, Any], config: type, name: str) -> Discrepancy:
    where = f"{name}, entry {told.get('id', '?')!r}"
    _keys(told, NEEDED, OPTIONAL, where)
    if wrong := [key for key, value in told.items() if not isinstance(value, str)]:
        raise DiscrepancyError(f"{where}: expected words, got something else for {', '.join(wrong)}.")
    if told.get("config"):
        config = _config(told["config"], where)
    entry = Discrepancy(**{**told, "config": config})
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry.id):
        raise DiscrepancyError(f"{where}: expected an id of small letters, digits and hyphens.")
    options = [field.name for field in dataclasses.fields(config)]
    if entry.experiment and not entry.option:
        raise DiscrepancyError(f"{where}: option is missing or empty; an experiment measures one.")
    if entry.option and entry.option not in options:
        raise DiscrepancyError(
            f"{where}: {config.__name__} has no option {entry.option!r}; it has: {', '.join(options)}."
        )
    if bool(entry.experiment) == bool(entry.no_effect):
        raise DiscrepancyError(f"{where}: expected either experiment or no_effect, and not both.")
    if entry.seen and not re.fullmatch(r"tests/[\w/]+\.py::test_\w+", entry.seen):
        raise DiscrepancyError(f"{where}: expected seen as tests/.../test_x.py::test_y, got {entry.seen!r}.")
    if entry.experiment:
        _measured(entry, where)
    return entry


def _measured(entry: Discrepancy, where: str) -> None:
    """The experiment must be there, and differ from its baseline in this option alone."""
    experiment = registry.EXPERIMENTS.get(entry.experiment)
    if not isinstance(experiment, Experiment) or not experiment.baseline:
        raise DiscrepancyError(f"{where}: no variant of an experiment is called {entry.experiment!r}.")
    try:
        options = changed(experiment, baseline_of(experiment))
    except ValueError as error:
        raise DiscrepancyError(f"{where}: {error}") from None
    if options != [entry.option]:
        raise DiscrepancyError(f"{where}: {entry.experiment} changes {', '.join(options)}, not {entry.option}.")
