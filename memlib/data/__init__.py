"""Data sets: what is known of them, where they lie, and how to fetch, verify and unpack them."""

from memlib.data.checksums import Checksum, measure, verify
from memlib.data.errors import DataError, need
from memlib.data.fetch import fetch
from memlib.data.places import cache, find, locate
from memlib.data.registry import DATASETS, Archive, Dataset, Files, lookup
from memlib.data.unpack import unpack

__all__ = [
    "DATASETS",
    "Archive",
    "Checksum",
    "DataError",
    "Dataset",
    "Files",
    "cache",
    "fetch",
    "find",
    "locate",
    "lookup",
    "measure",
    "need",
    "unpack",
    "verify",
]
