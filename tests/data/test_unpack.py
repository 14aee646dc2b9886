import io
import tarfile
import zipfile

import pytest

from memlib.data.errors import DataError
from memlib.data.unpack import unpack


@pytest.fixture
def pack(tmp_path, make_tar):
    def make(files, extra=()):
        path = tmp_path / "a.tar.gz"
        path.write_bytes(make_tar(files, extra))
        return path

    return make


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def nothing_left(tmp_path):
    return sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz"]


def test_a_good_tar(pack, tmp_path):
    folder = unpack(pack({"top/en/a.txt": b"one", "top/b.txt": b"two"}), tmp_path / "out")
    assert (folder / "top/en/a.txt").read_bytes() == b"one"
    assert (folder / "top/b.txt").read_bytes() == b"two"


def test_a_good_zip(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("top/", "")
        packed.writestr("top/a.txt", "one")
    assert (unpack(tmp_path / "a.zip", tmp_path / "out") / "top/a.txt").read_text() == "one"


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/tmp/evil", "..\\evil", "C:\\evil", "C:evil"])
def test_a_path_that_leaves_is_refused(pack, tmp_path, name):
    with pytest.raises(DataError, match="outside its folder"):
        unpack(pack({"good.txt": b"1", name: b"evil"}), tmp_path / "out")
    assert nothing_left(tmp_path)
    assert not (tmp_path.parent / "evil").exists()


def test_a_zip_path_that_leaves_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("../evil", "x")
    with pytest.raises(DataError, match="outside its folder"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (tarfile.SYMTYPE, "/etc/passwd"),
        (tarfile.SYMTYPE, "../.."),
        (tarfile.LNKTYPE, "../outside"),
        (tarfile.CHRTYPE, ""),
        (tarfile.FIFOTYPE, ""),
    ],
)
def test_links_and_devices_are_refused(pack, tmp_path, kind, target):
    with pytest.raises(DataError, match=r"is a (link|special file)"):
        unpack(pack({"good.txt": b"1"}, (special("x", kind, target),)), tmp_path / "out")
    assert nothing_left(tmp_path)


def test_a_zip_link_is_refused(tmp_path):
    info = zipfile.ZipInfo("x")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr(info, "/etc/passwd")
    with pytest.raises(DataError, match="link or special file"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


def test_bombs_are_refused(pack, tmp_path):
    with pytest.raises(DataError, match="larger than the limit of 1,000 bytes"):
        unpack(pack({"a": b"0" * 600, "b": b"0" * 600}), tmp_path / "out", max_bytes=1000)
    assert nothing_left(tmp_path)
    with pytest.raises(DataError, match="more than 3 files"):
        unpack(pack({str(n): b"" for n in range(4)}), tmp_path / "out", max_files=3)
    assert nothing_left(tmp_path)


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a", b"0" * 100_000)
    (tmp_path / "a.zip").write_bytes(packed.getvalue())
    with pytest.raises(DataError, match="larger than the limit"):
        unpack(tmp_path / "a.zip", tmp_path / "out", max_bytes=5000)


def test_a_damaged_archive(pack, tmp_path):
    path = pack({"a": bytes(range(256)) * 4000})
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(DataError, match="damaged"):
        unpack(path, tmp_path / "out")
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(DataError, match="damaged or no archive"):
        unpack(path, tmp_path / "out")
    assert nothing_left(tmp_path)


def test_what_is_there_is_not_touched(pack, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("mine")
    with pytest.raises(DataError, match="is there already"):
        unpack(pack({"a": b"1"}), tmp_path / "out")
    assert (tmp_path / "out/mine").read_text() == "mine"


def test_paths_may_be_text(pack, tmp_path):
    archive = pack({"top/a.txt": b"one"})
    folder = unpack(str(archive), str(tmp_path / "out"))
    assert folder == tmp_path / "out"
    assert (folder / "top/a.txt").read_bytes() == b"one"
