"""Checksums of files: SHA-256, and the id that git gives to a file's content."""

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from memlib.data.errors import DataError

LENGTHS = {"sha256": 64, "git-blob": 40}


class Checksum(NamedTuple):
    """A checksum: its kind (``sha256`` or ``git-blob``) and its hexadecimal digits in lower case."""

    kind: str
    digits: str

    @classmethod
    def parse(cls, text: str) -> "Checksum":
        """Read ``kind:digits``, for example ``sha256:0364ebde...``.

        Raises:
            ValueError: the kind is unknown, or the digits do not fit it.
        """
        kind, _, digits = text.partition(":")
        if kind not in LENGTHS or not re.fullmatch(f"[0-9a-f]{{{LENGTHS.get(kind, 0)}}}", digits):
            raise ValueError(
                f"{text!r} is no checksum: expected 'sha256:' with 64 or 'git-blob:' with 40 digits 0-9a-f."
            )
        return cls(kind, digits)

    def __str__(self) -> str:
        return f"{self.kind}:{self.digits}"


def measure(path: Path | str, kind: str) -> Checksum:
    """Compute a file's checksum.

    Args:
        path: the file.
        kind: ``sha256``, or ``git-blob``: the SHA-1 of "blob <size>", a zero byte and the content.

    Raises:
        ValueError: the kind is unknown.
        OSError: the file cannot be read.
    """
    if kind not in LENGTHS:
        raise ValueError(f"unknown kind of checksum {kind!r}; expected one of {', '.join(LENGTHS)}.")
    path = Path(path)
    digest = hashlib.sha256() if kind == "sha256" else hashlib.sha1(usedforsecurity=False)
    with open(path, "rb") as file:
        if kind == "git-blob":
            digest.update(b"blob %d\0" % path.stat().st_size)
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return Checksum(kind, digest.hexdigest())


def matches(path: Path, accepted: tuple[Checksum, ...]) -> bool:
    """Whether the file's content has one of the accepted checksums."""
    return any(measure(path, one.kind) == one for one in accepted)


def verify(path: Path | str, accepted: tuple[Checksum, ...], what: str) -> None:
    """Check a downloaded file.

    Args:
        path: the file.
        accepted: the checksums that are right; one of them must match.
        what: how to name the file in the message, for example its address.

    Raises:
        TypeError: accepted holds something else than `Checksum`.
        ValueError: accepted holds nothing.
        DataError: the file is not there, or none matches: the message gives what was expected and what came.
    """
    if not isinstance(accepted, tuple | list) or not all(isinstance(one, Checksum) for one in accepted):
        raise TypeError(
            f"expected accepted as a tuple of Checksum, such as (Checksum.parse('sha256:...'),); got {accepted!r}."
        )
    if not accepted:
        raise ValueError(f"expected at least one checksum for {what}, got none.")
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path} is no file: expected {what} there.")
    if not matches(path, accepted):
        expected = " or ".join(map(str, accepted))
        got = ", ".join(str(measure(path, kind)) for kind in dict.fromkeys(one.kind for one in accepted))
        raise DataError(
            f"wrong checksum for {what}: expected {expected}; got {got} ({path.stat().st_size:,} bytes). "
            "Its home may hold a new version, or something on the way changed it: "
            "try again later, or put a copy that you trust under MEMLIB_DATA."
        )
