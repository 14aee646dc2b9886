"""Records of runs: one JSON file each, written whole or not at all, found where a reader or a checkout keeps them.

A record is a dict with at least ``name`` and ``settings``; `stamp` adds what every record has: the schema's version,
whether the run was finished, the versions, the hardware and the commit.
"""

import json
import os
import re
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

import memlib
from memlib.data import cache
from memlib.experiments.experiment import Experiment
from memlib.ledger import machine
from memlib.ledger.agreement import contradictions

SCHEMA = 1
_ANEW = "Restore it from git, or delete it and run the experiment again."
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")


class RecordError(RuntimeError):
    """A record cannot be read or written. The message says what to do."""


def _checked(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise RecordError(f"{name!r} is no name of a record: expected small letters, digits, '-' and '.'.")
    return name


def checkout_results() -> Path | None:
    """The folder ``results`` of a checkout: from the working folder upward, then beside the package; None without."""
    here = Path.cwd()
    for folder in [here, *here.parents, Path(memlib.__file__).resolve().parents[1]]:
        if (folder / "results").is_dir() and (folder / "pyproject.toml").is_file():
            return folder / "results"
    return None


def places() -> list[Path]:
    """The folders where records are looked for: ``MEMLIB_RESULTS``, a checkout's ``results``, the cache."""
    given = os.environ.get("MEMLIB_RESULTS")
    found = [Path(given).expanduser() if given else None, checkout_results(), cache() / "results"]
    return [place for place in found if place is not None]


def names() -> list[str]:
    """The names of all records on this machine, in alphabetical order."""
    return sorted({file.stem for place in places() if place.is_dir() for file in place.glob("*.json")})


def read(file: Path) -> dict[str, Any]:
    """Read one record from a file.

    Raises:
        RecordError: the file is no record: broken JSON, no name, or a newer schema than this memlib knows.
    """
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordError(f"cannot read the record {file}: {error}.") from error
    except UnicodeDecodeError as error:
        raise RecordError(f"cannot read the record {file}: it is no text in UTF-8 ({error}). {_ANEW}") from error
    except json.JSONDecodeError as error:
        raise RecordError(f"{file} is no valid JSON (line {error.lineno}: {error.msg}). {_ANEW}") from error
    if not isinstance(record, dict) or "name" not in record or not isinstance(record.get("settings"), dict):
        raise RecordError(
            f"{file} is no record: expected a JSON object with at least 'name' and 'settings', an object too. {_ANEW}"
        )
    if not isinstance(record.get("schema", SCHEMA), int):
        raise RecordError(f"{file} has schema {record['schema']!r}; expected a whole number. {_ANEW}")
    if record.get("schema", SCHEMA) > SCHEMA:
        raise RecordError(
            f"{file} has schema {record['schema']}; this memlib ({memlib.__version__}) knows up to {SCHEMA}. Update it."
        )
    return record


def agreed(record: dict[str, Any], file: Path | str) -> dict[str, Any]:
    """The record itself, if it agrees with the experiment that it belongs to.

    Args:
        record: as `read` gives it.
        file: for the message.

    Raises:
        RecordError: it says something else than its experiment; the message names each setting.
    """
    if odd := contradictions(record):
        raise RecordError(
            f"{file} contradicts its experiment: {'; '.join(odd)}. "
            f"Run it again, replacing the record: memlib run {record.get('experiment', record['name'])} --fresh"
        )
    return record


def load(name: str) -> dict[str, Any] | None:
    """The record of that name, or None with a warning that says where it was looked for.

    Args:
        name: for example ``holographic-babi``.

    Raises:
        RecordError: the name is none, the file is broken, or it contradicts its experiment's settings.
    """
    _checked(name)
    looked = places()
    for place in looked:
        if (file := place / f"{name}.json").is_file():
            return agreed(read(file), file)
    where = ", ".join(map(str, looked))
    warnings.warn(
        f"no record {name!r} in {where}. Records stand in the folder results of a checkout: point MEMLIB_RESULTS at "
        f"one, or make this one with: {_command(name)}",
        stacklevel=2,
    )
    return None


def _command(name: str) -> str:
    """What makes a record of that name."""
    return f"memlib bench {name.removeprefix('bench.')}" if name.startswith("bench.") else f"memlib run {name}"


def runs_of(experiment: Experiment) -> list[dict[str, Any]]:
    """All records of an experiment's runs, of any profile and seed.

    Raises:
        RecordError: one is broken or contradicts the experiment; the message names the file or the setting.
    """
    start = experiment.name.replace("/", ".") + "."
    found = []
    for name in names():
        profile, dot, seed = name.removeprefix(start).partition(".")
        if name.startswith(start) and profile in experiment.budgets and dot and seed.isdigit():
            record = load(name)
            if record is not None:
                found.append(record)
    return found


def save(record: Mapping[str, Any], folder: Path | str | None = None, *, replace: bool = False) -> Path:
    """Write a record as ``<name>.json``: sorted keys, numbers as they are, whole or not at all.

    Args:
        record: with at least ``name`` and ``settings``; only what JSON can hold, and no nan or infinity.
        folder: where to; the first of `places` when None.
        replace: write even where a record with other settings or another source of data stands.

    Returns:
        The file.

    Raises:
        RecordError: no name or settings, nothing that JSON can hold, other settings stand there, or the disk refuses.
    """
    if "name" not in record or "settings" not in record:
        raise RecordError("a record needs at least 'name' and 'settings'.")
    goal = Path(folder or places()[0]) / f"{_checked(record['name'])}.json"
    try:
        text = json.dumps(record, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n"
    except (TypeError, ValueError) as error:
        raise RecordError(f"the record {record['name']!r} holds something that JSON cannot: {error}.") from error
    if goal.is_file() and not replace:
        _refuse_other(read(goal), json.loads(text), goal)
    staging = ""
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=goal.parent, prefix=f".{goal.stem}-", delete=False
        ) as file:
            staging = file.name
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(staging, 0o644)
        os.replace(staging, goal)
    except OSError as error:
        if staging:
            Path(staging).unlink(missing_ok=True)
        raise RecordError(f"cannot write the record {goal}: {error.strerror or error}.") from error
    return goal


def writable(folder: Path) -> Path:
    """The folder itself, made where it is missing, once it is known that records can be written there.

    Raises:
        RecordError: they cannot; better known before hours of training than after.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise RecordError(
            f"records cannot be written to {folder}: {error.strerror or error}. Give another folder, with --out."
        ) from error


def _refuse_other(old: dict[str, Any], new: dict[str, Any], goal: Path) -> None:
    """A record may be made anew, but not silently become the record of something else."""
    pairs = [(f"settings.{key}", old["settings"].get(key), new["settings"].get(key))
             for key in sorted(old["settings"].keys() | new["settings"].keys())]  # fmt: skip
    pairs.append(("seeds", old.get("seeds"), new.get("seeds")))
    pairs.append(("data.source", (old.get("data") or {}).get("source"), (new.get("data") or {}).get("source")))
    differing = [f"{key} is {was!r} there and {now!r} here" for key, was, now in pairs if was != now]
    if differing:
        raise RecordError(
            f"{goal} holds a record of other settings ({'; '.join(differing)}). "
            "Write to another folder, or say that it may be replaced."
        )


def stamp(result: Mapping[str, Any], *, finished: bool = True, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Add what every record has.

    Args:
        result: what an experiment returns.
        finished: whether the run came to its end.
        device: that it ran on.

    Returns:
        A new dict with ``schema``, ``finished``, ``versions``, ``hardware`` and ``commit`` besides.
    """
    return {
        **result,
        "schema": SCHEMA,
        "finished": finished,
        "versions": machine.versions(),
        "hardware": machine.hardware(device),
        "commit": machine.commit(),
    }
