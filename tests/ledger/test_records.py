import json
import os
from pathlib import Path

import pytest

from memlib.ledger import records
from memlib.ledger.records import RecordError, load, names, save, stamp

RECORD = {
    "name": "toy-run",
    "settings": {"dim": 8, "rules": ["add"]},
    "seeds": [0, 1],
    "data": {"source": "simulated"},
    "points": [{"mean": 0.1 + 0.2, "values": [1 / 3, 0.1]}],
}


@pytest.fixture(autouse=True)
def own_places(tmp_path, monkeypatch):
    monkeypatch.setenv("MEMLIB_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("MEMLIB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "results"


def test_what_is_saved_is_loaded_bit_for_bit(own_places):
    assert save(RECORD) == own_places / "toy-run.json"
    assert load("toy-run") == RECORD
    assert "toy-run" in names()


def test_keys_are_sorted_and_nothing_else_lies_there(own_places):
    file = save(RECORD)
    keys = list(json.loads(file.read_text()))
    assert keys == sorted(keys)
    assert os.listdir(own_places) == ["toy-run.json"]


def test_the_same_settings_may_be_written_again():
    save(RECORD)
    save(RECORD | {"points": []})
    assert load("toy-run")["points"] == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"settings": {"dim": 16, "rules": ["add"]}}, "settings.dim is 8 there and 16 here"),
        ({"settings": {"dim": 8}}, "settings.rules"),
        ({"seeds": [0]}, "seeds"),
        ({"data": {"source": "bAbI v1.2 en-valid-10k"}}, "data.source is 'simulated' there"),
    ],
)
def test_other_settings_are_refused_unless_told(change, says):
    save(RECORD)
    with pytest.raises(RecordError, match=says):
        save(RECORD | change)
    assert load("toy-run") == RECORD
    save(RECORD | change, replace=True)
    assert load("toy-run") == RECORD | change


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, object()])
def test_what_json_cannot_hold_is_refused_and_the_old_record_stays(value):
    save(RECORD)
    with pytest.raises(RecordError, match="JSON cannot"):
        save(RECORD | {"points": value})
    assert load("toy-run") == RECORD


@pytest.mark.parametrize("name", ["../toy", "", "Toy", "a/b", 3])
def test_a_name_that_is_none(name):
    with pytest.raises(RecordError, match="no name of a record"):
        save(RECORD | {"name": name})
    with pytest.raises(RecordError, match="no name of a record"):
        load(name)


def test_a_record_without_settings_is_refused():
    with pytest.raises(RecordError, match="needs at least"):
        save({"name": "toy-run"})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"name": "toy-run", "sett', "no valid JSON .line 1"),
        ("[]", "is no record"),
        ('{"name": "toy-run"}', "is no record"),
        ('{"name": "toy-run", "settings": {}, "schema": 99}', "schema 99"),
        ('{"name": "toy-run", "settings": []}', "is no record.* an object too. Restore it"),
        ('{"name": "toy-run", "settings": {}, "schema": "new"}', "schema 'new'; expected a whole number. Restore it"),
        (b"\xff\xfe", "cannot read.*no text in UTF-8.* Restore it from git"),
    ],
)
def test_a_broken_file_is_named(own_places, content, says):
    own_places.mkdir()
    (own_places / "toy-run.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(RecordError, match=says) as caught:
        load("toy-run")
    assert "toy-run.json" in str(caught.value)


def test_a_missing_record_warns_and_gives_none(own_places):
    with pytest.warns(UserWarning, match="memlib run toy-run") as caught:
        assert load("toy-run") is None
    assert str(own_places) in str(caught[0].message)


def test_a_checkouts_results_are_found_from_a_folder_inside_it(tmp_path, monkeypatch):
    monkeypatch.delenv("MEMLIB_RESULTS")
    inside = tmp_path / "checkout/notebooks/deep"
    inside.mkdir(parents=True)
    (tmp_path / "checkout/results").mkdir()
    (tmp_path / "checkout/pyproject.toml").touch()
    monkeypatch.chdir(inside)
    save(RECORD, tmp_path / "checkout/results")
    assert records.places()[0] == tmp_path / "checkout/results"
    assert load("toy-run") == RECORD


def test_a_folder_that_refuses(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RecordError, match="cannot write the record"):
        save(RECORD, tmp_path / "file" / "results")


def test_a_folder_is_tried_before_it_is_needed(tmp_path):
    assert records.writable(tmp_path / "new/results") == tmp_path / "new/results"
    assert list((tmp_path / "new/results").iterdir()) == []
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file/results"):
        with pytest.raises(RecordError, match=r"cannot be written to .*file.* Give another folder, with --out"):
            records.writable(folder)


def test_a_write_that_fails_leaves_the_old_record_alone(own_places, monkeypatch):
    save(RECORD)

    def refuse(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(records.os, "replace", refuse)
    with pytest.raises(RecordError, match="No space left"):
        save(RECORD | {"points": []})
    assert load("toy-run") == RECORD
    assert os.listdir(own_places) == ["toy-run.json"]


def test_the_stamp():
    record = stamp(RECORD)
    assert record["schema"] == records.SCHEMA
    assert record["finished"] is True
    assert record["versions"]["torch"]
    assert record["hardware"].endswith("CPU cores")
    assert stamp(RECORD, finished=False)["finished"] is False


def test_every_committed_record_can_be_read():
    folder = Path(__file__).resolve().parents[2] / "results"
    for file in folder.glob("*.json"):
        record = records.agreed(records.read(file), file)
        assert file.stem == record["name"]
        if "experiment" in record:
            assert record["seeds"] == [record["seed"]]
            assert len(record["curve"]) <= 200
        else:
            assert record["finished"] is True
            # A benchmark has no seeds, and what looks into a trained model has those that were trained.
            assert "benchmark" in record or "trained" in record or len(record["seeds"]) >= 3
        assert file.stat().st_size < 1_000_000
