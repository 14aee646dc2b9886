import builtins
import hashlib
import sys

import pytest

from memlib.data import DATASETS, Archive, DataError, Dataset, Files, fetch, find, locate, lookup
from memlib.data.places import cache

FILES = {"toys/en/a.txt": b"1 Mary moved to the bathroom.\n", "toys/LICENSE": b"free"}


@pytest.fixture
def toys(server, make_tar, monkeypatch):
    server.files["toys.tar.gz"] = make_tar(FILES)

    def register(*sources, parts=("en",)):
        entry = Dataset("toys", "Toys", sources, parts, "free", "nobody", folders=("toys",))
        monkeypatch.setitem(DATASETS, "toys", entry)

    def archive(name="toys.tar.gz", digits=None):
        digits = digits or hashlib.sha256(server.files["toys.tar.gz"]).hexdigest()
        return Archive(server.url + name, (f"sha256:{digits}",), 0.1)

    register(archive())
    return register, archive


@pytest.fixture
def loose(server, monkeypatch):
    content = {"en/a.txt": b"one", "en/b.txt": b"two\n"}
    ids = {path: hashlib.sha1(b"blob %d\0" % len(text) + text).hexdigest() for path, text in content.items()}
    server.files.update({f"loose/{path}": text for path, text in content.items()})
    lines = "# comment\n" + "".join(f"{digits} {path}\n" for path, digits in ids.items())

    class Fake(Files):
        def entries(self):
            from memlib.data.checksums import Checksum

            rows = [line.split() for line in lines.splitlines() if not line.startswith("#")]
            return {path: Checksum("git-blob", digits) for digits, path in rows}

    return Fake(server.url + "loose/", "none", 0.1)


def test_fetch_then_find(toys, server):
    assert find("toys") is None
    root = fetch("toys")
    assert root == find("toys") == locate("toys") == cache() / "toys" / "toys"
    assert (root / "en/a.txt").read_bytes() == FILES["toys/en/a.txt"]
    assert fetch("toys") == root
    assert len(server.log) == 1


def test_the_archive_is_thrown_away_after_unpacking(toys):
    fetch("toys")
    assert list((cache() / "downloads").iterdir()) == []


def test_a_mirror_steps_in(toys, server):
    register, archive = toys
    register(archive("gone.tar.gz"), archive())
    assert fetch("toys").name == "toys"
    assert [entry[0] for entry in server.log] == ["gone.tar.gz", "toys.tar.gz"]


def test_wrong_checksums_everywhere_leave_nothing_that_looks_complete(toys):
    register, archive = toys
    register(archive(digits="0" * 64), archive("gone.tar.gz"))
    with pytest.raises(DataError) as caught:
        fetch("toys")
    assert "wrong checksum" in str(caught.value)
    assert "What came was thrown away." in str(caught.value)
    assert "404" in str(caught.value)
    assert "MEMLIB_DATA" in str(caught.value)
    assert find("toys") is None


def test_a_hostile_archive_with_the_right_checksum_is_refused(toys, server, make_tar, tmp_path):
    register, archive = toys
    server.files["toys.tar.gz"] = make_tar({"en/a.txt": b"1", "../../evil": b"2"})
    register(archive())
    with pytest.raises(DataError, match="outside its folder"):
        fetch("toys")
    assert find("toys") is None
    assert not list(tmp_path.rglob("evil"))


def test_an_archive_of_something_else_is_refused(toys):
    register, archive = toys
    register(archive(), parts=("snli",))
    with pytest.raises(DataError, match="holds none of snli"):
        fetch("toys")


def test_loose_files(toys, loose):
    register, archive = toys
    register(archive("gone.tar.gz"), loose)
    root = fetch("toys")
    assert sorted(path.name for path in root.rglob("*.txt")) == ["a.txt", "b.txt"]


