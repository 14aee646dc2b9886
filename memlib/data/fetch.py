"""Fetch a whole data set: sources in order, each verified before it is unpacked or takes its place."""

import os
import shutil
from pathlib import Path

from memlib.data.download import download
from memlib.data.errors import DataError, need
from memlib.data.places import cache, find
from memlib.data.registry import Archive, Files, lookup
from memlib.data.unpack import unpack


def _from_archive(source: Archive, folder: Path, progress: bool | None) -> None:
    goal = folder.parent / "downloads" / source.url.rsplit("/", 1)[-1]
    archive = download(source.url, goal, source.accepted, progress)
    unpack(archive, folder, max_bytes=source.max_bytes)
    archive.unlink()


def _from_files(source: Files, folder: Path, progress: bool | None) -> None:
    # The staging folder keeps its name, so that an interrupted fetch goes on with the files that are missing.
    staging = folder.parent / "downloads" / f"{folder.name}-files"
    for path, checksum in source.entries().items():
        download(source.base_url + path, staging / path, (checksum,), progress)
    for leftover in [*staging.rglob("*.part"), *staging.rglob("*.mark")]:
        leftover.unlink()
    os.replace(staging, folder)


def fetch(name: str, to: Path | str | None = None, *, force: bool = False, progress: bool | None = None) -> Path:
    """Fetch a data set and say where it lies; one that is there already is left as it is.

    Args:
        name: of the data set, for example ``babi``.
        to: the folder that will hold a folder ``name``; the cache when None. Point MEMLIB_DATA at it to have it found.
        force: fetch again, and replace what an earlier fetch put there.
        progress: show a bar; None means only when stderr is a terminal.

    Returns:
        The data set's root folder, as `find` gives it (with ``to``: as it would, with MEMLIB_DATA set to it).

    Raises:
        DataError: the data set has no source, ``to`` is a file, pooch is missing, or no source gave the right files:
            the message tells what each one answered.
    """
    dataset = lookup(name)
    # The first part is the one that the book uses: a folder with only another part does not stop a fetch.
    if to is None and not force and (root := find(name, dataset.parts[0])) is not None:
        return root
    if not dataset.sources:
        raise DataError(f"{dataset.title} cannot be fetched. {dataset.note}")
    top = (Path(to) if to is not None else cache()).expanduser()
    if to is not None and (there := next((one for one in (top, *top.parents) if one.exists()), top)).is_file():
        raise DataError(f"expected to as a folder, got {to}: {there} is a file. Name a folder; it is made if need be.")
    need("pooch", "data")
    folder = top / name
    roots = (folder, *(folder / inner for inner in dataset.folders))
    if folder.exists() and not force:
        if (root := _root(roots, dataset.parts)) is not None:
            return root
        raise DataError(f"{folder} is there but does not hold {dataset.title}. Remove it, or add --force.")
    fresh = folder.with_name(f"{name}-new")
    shutil.rmtree(fresh, ignore_errors=True)
    troubles = []
    for source in dataset.sources:
        try:
            (_from_archive if isinstance(source, Archive) else _from_files)(source, fresh, progress)  # type: ignore[arg-type]
        except DataError as error:
            troubles.append(f"  {error}")
            continue
        inside = _root((fresh, *(fresh / inner for inner in dataset.folders)), dataset.parts)
        if inside is None:
            shutil.rmtree(fresh)
            troubles.append(f"  what came holds none of {', '.join(dataset.parts)}")
            continue
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(fresh, folder)
        return folder / inside.relative_to(fresh)
    raise DataError(
        f"{dataset.title} could not be fetched.\n" + "\n".join(troubles) + "\nIs the network there? Run the same "
        "command again, or put a copy that you have into a folder and set MEMLIB_DATA to it."
    )


def _root(roots: tuple[Path, ...], parts: tuple[str, ...]) -> Path | None:
    return next((root for root in roots if any((root / part).exists() for part in parts)), None)
