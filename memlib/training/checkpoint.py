"""Checkpoints: one folder each, safetensors and JSON, complete or not there at all.

A checkpoint is written into a folder beside its final place and moved there by one rename, so that a run killed at any
moment leaves the previous one untouched. The JSON holds the checksum of the tensors: a damaged checkpoint is found out,
named, and the one before it is used.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from memlib.training.tree import flatten, restore

KEEP = 2
TENSORS, STATE = "tensors.safetensors", "state.json"


class CheckpointError(RuntimeError):
    """A checkpoint cannot be written or read; the message says what to do."""


def save(folder: Path, update: int, state: Any, identity: dict[str, Any]) -> Path:
    """Write a checkpoint and drop all but the newest `KEEP`.

    Args:
        folder: of the run; made when missing.
        update: the number of updates done, which names the checkpoint.
        state: what `memlib.training.tree.flatten` takes.
        identity: what must agree when it is read again, such as the model's name and settings (JSON values).

    Returns:
        The checkpoint's folder.

    Raises:
        CheckpointError: it could not be written (a full disk, no permission); older ones are as they were.
    """
    tensors, skeleton = flatten(state)
    content = save_tensors(tensors)
    text = json.dumps({"update": update, "identity": identity, "sha256": _digest(content), "state": skeleton})
    goal = folder / f"checkpoint-{update:09d}"
    draft = folder / f"unfinished-{update:09d}-{os.getpid()}"
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        _write(draft / TENSORS, content)
        _write(draft / STATE, text.encode())
        if goal.exists():  # of the same update, from before a resumption; killed here, the one before it remains
            shutil.rmtree(goal)
        draft.rename(goal)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise CheckpointError(
            f"the checkpoint of update {update} could not be written to {folder}: {error}. Earlier checkpoints are "
            "untouched. Free some space or choose another folder, then run the same command again to resume."
        ) from error
    for old in found(folder)[KEEP:]:
        shutil.rmtree(old, ignore_errors=True)
    for leftover in folder.glob("unfinished-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    return goal


def found(folder: Path) -> list[Path]:
    """The checkpoints in a run's folder, the newest first."""
    return sorted(folder.glob("checkpoint-*"), reverse=True)


def load(folder: Path, identity: dict[str, Any]) -> tuple[Any, list[str]]:
    """Read the newest checkpoint that is whole.

    Args:
        folder: of the run.
        identity: as given to `save`.

    Returns:
        The state, or None where there is no checkpoint; and a message for each damaged checkpoint passed over.

    Raises:
        CheckpointError: it belongs to another model or other settings, or all that are there are damaged.
    """
    remarks: list[str] = []
    for place in found(folder):
        try:
            header = json.loads((place / STATE).read_bytes())
            content = (place / TENSORS).read_bytes()
            if _digest(content) != header["sha256"]:
                raise ValueError("its tensors do not match their checksum")
            state = restore(load_tensors(content), header["state"])
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            remarks.append(f"{place} is damaged ({error}); the one before it is used.")
            continue
        _same(header["identity"], identity, place)
        return state, remarks
    if remarks:
        raise CheckpointError(
            f"no checkpoint in {folder} can be read:\n"
            + "\n".join(remarks)
            + "\nMove that folder away to start afresh."
        )
    return None, remarks


def _same(stored: dict[str, Any], expected: dict[str, Any], place: Path) -> None:
    """Refuse a checkpoint of another run."""
    expected = json.loads(json.dumps(expected))
    odd = [key for key in sorted({*stored, *expected}) if stored.get(key) != expected.get(key)]
    if odd:
        lines = [f"  {key}: expected {expected.get(key)!r}, the checkpoint has {stored.get(key)!r}" for key in odd]
        raise CheckpointError(
            f"{place} belongs to another run:\n" + "\n".join(lines) + "\nGive this run a folder of its own, "
            "or use the settings that the checkpoint was made with."
        )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(file: Path, content: bytes) -> None:
    """Write and wait until the disk has it, so that the rename that follows moves whole files."""
    with file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
