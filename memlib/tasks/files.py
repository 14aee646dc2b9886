"""Files of data sets: text as UTF-8, whatever editor has saved it, and copies that are whole or not there.

A mark of the byte order at the beginning of a file is passed over, as some editors put one there. Bytes that are no
text are an error that names the file.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from memlib.data import DataError

ENCODING = "utf-8-sig"


def text_of(path: Path) -> str:
    """The whole text of a file, its ends of lines as ``\\n``.

    Raises:
        ValueError: its bytes are no text in UTF-8.
    """
    return "".join(lines_of(path))


def lines_of(path: Path | str, newline: str | None = None) -> Iterator[str]:
    """The lines of a file, one by one, each with its end.

    Args:
        path: of the file.
        newline: as in `open`: by default a carriage return ends a line too; ``""`` and ``"\\n"`` leave it where it is.

    Raises:
        ValueError: its bytes are no text in UTF-8.
    """
    try:
        with open(path, encoding=ENCODING, newline=newline) as lines:
            yield from lines
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is no text in UTF-8 ({error.reason}: {error.object[error.start]:#04x}). It may be damaged, or in "
            "another encoding: fetch it again, or convert it."
        ) from None


def copy_whole(found: Mapping[str, Path], goal: Path) -> Path:
    """Copy files into a folder, each of them whole or not at all.

    Args:
        found: the file to copy, by the name it is to have.
        goal: the folder; made where it is missing. The files may lie there already.

    Returns:
        ``goal``.

    Raises:
        DataError: the disk refuses; what stood in the folder before is as it was.
    """
    try:
        goal.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=goal, prefix=".copying-") as draft:
            for name, path in found.items():
                shutil.copyfile(path, Path(draft) / name)
            for name in found:
                os.replace(Path(draft) / name, goal / name)
    except OSError as error:
        raise DataError(f"cannot copy {', '.join(found)} to {goal}: {error.strerror or error}.") from error
    return goal
