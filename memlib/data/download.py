"""Download one file: resumed where the server allows it, verified before it gets its name."""

import errno
import hashlib
import os
import shutil
import sys
from pathlib import Path
from typing import IO, Any

from tqdm.auto import tqdm

from memlib.data.checksums import Checksum, matches, verify
from memlib.data.errors import DataError, need

CHUNK = 1 << 14
TIMEOUT = 30


class Resuming:
    """A pooch downloader that keeps what an interrupted download left and asks the server for the rest.

    The unfinished file lies beside its goal as ``<name>.<address>.part``, with the server's mark of the version
    (ETag or date) in ``....mark``. The rest is asked for with ``If-Range``, so that a file that has changed since
    then comes whole. Only a file with the right checksum is handed over.

    Args:
        goal: the file that will be made; pooch itself hands over only a temporary name.
        accepted: the checksums that are right.
        progress: show a bar; None means only when stderr is a terminal.
        attempts: how often to continue after a broken connection before giving up.
    """

    def __init__(
        self, goal: Path, accepted: tuple[Checksum, ...], progress: bool | None = None, attempts: int = 3
    ) -> None:
        self.goal = goal
        self.accepted = accepted
        self.progress = sys.stderr.isatty() if progress is None else progress
        self.attempts = attempts

    def __call__(self, url: str, output_file: str | os.PathLike[str] | IO[bytes], pooch: Any) -> None:
        """Download ``url`` to ``output_file``. pooch calls this; the third argument is not used.

        Raises:
            DataError: the address does not answer, breaks off too often, or gives another content.
        """
        if not isinstance(output_file, str | os.PathLike):
            raise TypeError("Resuming writes to a path; got an open file.")
        tag = hashlib.sha256(url.encode()).hexdigest()[:8]
        part = self.goal.with_name(f"{self.goal.name}.{tag}.part")
        mark = part.with_suffix(".mark")
        resumed = part.exists()
        self._complete(url, part, mark)
        if resumed and not matches(part, self.accepted):
            # What lay here before may have been damaged: once more from the first byte.
            part.unlink()
            self._complete(url, part, mark)
        try:
            verify(part, self.accepted, url)
        except DataError as error:
            part.unlink(missing_ok=True)
            raise DataError(f"{error} What came was thrown away.") from None
        finally:
            mark.unlink(missing_ok=True)
        os.replace(part, output_file)

    def _complete(self, url: str, part: Path, mark: Path) -> None:
        """Fill ``part``, continuing after a break as long as attempts are left."""
        requests = need("requests", "data")
        for attempt in range(1, self.attempts + 1):
            try:
                self._continue(requests, url, part, mark)
                return
            except requests.exceptions.HTTPError as error:
                raise DataError(f"{url} answered {error.response.status_code} {error.response.reason}.") from error
            except requests.exceptions.RequestException as error:
                if attempt == self.attempts:
                    kept = part.stat().st_size if part.exists() else 0
                    again = f" {kept:,} bytes are kept: the same command goes on from there." if kept else ""
                    raise DataError(
                        f"{url} could not be reached or broke off ({type(error).__name__}), "
                        f"tried {self.attempts} times.{again}"
                    ) from error
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise DataError(_full(part, None)) from error
                raise DataError(
                    f"cannot write {part}: {error.strerror}. Set MEMLIB_CACHE to a folder of yours."
                ) from error

    def _continue(self, requests: Any, url: str, part: Path, mark: Path) -> None:
        """One request for what is missing."""
        have = part.stat().st_size if part.exists() else 0
        headers = {"Accept-Encoding": "identity"}
        if have and mark.exists():
            headers |= {"Range": f"bytes={have}-", "If-Range": mark.read_text(encoding="utf-8")}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as reply:
            if reply.status_code == 416:
                if have and _total(reply) == have:
                    return
                part.unlink()
                raise requests.exceptions.ConnectionError("the kept part does not fit the file")
            reply.raise_for_status()
            going_on = reply.status_code == 206
            length = reply.headers.get("Content-Length")
            missing = int(length) if length and length.isdigit() else None
            if missing is not None and missing > shutil.disk_usage(part.parent).free:
                raise DataError(_full(part, missing))
            _remember(mark, reply.headers)
            start = have if going_on else 0
            got = self._save(reply, part, "ab" if going_on else "wb", start, missing)
        if missing is not None and got != missing:
            raise requests.exceptions.ConnectionError(f"{got} of {missing} bytes came")

    def _save(self, reply: Any, part: Path, mode: str, start: int, missing: int | None) -> int:
        """Write the body to ``part``; returns the number of bytes that came."""
        total = None if missing is None else start + missing
        got = 0
        with (
            open(part, mode) as file,
            tqdm(
                total=total, initial=start, unit="B", unit_scale=True, desc=self.goal.name, disable=not self.progress
            ) as bar,
        ):
            for chunk in reply.iter_content(CHUNK):
                file.write(chunk)
                got += len(chunk)
                bar.update(len(chunk))
        return got


def _total(reply: Any) -> int | None:
    """The whole length in ``Content-Range: bytes */123``."""
    _, _, total = reply.headers.get("Content-Range", "").rpartition("/")
    return int(total) if total.isdigit() else None


def _remember(mark: Path, headers: Any) -> None:
    """Keep the server's mark of this version; without one, a later call starts again."""
    etag = headers.get("ETag", "")
    version = etag if etag and not etag.startswith("W/") else headers.get("Last-Modified", "")
    if version and headers.get("Accept-Ranges", "bytes") != "none":
        mark.write_text(version, encoding="utf-8")
    else:
        mark.unlink(missing_ok=True)


def _full(part: Path, missing: int | None) -> str:
    needs = f"{missing:,} bytes are needed" if missing is not None else "there is no room for the rest"
    return f"the disk is full at {part.parent}: {needs}. Free some space, or set MEMLIB_CACHE to another disk."


def download(url: str, goal: Path, accepted: tuple[Checksum, ...], progress: bool | None = None) -> Path:
    """Download a file through pooch; a file that is there already with the right checksum is kept.

    Args:
        url: its address.
        goal: the file to make; its folder is made too.
        accepted: the checksums that are right; one must match.
        progress: show a bar; None means only when stderr is a terminal.

    Raises:
        DataError: pooch is missing, the address fails, the checksum is wrong, or the disk is full.
    """
    pooch = need("pooch", "data")
    pooch.get_logger().setLevel("ERROR")
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"cannot make {goal.parent}: {error.strerror}. Set MEMLIB_CACHE to a folder of yours."
        ) from error
    if goal.exists():
        if matches(goal, accepted):
            return goal
        goal.unlink()
    # No known_hash: pooch does not know git's ids. The downloader verifies before it hands the file over.
    pooch.retrieve(url, None, fname=goal.name, path=goal.parent, downloader=Resuming(goal, accepted, progress))
    return goal
