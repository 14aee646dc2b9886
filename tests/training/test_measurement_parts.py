"""A long measurement goes on at the part where it was stopped, and never takes up the parts of another."""

import pytest

from memlib.training import CheckpointError
from memlib.training.parts import Parts


def forbidden():
    raise AssertionError("made twice")


def test_a_part_is_made_once(tmp_path):
    first = Parts(tmp_path / "study", {"lengths": (1, 2)})
    assert first.once("two heads, seed 1", lambda: {"error": 0.5}) == {"error": 0.5}
    again = Parts(tmp_path / "study", {"lengths": [1, 2]})
    assert again.once("two heads, seed 1", forbidden) == {"error": 0.5}
    assert again.once("two heads, seed 2", lambda: [1]) == [1]
    assert again.seconds > first.seconds > 0
    assert sorted(file.name for file in (tmp_path / "study").iterdir()) == [
        "two-heads-seed-1.json",
        "two-heads-seed-2.json",
    ]


def test_what_is_stopped_within_a_part_leaves_nothing_of_it(tmp_path):
    def stopped():
        raise KeyboardInterrupt

    parts = Parts(tmp_path)
    parts.once("a", lambda: 1)
    with pytest.raises(KeyboardInterrupt):
        parts.once("b", stopped)
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_without_a_folder_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = Parts()
    assert [parts.once("a", lambda: 1), parts.once("a", lambda: 2)] == [1, 2]
    parts.drop()
    assert not list(tmp_path.iterdir())


def test_parts_of_other_settings_are_refused_and_stay(tmp_path):
    Parts(tmp_path, {"updates": 30}).once("a", lambda: 1)
    with pytest.raises(CheckpointError, match=r"updates: expected 40, it has 30.*--fresh"):
        Parts(tmp_path, {"updates": 40}).once("a", forbidden)
    assert Parts(tmp_path, {"updates": 30}).once("a", forbidden) == 1
    with pytest.raises(CheckpointError, match="name: expected 'A', it has 'a'"):
        Parts(tmp_path, {"updates": 30}).once("A", forbidden)
    assert Parts(tmp_path, {"updates": 40}, fresh=True).once("a", lambda: 2) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"name": "a", "seconds": "x", "identity": {}, "part": 1}'])
def test_a_damaged_part_is_named(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"a\.json is damaged"):
        Parts(tmp_path).once("a", forbidden)


def test_a_part_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CheckpointError, match="could not be written"):
        Parts(tmp_path / "file" / "folder").once("a", lambda: 1)
    parts = Parts(tmp_path / "study")
    parts.once("a", lambda: 1)
    parts.drop()
    assert not (tmp_path / "study").exists()
    assert (tmp_path / "file").read_text() == "in the way"
