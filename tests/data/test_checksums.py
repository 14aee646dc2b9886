import hashlib
import shutil
import subprocess

import pytest

from memlib.data.checksums import Checksum, measure, verify
from memlib.data.errors import DataError
from memlib.data.registry import BABI, Archive, Files


def test_sha256_is_hashlibs(tmp_path):
    content = bytes(range(256)) * 9000
    (tmp_path / "a").write_bytes(content)
    assert measure(tmp_path / "a", "sha256") == ("sha256", hashlib.sha256(content).hexdigest())


def test_git_blob_of_a_known_content(tmp_path):
    # git's id of the empty file is known to everybody who has used git.
    (tmp_path / "empty").write_bytes(b"")
    assert measure(tmp_path / "empty", "git-blob").digits == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_blob_is_gits(tmp_path):
    (tmp_path / "a").write_bytes(b"line one\r\nline two\n\0\xff")
    said = subprocess.run(["git", "hash-object", "--no-filters", "a"], cwd=tmp_path, capture_output=True, text=True)
    assert measure(tmp_path / "a", "git-blob").digits == said.stdout.strip()


@pytest.mark.parametrize("text", ["sha256:12", "md5:" + "0" * 32, "git-blob:" + "G" * 40, "0" * 64])
def test_parse_refuses(text):
    with pytest.raises(ValueError, match="is no checksum"):
        Checksum.parse(text)


def test_a_wrong_file_names_what_was_expected_and_what_came(tmp_path):
    (tmp_path / "a").write_bytes(b"other")
    expected = Checksum.parse("sha256:" + "0" * 64)
    with pytest.raises(DataError) as caught:
        verify(tmp_path / "a", (expected,), "the archive")
    assert str(expected) in str(caught.value)
    assert hashlib.sha256(b"other").hexdigest() in str(caught.value)
    assert "MEMLIB_DATA" in str(caught.value)
    assert "thrown away" not in str(caught.value)
    assert (tmp_path / "a").is_file()


def test_verify_takes_a_path_as_text(tmp_path):
    (tmp_path / "a").write_bytes(b"content")
    right = measure(str(tmp_path / "a"), "git-blob")
    verify(str(tmp_path / "a"), (right,), "the archive")
    with pytest.raises(DataError, match="wrong checksum for the archive"):
        verify(str(tmp_path / "a"), (right._replace(digits="0" * 40),), "the archive")


@pytest.mark.parametrize("wrong", ["sha256:" + "0" * 64, ("sha256:" + "0" * 64,), Checksum("sha256", "0" * 64), None])
def test_verify_wants_parsed_checksums(tmp_path, wrong):
    (tmp_path / "a").write_bytes(b"content")
    with pytest.raises(TypeError, match=r"a tuple of Checksum, such as .*; got"):
        verify(tmp_path / "a", wrong, "the archive")


def test_verify_wants_a_checksum_and_a_file(tmp_path):
    with pytest.raises(ValueError, match="at least one checksum for the archive, got none"):
        verify(tmp_path / "a", (), "the archive")
    with pytest.raises(DataError, match="a is no file: expected the archive there"):
        verify(tmp_path / "a", (Checksum("sha256", "0" * 64),), "the archive")


def test_the_registered_babi_is_well_formed():
    home, mirror = BABI.sources
    assert isinstance(home, Archive)
    assert {one.kind for one in home.accepted} == {"sha256", "git-blob"}
    assert isinstance(mirror, Files)
    entries = mirror.entries()
    names = {f"en-valid-10k/qa{task}_{part}.txt" for task in range(1, 21) for part in ("train", "valid", "test")}
    assert set(entries) == names | {"LICENSE.txt", "README.txt"}
