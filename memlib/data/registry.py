"""The data sets that the course knows: where each lives, how to check it, its licence and how to cite it.

A new data set is one more entry of `DATASETS`.
"""

from dataclasses import dataclass, field
from importlib.resources import files

from memlib.data.checksums import Checksum
from memlib.data.errors import DataError


@dataclass(frozen=True)
class Archive:
    """A tar or zip file that holds the whole data set.

    Attributes:
        url: its address; the last part is its file name.
        checksums: each ``kind:digits``; a download is right when one of them matches.
        megabytes: about how much is downloaded.
    """

    url: str
    checksums: tuple[str, ...]
    megabytes: float

    @property
    def accepted(self) -> tuple[Checksum, ...]:
        """The checksums, parsed."""
        return tuple(Checksum.parse(text) for text in self.checksums)


@dataclass(frozen=True)
class Files:
    """Loose files under one address, each with its git-blob checksum in a manifest.

    Attributes:
        base_url: the address before each path.
        manifest: a file of ``memlib/data/manifests``: one line ``digits path`` per file.
        megabytes: about how much is downloaded.
    """

    base_url: str
    manifest: str
    megabytes: float

    def entries(self) -> dict[str, Checksum]:
        """Path -> checksum, as the manifest lists them."""
        text = (files("memlib.data") / "manifests" / self.manifest).read_text(encoding="utf-8")
        lines = (line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#"))
        return {path: Checksum.parse(f"git-blob:{digits}") for digits, path in lines}


@dataclass(frozen=True)
class Dataset:
    """What the course knows of a data set.

    Attributes:
        name: as in ``memlib data NAME``; also the folder under ``MEMLIB_DATA`` and in the cache.
        title: its full name and version.
        sources: tried in this order: the home first, then mirrors.
        parts: folders or files; a folder that holds any of them is this data set's root.
        folders: names under which the root may lie besides ``name`` (what its archive unpacks to).
        licence: as stated by its authors.
        cite: the bibliography key.
        note: what a reader should know before using it.
    """

    name: str
    title: str
    sources: tuple[Archive | Files, ...]
    parts: tuple[str, ...]
    licence: str
    cite: str
    folders: tuple[str, ...] = field(default=())
    note: str = ""


BABI = Dataset(
    name="babi",
    title="bAbI tasks 1-20, v1.2",
    sources=(
        # Two records of the same archive: the SHA-256 that HuggingFace's index of it lists, and its id in git.
        Archive(
            "http://www.thespermwhale.com/jaseweston/babi/tasks_1-20_v1-2.tar.gz",
            (
                "sha256:0364ebde659f14d11bc21744516c5ec49d3d06cb692733f66680771244998898",
                "git-blob:a3b4cc239d89dc4273bfc2b02eec60b31ec7415c",
            ),
            megabytes=15.7,
        ),
        # The same files, loose, at a fixed commit of siddk/entity-network: only en-valid-10k.
        Files(
            "https://raw.githubusercontent.com/siddk/entity-network/b18fbb7c749e98192a77132af9e537e399ac24c7/tasks/",
            "babi.txt",
            megabytes=29,
        ),
    ),
    parts=("en-valid-10k", "en-valid", "en-10k", "en"),
    folders=("tasks_1-20_v1-2",),
    licence="Creative Commons Attribution 3.0 Unported. Copyright (c) 2015-present, Facebook, Inc.",
    cite="weston2015",
    note="Stories from a simulated world, with questions. The mirror holds only the variant en-valid-10k.",
)

DATASETS: dict[str, Dataset] = {BABI.name: BABI}


def lookup(name: str) -> Dataset:
    """The entry of a data set.

    Raises:
        DataError: there is none of that name.
    """
    if name not in DATASETS:
        raise DataError(f"no data set is called {name!r}; the course knows: {', '.join(sorted(DATASETS))}.")
    return DATASETS[name]
