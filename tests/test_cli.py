import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import memlib
from memlib import cli
from memlib.data import DataError
from memlib.experiments.holographic_babi_grid import Settings

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def own_places(tmp_path, monkeypatch):
    for name in ("DATA", "CACHE", "RESULTS"):
        monkeypatch.setenv(f"MEMLIB_{name}", str(tmp_path / name.lower()))
    return tmp_path


def call(*args):
    return CliRunner().invoke(cli.app, args)


@pytest.fixture
def tiny(monkeypatch):
    start, *_ = cli.EXPERIMENTS["holographic-babi"]
    small = Settings(tasks=(1,), rules=("add",), dims=(8, 16), copies=(1,), seeds=(0, 1))
    monkeypatch.setitem(cli.EXPERIMENTS, "holographic-babi", (start, lambda: small, lambda: small))


def test_version():
    assert call("--version").output == f"memlib {memlib.__version__}\n"


def test_without_a_command_it_shows_its_commands():
    shown = call().output
    assert all(name in shown for name in ("doctor", "data", "run"))


def test_doctor_ends_with_its_code(monkeypatch):
    monkeypatch.setattr(cli.doctor_module, "report", lambda say: say("hello") or 1)
    result = call("doctor")
    assert (result.exit_code, result.output) == (1, "hello\n")


def test_data_lists_what_there_is():
    result = call("data")
    assert result.exit_code == 0
    assert "memlib data babi" in result.output


def test_data_says_where_it_is_and_its_licence(own_places):
    (own_places / "data/en-valid-10k").mkdir(parents=True)
    (own_places / "data/en-valid-10k/qa1_test.txt").touch()
    result = call("data", "babi")
    assert result.exit_code == 0
    assert str(own_places / "data") in result.output
    assert "Creative Commons Attribution 3.0" in result.output


def test_data_fails_with_words_and_no_traceback(monkeypatch):
    def refuse(*args, **kwargs):
        raise DataError("no network")

    monkeypatch.setattr(cli, "fetch", refuse)
    result = call("data", "babi")
    assert result.exit_code == 1
    assert "memlib: no network" in result.output
    assert "Traceback" not in result.output
    assert "the course knows: babi" in call("data", "babbi").output


def test_run_saves_a_stamped_record(tiny, own_places):
    result = call("run", "holographic-babi")
    assert result.exit_code == 0, result.output
    record = json.loads((own_places / "results/holographic-babi.json").read_text())
    assert record["finished"] is True
    assert record["schema"] == 1
    assert record["data"]["source"] == "simulated"
    assert "data: simulated" in result.output


def test_quick_saves_only_where_it_is_told(tiny, own_places):
    assert call("run", "holographic-babi", "--quick").exit_code == 0
    assert not (own_places / "results").exists()
    assert call("run", "holographic-babi", "--quick", "--out", str(own_places / "mine")).exit_code == 0
    assert (own_places / "mine/holographic-babi.json").is_file()


def test_run_refuses_to_replace_a_record_of_other_settings(tiny, own_places):
    folder = own_places / "results"
    folder.mkdir()
    (folder / "holographic-babi.json").write_text('{"name": "holographic-babi", "settings": {}}')
    result = call("run", "holographic-babi")
    assert result.exit_code == 1
    assert "other settings" in result.output
    assert call("run", "holographic-babi", "--replace").exit_code == 0


def test_an_unknown_experiment():
    result = call("run", "holografic")
    assert result.exit_code == 1
    assert "there are: holographic-babi" in result.output


def test_it_runs_as_a_module_and_as_a_script_without_a_network(own_places):
    environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    environment |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    said = subprocess.run(
        [sys.executable, "-m", "memlib.cli", "--version"], env=environment, capture_output=True, text=True
    )
    assert said.stdout == f"memlib {memlib.__version__}\n"
    (own_places / "data/en-valid-10k").mkdir(parents=True)
    (own_places / "data/en-valid-10k/qa1_test.txt").touch()
    script = ROOT / "data_scripts" / "babi.py"
    said = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, cwd=own_places
    )
    assert said.stdout.splitlines()[0] == str(own_places / "data")
    assert "weston2015" in said.stdout