def test_loose_files_resume_with_what_is_missing(toys, loose, server):
    register, _ = toys
    register(loose)
    kept = server.files.pop("loose/en/b.txt")
    with pytest.raises(DataError, match="404"):
        fetch("toys")
    assert find("toys") is None
    server.files["loose/en/b.txt"] = kept
    server.log.clear()
    fetch("toys")
    assert [entry[0] for entry in server.log] == ["loose/en/b.txt"]


def test_force_replaces(toys):
    root = fetch("toys")
    (root / "en/a.txt").write_text("changed")
    fetch("toys")
    assert (root / "en/a.txt").read_text() == "changed"
    fetch("toys", force=True)
    assert (root / "en/a.txt").read_bytes() == FILES["toys/en/a.txt"]


def test_to_a_folder_of_ones_own(toys, tmp_path, monkeypatch):
    root = fetch("toys", tmp_path / "mine")
    assert root == tmp_path / "mine/toys/toys"
    assert find("toys") is None
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path / "mine"))
    assert find("toys") == root
    (tmp_path / "other/toys").mkdir(parents=True)
    with pytest.raises(DataError, match="--force"):
        fetch("toys", tmp_path / "other")


@pytest.mark.parametrize("layout", ["", "babi", "babi/tasks_1-20_v1-2", "tasks_1-20_v1-2"])
def test_sensible_layouts_are_found(layout, tmp_path, monkeypatch):
    place = tmp_path / "data" / layout
    (place / "en-valid-10k").mkdir(parents=True)
    (place / "en-valid-10k/qa1_train.txt").write_text("1 x")
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path / "data"))
    assert find("babi") == place
    assert find("babi", "en-valid-10k") == place
    assert find("babi", "en-10k") is None


def test_what_is_missing_is_said_in_full(monkeypatch, tmp_path):
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError) as caught:
        locate("babi", "en-valid-10k")
    message = str(caught.value)
    assert "which is no folder" in message
    assert str(tmp_path / "nowhere" / "babi") in message
    assert str(cache() / "babi") in message
    assert "en-valid-10k" in message
    assert "memlib data babi" in message


def test_another_part_alone_does_not_stop_a_fetch(toys, server, make_tar, tmp_path, monkeypatch):
    register, archive = toys
    server.files["toys.tar.gz"] = make_tar({"big/a.txt": b"1", "en/a.txt": b"2"})
    register(archive(), parts=("big", "en"))
    (tmp_path / "data/toys/en").mkdir(parents=True)
    (tmp_path / "data/toys/en/a.txt").write_text("mine")
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path / "data"))
    with pytest.raises(DataError, match=r"--force .what lies in .*toys has no big"):
        locate("toys", "big")
    assert fetch("toys") == find("toys", "big") == cache() / "toys"
    assert find("toys", "en") == tmp_path / "data/toys"


def test_an_empty_folder_is_not_the_data(monkeypatch, tmp_path):
    (tmp_path / "babi/en-valid-10k").mkdir(parents=True)
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path))
    assert find("babi") is None


@pytest.mark.parametrize("inner", ["", "below/it"])
def test_a_file_is_no_folder_to_fetch_to(toys, tmp_path, inner):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(DataError, match=r"expected to as a folder, got .*taken is a file"):
        fetch("toys", str(tmp_path / "taken" / inner))
    assert (tmp_path / "taken").read_text() == "mine"


@pytest.mark.parametrize("name", [[], None, 3])
def test_a_name_that_is_no_name(name):
    with pytest.raises(DataError, match="no data set is called"):
        lookup(name)


def test_an_unknown_name():
    with pytest.raises(DataError, match="memlib knows: babi"):
        find("babbi")


def test_a_missing_pooch_names_the_extra(toys, monkeypatch):
    monkeypatch.delitem(sys.modules, "pooch", raising=False)
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.split(".")[0] == "pooch":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr("memlib.data.errors.import_module", lambda name: without(name))
    with pytest.raises(DataError, match=r"memlib\[data\]"):
        fetch("toys")
