import pytest

import memlib
from memlib import doctor
from memlib.doctor import Finding, examine, report


@pytest.fixture(autouse=True)
def own_places(tmp_path, monkeypatch):
    for name in ("DATA", "CACHE", "RESULTS"):
        monkeypatch.setenv(f"MEMLIB_{name}", str(tmp_path / name.lower()))
    monkeypatch.delenv("MEMLIB_PROFILE", raising=False)
    # Programs are asked for their versions only where a test wants it.
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    return tmp_path


def findings():
    return {finding.what: finding for finding in examine()}


def test_everything_is_looked_at():
    found = findings()
    for what in ("python", "memlib", "torch", "numpy", "typer", "extra data", "extra book", "device", "profile"):
        assert what in found
    assert found["memlib"].detail.startswith(memlib.__version__)
    assert found["torch"].state == "ok"
    assert found["profile"].detail == "quick"


def test_missing_data_come_with_the_command():
    found = findings()["data babi"]
    assert found.state == "missing"
    assert "memlib data babi" in found.detail


def test_data_that_are_here_are_shown_with_their_place(own_places):
    (own_places / "data/babi/en").mkdir(parents=True)
    (own_places / "data/babi/en/qa1_x_train.txt").touch()
    assert findings()["data babi"] == Finding("ok", "data babi", str(own_places / "data/babi"))


def test_a_folder_of_data_that_is_none_is_missing(own_places, monkeypatch):
    found = findings()["MEMLIB_DATA"]
    assert found.state == "missing"
    assert f"{own_places / 'data'} is no folder: set it to" in found.detail
    (own_places / "data").mkdir()
    assert findings()["MEMLIB_DATA"] == Finding("ok", "MEMLIB_DATA", str(own_places / "data"))
    monkeypatch.delenv("MEMLIB_DATA")
    assert findings()["MEMLIB_DATA"].detail == f"not set; the cache is {own_places / 'cache'}"


def test_the_folder_of_results_is_shown_when_it_is_set(own_places, monkeypatch):
    found = findings()["MEMLIB_RESULTS"]
    assert (found.state, found.detail.split(":")[0]) == ("missing", f"{own_places / 'results'} is no folder yet")
    (own_places / "results").mkdir()
    assert findings()["MEMLIB_RESULTS"] == Finding("ok", "MEMLIB_RESULTS", str(own_places / "results"))
    monkeypatch.delenv("MEMLIB_RESULTS")
    assert "MEMLIB_RESULTS" not in findings()


def test_a_missing_extra_comes_with_the_command(monkeypatch):
    real = doctor.installed
    monkeypatch.setattr(doctor, "installed", lambda name: None if name == "pooch" else real(name))
    found = findings()["extra data"]
    assert found.state == "missing"
    assert "pooch" in found.detail
    assert "pip install 'memlib[data]'" in found.detail


def test_a_missing_requirement_is_broken(monkeypatch):
    real = doctor.installed
    monkeypatch.setattr(doctor, "installed", lambda name: None if name == "einops" else real(name))
    said = []
    assert report(said.append) == 1
    assert any(line.startswith("! einops") and "pip install einops" in line for line in said)
    assert "Broken: einops" in said[-1]


def test_a_requirement_that_does_not_import_is_broken(monkeypatch):
    def refuse(name):
        raise OSError("libtorch.so: cannot open")

    monkeypatch.setattr(doctor, "import_module", refuse)
    found = findings()
    assert found["torch"].state == "broken"
    assert "cannot open" in found["torch"].detail


def test_a_wrong_profile_is_broken_but_no_traceback(monkeypatch):
    monkeypatch.setenv("MEMLIB_PROFILE", "slow")
    said = []
    assert report(said.append) == 1
    assert any("MEMLIB_PROFILE is 'slow'" in line for line in said)


def test_a_broken_record_is_named(own_places):
    (own_places / "results").mkdir()
    (own_places / "results/toy.json").write_text("{")
    said = []
    assert report(said.append) == 1
    assert any("toy.json" in line for line in said)


def test_programs(monkeypatch):
    found = findings()
    assert found["npm"].state == "missing"
    for name, package in (("node", "nodejs"), ("npm", "npm"), ("chromium", "chromium")):
        assert f"On Debian: sudo apt install {package}; elsewhere " in found[name].detail
    monkeypatch.setattr(doctor.shutil, "which", lambda name: "/nowhere/npm" if name == "npm" else None)
    assert findings()["npm"] == Finding("ok", "npm", "does not say its version (/nowhere/npm)")


def test_all_is_well(monkeypatch):
    said = []
    assert report(said.append) == 0
    assert said[-1].strip().startswith("All that memlib needs is here.")


def test_requirements_are_read_from_the_checkout_where_memlib_is_not_installed(monkeypatch):
    def absent(name):
        raise doctor.PackageNotFoundError(name)

    monkeypatch.setattr(doctor, "requires", absent)
    found = findings()
    assert found["memlib"].state == "missing"
    assert "pip install ." in found["memlib"].detail
    assert found["torch"].state == "ok"
    assert "extra data" in found
