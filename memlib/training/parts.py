"""The parts of a long measurement, each kept on disk as it comes, so that a stopped one goes on at the next part."""

import json
import os
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from memlib.training.checkpoint import CheckpointError


class Parts:
    """What a measurement has finished so far: a file a part.

    Args:
        folder: of the measurement, made with its first part; None keeps nothing on disk.
        identity: what must agree when parts are read again, such as the settings (JSON values).
        fresh: forget earlier parts.

    Attributes:
        seconds: that the parts took, summed over all sittings.
    """

    def __init__(
        self, folder: Path | None = None, identity: dict[str, Any] | None = None, *, fresh: bool = False
    ) -> None:
        self.folder, self.identity, self.seconds = folder, json.loads(json.dumps(identity or {})), 0.0
        if fresh:
            self.drop()

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What ``make`` gave when this part was first asked for: in an earlier sitting, or now.

        Args:
            name: of the part; two parts differ in their letters or digits.
            make: from nothing to what JSON can hold.

        Raises:
            CheckpointError: a part belongs to other settings, is damaged, or cannot be written.
        """
        file = None if self.folder is None else self.folder / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.json"
        if file is not None and file.is_file():
            kept = self._read(file, name)
        else:
            started = time.perf_counter()
            part = make()
            kept = {"name": name, "seconds": time.perf_counter() - started, "identity": self.identity, "part": part}
            if file is not None:
                _write(file, json.dumps(kept))
        self.seconds += kept["seconds"]
        return kept["part"]

    def drop(self) -> None:
        """Forget all parts, as once the record stands."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, file: Path, name: str) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            was = {"name": kept["name"], **kept["identity"]}
            kept["seconds"], kept["part"] = float(kept["seconds"]), kept["part"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(f"{file} is damaged ({error!r}). Delete it, and this part is made again.") from error
        now = {"name": name, **self.identity}
        if odd := [key for key in sorted({*was, *now}) if was.get(key) != now.get(key)]:
            told = "; ".join(f"{key}: expected {now.get(key)!r}, it has {was.get(key)!r}" for key in odd)
            raise CheckpointError(
                f"{file} belongs to another measurement ({told}). "
                "Begin again with --fresh, which forgets the parts that were kept so far."
            )
        return kept


def _write(file: Path, text: str) -> None:
    """Whole or not at all."""
    draft = file.with_name(f".{file.name}-{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise CheckpointError(
            f"{file} could not be written: {error}. Free some space, then run the same command again: the parts that "
            "were kept before stand."
        ) from error
