"""SNLI and GloVe through the registry: archives of the real layouts, from a local server that misbehaves."""

import hashlib
import io
import runpy
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from memlib.data import DATASETS, Archive, DataError, fetch, find, locate, registry
from memlib.data.places import cache

ROOT = Path(__file__).resolve().parents[2]
# What lies in each archive: path -> content. The large one is random, so that it stays large when packed.
MEMBERS = {
    "snli": {
        "snli_1.0/snli_1.0_train.jsonl": hashlib.shake_256(b"snli").digest(200_000),
        "snli_1.0/snli_1.0_dev.jsonl": b"{}\n",
        "snli_1.0/snli_1.0_test.jsonl": b"{}\n",
        "snli_1.0/Icon\r": b"",
        "__MACOSX/snli_1.0/._README.txt": b"x",
    },
    "glove": {"glove.840B.300d.txt": hashlib.shake_256(b"glove").digest(200_000)},
}
ROOTS = {"snli": "snli/snli_1.0", "glove": "glove"}
both = pytest.mark.parametrize("name", MEMBERS)


def zip_of(members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for path, content in members.items():
            out.writestr(path, content)
    return packed.getvalue()


@pytest.fixture
def serve(server, monkeypatch):
    """Put an archive where a data set's home is; the registered entry keeps all but address and checksum."""

    def at(name, body=None, digits=None, **changes):
        body = zip_of(MEMBERS[name]) if body is None else body
        (home,) = DATASETS[name].sources
        file = home.url.rsplit("/", 1)[-1]
        server.files[file] = body
        changes |= {"url": server.url + file, "checksums": ("sha256:" + (digits or hashlib.sha256(body).hexdigest()),)}
        monkeypatch.setitem(DATASETS, name, replace(DATASETS[name], sources=(replace(home, **changes),)))
        return body

    return at


@both
def test_fetched_and_found(name, serve):
    serve(name)
    assert find(name) is None
    root = fetch(name)
    assert root == find(name) == locate(name, DATASETS[name].parts[0]) == cache() / ROOTS[name]
    wanted = {
        Path(path).name: body for path, body in MEMBERS[name].items() if "MACOSX" not in path and "\r" not in path
    }
    assert {path.name: path.read_bytes() for path in root.iterdir()} == wanted
    assert not list(cache().rglob("__MACOSX"))


@both
def test_interrupted_it_goes_on_from_there(name, serve, server):
    body = serve(name)
    server.cut[:] = [len(body) // 4] * 3
    with pytest.raises(DataError, match="kept: the same command goes on from there"):
        fetch(name)
    assert find(name) is None
    server.log.clear()
    assert find(name) is None
    assert fetch(name) == cache() / ROOTS[name]
    assert int(server.log[0][1].removeprefix("bytes=").rstrip("-")) > len(body) // 4


@both
def test_truncated_it_never_looks_complete(name, serve, server):
    body = serve(name)
    server.ranges = False
    server.cut[:] = [len(body) - 1] * 9
    with pytest.raises(DataError, match="broke off"):
        fetch(name)
    assert find(name) is None


@both
def test_a_truncated_file_with_its_own_length_is_the_wrong_one(name, serve):
    right = zip_of(MEMBERS[name])
    serve(name, right[:-100], digits=hashlib.sha256(right).hexdigest())
    with pytest.raises(DataError, match="wrong checksum"):
        fetch(name)
    assert find(name) is None


@both
def test_a_wrong_checksum_leaves_nothing(name, serve):
    serve(name, digits="0" * 64)
    with pytest.raises(DataError, match=r"wrong checksum.*expected sha256:0000"):
        fetch(name)
    assert find(name) is None
    assert not [path for path in cache().rglob("*") if path.is_file()]


@both
@pytest.mark.parametrize("evil", ["../../evil", "/tmp/memlib-evil", "a\\..\\..\\evil"])
def test_a_hostile_archive_is_refused(name, evil, serve, tmp_path):
    serve(name, zip_of(MEMBERS[name] | {evil: b"evil"}))
    with pytest.raises(DataError, match="outside its folder"):
        fetch(name)
    assert find(name) is None
    assert not list(tmp_path.rglob("*evil*"))


@both
def test_more_than_was_announced_is_refused(name, serve):
    serve(name, max_bytes=150_000)
    with pytest.raises(DataError, match=r"larger than the limit of 150,000 bytes"):
        fetch(name)
    assert find(name) is None


@both
def test_the_script_does_the_same(name, serve, tmp_path, monkeypatch, capsys):
    serve(name)
    monkeypatch.setattr(sys, "argv", [f"{name}.py", str(tmp_path / "mine")])
    runpy.run_path(str(ROOT / f"data_scripts/{name}.py"), run_name="__main__")
    said = capsys.readouterr().out
    assert str(tmp_path / "mine" / ROOTS[name]) in said
    assert DATASETS[name].licence in said


@both
def test_the_script_says_what_went_wrong(name, serve, tmp_path, monkeypatch):
    serve(name, digits="0" * 64)
    monkeypatch.setattr(sys, "argv", [f"{name}.py", str(tmp_path / "mine")])
    with pytest.raises(SystemExit, match=r"memlib: .*could not be fetched"):
        runpy.run_path(str(ROOT / f"data_scripts/{name}.py"), run_name="__main__")


@both
def test_the_registered_entries_are_well_formed(name):
    (home,) = DATASETS[name].sources
    assert isinstance(home, Archive)
    assert home.url.startswith("https://nlp.stanford.edu/")
    assert [one.kind for one in home.accepted] == ["sha256"]
    bibliography = (ROOT / "book/references.bib").read_text(encoding="utf-8")
    assert f"{{{DATASETS[name].cite}," in bibliography


def test_the_limit_of_glove_holds_its_text():
    # 2,196,017 words with 300 numbers of about 8 characters each: more than unpacking allows by default.
    assert registry.GLOVE.sources[0].max_bytes > 2_196_017 * 301 * 8.5 > registry.MAX_BYTES
    assert registry.SNLI.sources[0].max_bytes == registry.MAX_BYTES


@pytest.mark.parametrize("layout", ["", "snli", "snli/snli_1.0", "snli_1.0"])
@pytest.mark.parametrize("file", ["snli_1.0_dev.jsonl", "snli_dev.tsv"])
def test_layouts_of_snli(layout, file, tmp_path, monkeypatch):
    place = tmp_path / "data" / layout
    place.mkdir(parents=True)
    (place / file).write_text("x")
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path / "data"))
    assert find("snli") == find("snli", file) == place
    assert find("snli", "snli_1.0_train.jsonl") is None
