"""Unpack a tar or zip archive that nobody has to trust."""

import os
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from memlib.data.errors import DataError

MAX_BYTES = 4 << 30
MAX_FILES = 100_000
CHUNK = 1 << 20


def _dropping(path: PurePosixPath) -> bool:
    """Whether a member is only what a Mac's Finder leaves in archives; some of these names Windows cannot write."""
    return "__MACOSX" in path.parts or path.name in (".DS_Store", "Icon\r")


def _safe(name: str, archive: Path) -> PurePosixPath:
    """The path of a member, or an error where it could leave the folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name:
        raise DataError(f"{archive.name} was refused: its member {name!r} would be written outside its folder.")
    return path


def _tar_members(archive: Path) -> Iterator[tuple[str, IO[bytes] | None]]:
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isdir():
                yield member.name, None
            elif member.isfile():
                stream = tar.extractfile(member)
                assert stream is not None
                yield member.name, stream
            else:
                kind = "link" if member.issym() or member.islnk() else "special file"
                raise DataError(f"{archive.name} was refused: its member {member.name!r} is a {kind}.")


def _zip_members(archive: Path) -> Iterator[tuple[str, IO[bytes] | None]]:
    with zipfile.ZipFile(archive) as packed:
        for member in packed.infolist():
            kind = (member.external_attr >> 16) & 0o170000
            if kind not in (0, 0o100000, 0o040000):
                raise DataError(
                    f"{archive.name} was refused: its member {member.filename!r} is a link or special file."
                )
            if member.is_dir():
                yield member.filename, None
            else:
                with packed.open(member) as stream:
                    yield member.filename, stream


def _write(stream: IO[bytes], goal: Path, allowed: int) -> int:
    """Copy at most ``allowed`` bytes, counted as they come: an archive's own sizes may lie."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with open(goal, "wb") as file:
        while chunk := stream.read(CHUNK):
            written += len(chunk)
            if written > allowed:
                raise DataError("its content is larger than the limit")
            file.write(chunk)
    return written


def _extract(archive: Path, folder: Path, max_bytes: int, max_files: int) -> None:
    members = _zip_members(archive) if zipfile.is_zipfile(archive) else _tar_members(archive)
    left = max_bytes
    for count, (name, stream) in enumerate(members, start=1):
        if count > max_files:
            raise DataError(f"{archive.name} was refused: it holds more than {max_files:,} files.")
        path = _safe(name, archive)
        if _dropping(path):
            continue
        goal = folder / path
        if stream is None:
            goal.mkdir(parents=True, exist_ok=True)
            continue
        try:
            left -= _write(stream, goal, left)
        except DataError as error:
            raise DataError(f"{archive.name} was refused: {error} of {max_bytes:,} bytes.") from None


def unpack(archive: Path | str, folder: Path | str, *, max_bytes: int = MAX_BYTES, max_files: int = MAX_FILES) -> Path:
    """Unpack an archive into a new folder, which appears only when everything is in it.

    Refused are absolute paths, ``..``, links, devices, and more bytes or files than the limits. What a Mac's Finder
    leaves in archives (``__MACOSX``, ``.DS_Store``, ``Icon``) is not unpacked.

    Args:
        archive: a .zip file, or a .tar file, plain or compressed.
        folder: the folder to make; it must not hold anything yet.
        max_bytes: the limit on the unpacked bytes, all files together.
        max_files: the limit on the number of members.

    Returns:
        ``folder``.

    Raises:
        DataError: the archive is damaged, hostile or too large, the folder is there already, or the disk is full.
    """
    archive, folder = Path(archive), Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder} is there already. Remove it, or unpack to another folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _extract(archive, staging, max_bytes, max_files)
        if folder.exists():
            folder.rmdir()
        staging.chmod(0o755)
        os.replace(staging, folder)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise DataError(f"{archive.name} is damaged or no archive ({error}). Fetch it again.") from error
    except OSError as error:
        raise DataError(f"cannot unpack {archive.name} to {folder}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return folder
