import errno
import hashlib
import random
import shutil
from types import SimpleNamespace

import pytest

from memlib.data import download as module
from memlib.data.checksums import Checksum
from memlib.data.download import download
from memlib.data.errors import DataError

BODY = random.Random(5).randbytes(300_000)
RIGHT = (Checksum("sha256", hashlib.sha256(BODY).hexdigest()),)


@pytest.fixture
def goal(tmp_path):
    return tmp_path / "downloads" / "a.bin"


@pytest.fixture(autouse=True)
def served(server):
    server.files["a.bin"] = BODY


def test_complete(server, goal):
    assert download(server.url + "a.bin", goal, RIGHT).read_bytes() == BODY
    assert [path.name for path in goal.parent.iterdir()] == ["a.bin"]


def test_a_right_file_is_not_fetched_again(server, goal):
    download(server.url + "a.bin", goal, RIGHT)
    download(server.url + "a.bin", goal, RIGHT)
    assert len(server.log) == 1


def test_a_damaged_file_is_fetched_again(server, goal):
    goal.parent.mkdir()
    goal.write_bytes(b"damaged")
    assert download(server.url + "a.bin", goal, RIGHT).read_bytes() == BODY


def test_a_broken_connection_is_resumed_at_once(server, goal):
    server.cut[:] = [100_000]
    assert download(server.url + "a.bin", goal, RIGHT).read_bytes() == BODY
    assert server.log[0][1] is None
    start = int(server.log[1][1].removeprefix("bytes=").rstrip("-"))
    assert 0 < start <= 100_000


def test_an_interrupted_download_is_resumed_by_the_next_call(server, goal):
    server.cut[:] = [50_000, 50_000, 50_000]
    with pytest.raises(DataError, match=r"kept: the same command goes on from there"):
        download(server.url + "a.bin", goal, RIGHT)
    assert not goal.exists()
    before = len(server.log)
    assert download(server.url + "a.bin", goal, RIGHT).read_bytes() == BODY
    assert server.log[before][1] is not None
    assert [path.name for path in goal.parent.iterdir()] == ["a.bin"]


def test_without_ranges_it_starts_again(server, goal):
    server.ranges = False
    server.cut[:] = [50_000]
    assert download(server.url + "a.bin", goal, RIGHT).read_bytes() == BODY
    assert server.log[1][1] is None


def test_a_file_that_changed_in_between_comes_whole(server, goal):
    server.files["a.bin"] = b"x" * 200_000
    server.cut[:] = [50_000, 50_000, 50_000]
    with pytest.raises(DataError):
        download(server.url + "a.bin", goal, RIGHT)
    server.files["a.bin"] = BODY
    assert download(server.url + "a.bin", goal, RIGHT).read_bytes() == BODY


def test_a_damaged_part_is_not_trusted(server, goal):
    server.cut[:] = [50_000, 50_000, 50_000]
    with pytest.raises(DataError):
        download(server.url + "a.bin", goal, RIGHT)
    (part,) = goal.parent.glob("*.part")
    part.write_bytes(b"\0" * part.stat().st_size)
    assert download(server.url + "a.bin", goal, RIGHT).read_bytes() == BODY


def test_a_complete_part_needs_no_more_bytes(server, goal):
    server.cut[:] = [50_000, 50_000, 50_000]
    with pytest.raises(DataError):
        download(server.url + "a.bin", goal, RIGHT)
    (part,) = goal.parent.glob("*.part")
    part.write_bytes(BODY)
    assert download(server.url + "a.bin", goal, RIGHT).read_bytes() == BODY


def test_always_truncated_never_looks_complete(server, goal):
    server.ranges = False
    server.cut[:] = [299_999] * 9
    with pytest.raises(DataError, match="broke off"):
        download(server.url + "a.bin", goal, RIGHT)
    assert not goal.exists()


def test_a_wrong_checksum_leaves_nothing(server, goal):
    wrong = (Checksum("sha256", "0" * 64),)
    with pytest.raises(DataError, match=r"wrong checksum.*expected sha256:0000"):
        download(server.url + "a.bin", goal, wrong)
    assert list(goal.parent.iterdir()) == []


def test_one_of_two_checksums_is_enough(server, goal):
    blob = hashlib.sha1(b"blob %d\0" % len(BODY) + BODY).hexdigest()
    both = (Checksum("sha256", "0" * 64), Checksum("git-blob", blob))
    assert download(server.url + "a.bin", goal, both).exists()


def test_no_such_file_and_no_server(server, goal):
    with pytest.raises(DataError, match="404"):
        download(server.url + "absent", goal, RIGHT)
    server.shutdown()
    server.server_close()
    with pytest.raises(DataError, match="could not be reached"):
        download(server.url + "a.bin", goal, RIGHT)


def test_a_full_disk_is_seen_before_and_while_writing(server, goal, monkeypatch):
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: SimpleNamespace(free=10))
    with pytest.raises(DataError, match=r"disk is full.*300,000 bytes are needed"):
        download(server.url + "a.bin", goal, RIGHT)
    monkeypatch.setattr(module.shutil, "disk_usage", shutil.disk_usage)

    def no_room(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.Resuming, "_save", no_room)
    with pytest.raises(DataError, match="disk is full"):
        download(server.url + "a.bin", goal, RIGHT)
    assert not goal.exists()


def test_a_bar_only_on_a_terminal(server, goal, capfd):
    download(server.url + "a.bin", goal, RIGHT)
    assert capfd.readouterr().err == ""
    goal.unlink()
    download(server.url + "a.bin", goal, RIGHT, progress=True)
    assert "a.bin" in capfd.readouterr().err
