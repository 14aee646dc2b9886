"""The data sets that memlib knows: where each lives, how to check it, its licence and how to cite it.

A new data set is one more entry of `DATASETS`.
"""

from dataclasses import dataclass, field
from importlib.resources import files

from memlib.data.checksums import Checksum
from memlib.data.errors import DataError
from memlib.data.unpack import MAX_BYTES


@dataclass(frozen=True)
class Archive:
    """A tar or zip file that holds the whole data set.

    Attributes:
        url: its address; the last part is its file name.
        checksums: each ``kind:digits``; a download is right when one of them matches.
        megabytes: about how much is downloaded.
        max_bytes: what its content may take unpacked; an archive with more is refused.
    """

    url: str
    checksums: tuple[str, ...]
    megabytes: float
    max_bytes: int = MAX_BYTES

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
    """What memlib knows of a data set.

    Attributes:
        name: as in ``memlib data NAME``; also the folder under ``MEMLIB_DATA`` and in the cache.
        title: its full name and version.
        sources: tried in this order: the home first, then mirrors; none where the licence lets nobody pass it on.
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

SNLI = Dataset(
    name="snli",
    title="SNLI 1.0",
    sources=(
        # Public projects list this SHA-256 independently of each other: ParlAI, NLIDatasets.jl.
        Archive(
            "https://nlp.stanford.edu/projects/snli/snli_1.0.zip",
            ("sha256:afb3d70a5af5d8de0d9d81e2637e0fb8c22d1235c2749d83125ca43dab0dbd3e",),
            megabytes=95,
        ),
    ),
    parts=(
        "snli_1.0_train.jsonl",
        "snli_1.0_dev.jsonl",
        "snli_1.0_test.jsonl",
        "snli_train.tsv",
        "snli_dev.tsv",
        "snli_test.tsv",
    ),
    folders=("snli_1.0",),
    licence="Creative Commons Attribution-ShareAlike 4.0 International; premises are captions of the Flickr30k corpus.",
    cite="bowman2015",
    note="Pairs of sentences, each labelled entailment, neutral or contradiction. About 490 MB unpacked.",
)

GLOVE = Dataset(
    name="glove",
    title="GloVe, 840 billion tokens, 300 dimensions",
    sources=(
        # Public projects list this SHA-256 independently of each other: Embeddings.jl, torchtext from 0.9 on.
        Archive(
            "https://nlp.stanford.edu/data/glove.840B.300d.zip",
            ("sha256:c06db255e65095393609f19a4cfca20bf3a71e20cc53e892aafa490347e3849f",),
            megabytes=2177,
            max_bytes=8 << 30,
        ),
    ),
    parts=("glove.840B.300d.txt",),
    folders=("glove.840B.300d",),
    licence="Public Domain Dedication and License (PDDL) 1.0.",
    cite="pennington2014",
    note="Vectors of 2.2 million words, upper and lower case apart. Unpacked 5.6 GB: keep 8 GB free.",
)

WIKITEXT_2 = Dataset(
    name="wikitext-2",
    title="WikiText-2",
    sources=(
        # The published text, loose, at a fixed commit of pytorch/examples; its first home is gone.
        Files(
            "https://raw.githubusercontent.com/pytorch/examples/77f55b912142e11fcfdf5b530231fb9c52f181e8/"
            "word_language_model/data/wikitext-2/",
            "wikitext-2.txt",
            megabytes=13,
        ),
    ),
    parts=("train.txt", "wiki.train.tokens"),
    licence="Creative Commons Attribution-ShareAlike 3.0 Unported (text of Wikipedia).",
    cite="merity2017",
    note="Good and featured articles, 2 million words, rare ones replaced by <unk>.",
)

PTB = Dataset(
    name="ptb",
    title="Penn Treebank, the words of the Wall Street Journal as language models use them",
    sources=(),
    parts=("train.txt", "ptb.train.txt"),
    folders=("penn", "simple-examples/data"),
    licence="The Linguistic Data Consortium's, for owners of the Treebank (LDC99T42); not to be passed on.",
    cite="marcus1993",
    note=(
        "Its licence lets nobody pass it on. If you have ptb.train.txt, ptb.valid.txt and ptb.test.txt, run "
        "python data_scripts/ptb.py FOLDER, which checks and copies them; or put them into MEMLIB_DATA/ptb."
    ),
)

POINTER_NETS = Dataset(
    name="pointer-nets",
    title="Convex hulls and shortest tours, the test files of Vinyals et al.",
    sources=(),
    parts=("convex_hull_5_test.txt", "convex_hull_10_test.txt", "tsp5_test.txt", "tsp_10_test_exact.txt"),
    licence="None stated by its authors, so it is not passed on.",
    cite="vinyals2015",
    note=(
        "Nobody states a licence for it. It is random points with exact answers: memlib.tasks.convex_hull and "
        "memlib.tasks.tours draw and solve as many as you like. If you have the files, run "
        "python data_scripts/pointer_nets.py FOLDER, which checks and copies them; or put them into "
        "MEMLIB_DATA/pointer-nets."
    ),
)

WIKITABLEQUESTIONS = Dataset(
    name="wikitablequestions",
    title="WikiTableQuestions 1.0.2",
    sources=(
        # Questions and tables, loose, at a fixed commit of their authors' repository, which holds 400 MB more.
        Files(
            "https://raw.githubusercontent.com/ppasupat/WikiTableQuestions/7d455a5a707b96341ef72aff9428749d443d8aa9/",
            "wikitablequestions.txt",
            megabytes=14,
        ),
    ),
    parts=("data", "csv"),
    folders=("WikiTableQuestions",),
    licence="Creative Commons Attribution-ShareAlike 4.0 International (tables of Wikipedia).",
    cite="pasupat2015",
    note="22,033 questions about 2,108 tables, each with its answer and no program.",
)

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset for dataset in (BABI, SNLI, GLOVE, WIKITEXT_2, PTB, POINTER_NETS, WIKITABLEQUESTIONS)
}


def lookup(name: str) -> Dataset:
    """The entry of a data set.

    Raises:
        DataError: there is none of that name.
    """
    if not isinstance(name, str) or name not in DATASETS:
        raise DataError(f"no data set is called {name!r}; memlib knows: {', '.join(sorted(DATASETS))}.")
    return DATASETS[name]
