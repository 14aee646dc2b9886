import dataclasses
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

import memlib
from memlib import cli
from memlib.data import DataError
from memlib.experiments import registry
from memlib.experiments.experiment import Published
from memlib.experiments.holographic_babi_grid import Settings
from memlib.ledger import records
from tests.experiments.tiny import experiment as tiny_experiment

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def own_places(tmp_path, monkeypatch):
    monkeypatch.delenv("MEMLIB_PROFILE", raising=False)
    for name in ("DATA", "CACHE", "RESULTS", "RUNS"):
        monkeypatch.setenv(f"MEMLIB_{name}", str(tmp_path / name.lower()))
    return tmp_path


def call(*args):
    return CliRunner().invoke(cli.app, args)


@pytest.fixture
def tiny(monkeypatch):
    small = Settings(tasks=(1,), rules=("add",), dims=(8, 16), copies=(1,), seeds=(0, 1))
    held = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(small).items()}
    held.pop("seeds")
    whole = registry.EXPERIMENTS["holographic-babi"]
    tiny = dataclasses.replace(whole, settings=lambda profile: (small, held))
    monkeypatch.setitem(registry.EXPERIMENTS, "holographic-babi", tiny)


@pytest.fixture
def points(monkeypatch):
    experiment = tiny_experiment()
    monkeypatch.setitem(registry.EXPERIMENTS, experiment.name, experiment)
    return experiment


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
    unknown = call("data", "babbi").output
    assert "memlib knows: babi" in unknown
    assert "List them with: memlib data" in unknown


def test_run_saves_a_stamped_record(tiny, own_places):
    result = call("run", "holographic-babi")
    assert result.exit_code == 0, result.output
    record = json.loads((own_places / "results/holographic-babi.json").read_text())
    assert record["finished"] is True
    assert record["schema"] == 1
    assert record["data"]["source"] == "simulated"
    assert "data: simulated" in result.output


def test_quick_saves_only_where_it_is_told(tiny, own_places):
    quick = ("run", "holographic-babi", "--profile", "quick")
    assert call(*quick).exit_code == 0
    assert not (own_places / "results").exists()
    assert call(*quick, "--out", str(own_places / "mine")).exit_code == 0
    assert (own_places / "mine/holographic-babi.json").is_file()


@pytest.mark.parametrize(
    "option",
    [("--seeds", "2"), ("--minutes", "1"), ("--device", "cpu"), ("--tensorboard", "curves"), ("--keep-weights",)],
)
def test_a_measurement_refuses_what_steers_a_training(tiny, own_places, option):
    result = call("run", "holographic-babi", *option)
    assert result.exit_code == 1
    assert f"is a measurement, which trains nothing: {option[0]} cannot" in result.output
    assert not (own_places / "results").exists()


def test_a_measurement_refuses_an_unknown_profile(tiny, monkeypatch):
    result = call("run", "holographic-babi", "--profile", "fast")
    assert result.exit_code == 1
    assert "no profile 'fast'; it has: quick, full" in result.output
    with pytest.raises(ValueError, match="no profile 'fast'; it has: quick, full"):
        registry._grid_settings("fast")
    monkeypatch.setenv("MEMLIB_PROFILE", "fast")
    assert "MEMLIB_PROFILE is 'fast'" in call("run", "holographic-babi").output


def test_run_refuses_to_replace_a_record_of_other_settings(tiny, own_places):
    folder = own_places / "results"
    folder.mkdir()
    (folder / "holographic-babi.json").write_text('{"name": "holographic-babi", "settings": {}}')
    result = call("run", "holographic-babi")
    assert result.exit_code == 1
    assert "other settings" in result.output
    assert call("run", "holographic-babi", "--fresh").exit_code == 0


def test_an_unknown_experiment():
    result = call("run", "holografic")
    assert result.exit_code == 1
    assert "there are: holographic-babi" in result.output
    assert "Traceback" not in result.output


def test_list_shows_every_experiment_with_its_figure(points):
    shown = call("list").output.splitlines()
    assert len(shown) == len(registry.EXPERIMENTS)
    (dual,) = [line for line in shown if line.startswith("snli/dual-am-gru-shared ")]
    assert all(word in dual for word in ("H7", "weissenborn2016 Table 1", "84.4"))
    assert call("list", "--paper", "weissenborn2016").exit_code == 0
    none = call("list", "--paper", "nobody1999")
    assert none.exit_code == 1
    assert "there are experiments on" in none.output


def test_a_run_is_interrupted_resumed_and_reported(points, own_places):
    first = call("run", "points/perceptron", "--minutes", "0.00001", "--device", "cpu")
    assert first.exit_code == 0, first.output
    assert "stopped (out of time)" in first.output or "no time left" in first.output
    assert "unfinished: the same command goes on" in first.output
    again = call("run", "points/perceptron", "--device", "cpu")
    assert again.exit_code == 0, again.output
    assert again.output.count("on the test data") == 2
    assert "unfinished" not in again.output
    kept = sorted(file.name for file in (own_places / "results").iterdir())
    assert kept == ["points.perceptron.quick.1.json", "points.perceptron.quick.2.json"]
    said = call("report")
    assert said.exit_code == 0, said.output
    told = said.output.partition("points/perceptron")[2]
    assert "(H6, weissenborn2016)  partial" in told
    assert "published: 80 %" in told
    assert "best of 2" in told
    assert "40 of 120 updates; 2 of 3 seeds" in told
    assert "memlib run points/perceptron --profile full" in told


def test_a_quick_run_may_leave_out_a_published_test(monkeypatch):
    """As `ntm/copy` does: its record is no contradiction, it is reported, and the report names what was left out."""
    figures = (Published(metric="accuracy", figure=80.0, own=True), Published(metric="accuracy_at_20", figure=1.0))
    experiment = tiny_experiment(published=figures)
    monkeypatch.setitem(registry.EXPERIMENTS, experiment.name, experiment)
    for _ in range(2):
        said = call("run", "points/perceptron", "--device", "cpu")
        assert said.exit_code == 0, said.output
    told = call("report").output.partition("points/perceptron")[2]
    assert "ours:      accuracy: best of 2" in told
    assert "accuracy_at_20 was not tested" in told
    full = call("run", "points/perceptron", "--device", "cpu", "--profile", "full", "--seeds", "1")
    assert full.exit_code == 0, full.output
    assert "figures: accuracy_at_20 is missing" in call("report").output


def test_a_full_run_gets_its_verdict_and_a_row_in_markdown(points):
    assert "not run" in call("report", "--markdown").output.splitlines()[-1]
    assert call("run", "points/perceptron", "--profile", "full", "--device", "cpu").exit_code == 0
    row = call("report", "--markdown").output.splitlines()[-1]
    assert row.startswith("| H6 | `points/perceptron` | 80 % | best of 3: ")
    assert "| held |" in row


def test_seeds_are_counted_from_one_and_profiles_come_from_the_environment(points, own_places, monkeypatch):
    monkeypatch.setenv("MEMLIB_PROFILE", "full")
    assert call("run", "points/perceptron", "--seeds", "1", "--keep-weights", "--device", "cpu").exit_code == 0
    kept = sorted(file.name for file in (own_places / "results").iterdir())
    assert kept == ["points.perceptron.full.1.json", "points.perceptron.full.1.safetensors"]
    assert call("run", "points/perceptron", "--profile", "slow").output.startswith("memlib: points/perceptron has no")


def test_ctrl_c_says_that_all_is_saved(points, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "run_seeds", interrupt)
    result = call("run", "points/perceptron", "--device", "cpu")
    assert result.exit_code == 1
    assert "the same command goes on from there" in result.output


def test_a_full_disk_is_told_and_no_traceback(points, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device", "here")

    monkeypatch.setattr(cli, "run_seeds", full)
    result = call("run", "points/perceptron", "--device", "cpu")
    assert result.exit_code == 1
    assert "memlib: [Errno 28] No space left on device: 'here'" in result.output


@pytest.mark.parametrize("command", [("report",), ("run", "points/perceptron", "--device", "cpu")])
def test_a_record_that_contradicts_its_experiment_stops_with_the_setting(points, own_places, command):
    call("run", "points/perceptron", "--seeds", "1", "--device", "cpu")
    file = own_places / "results/points.perceptron.quick.1.json"
    record = json.loads(file.read_text())
    record["settings"]["hidden"] = 9
    file.write_text(json.dumps(record))
    result = call(*command)
    assert result.exit_code == 1
    assert "settings.hidden is 9, the experiment's is 8" in result.output
    assert call("run", "points/perceptron", "--seeds", "1", "--fresh", "--device", "cpu").exit_code == 0
    assert call("report").exit_code == 0


def test_a_device_that_is_not_here(points):
    result = call("run", "points/perceptron", "--device", "gpu")
    assert result.exit_code == 1
    assert "device 'gpu' cannot be used here" in result.output
    assert "device 'meta' cannot be used here" in call("run", "points/perceptron", "--device", "meta").output


def test_curves_go_to_tensorboard_when_asked_for(points, own_places, monkeypatch):
    written = []

    class Writer:
        def __init__(self, folder):
            self.folder = Path(folder).name

        def add_scalar(self, name, figure, update):
            written.append((self.folder, name, update))

        def flush(self):
            pass

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", SimpleNamespace(SummaryWriter=Writer))
    arguments = ("run", "points/perceptron", "--device", "cpu", "--tensorboard", str(own_places / "tb"))
    assert call(*arguments).exit_code == 0
    assert ("points.perceptron.quick.1", "accuracy", 10) in written
    assert ("points.perceptron.quick.2", "training_loss", 40) in written
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    refused = call(*arguments, "--fresh")
    assert refused.exit_code == 1
    assert "pip install tensorboard" in refused.output


def test_no_progress_bar_where_there_is_no_terminal(points, own_places):
    environment = dict(os.environ) | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    script = (
        "from memlib import cli\nfrom memlib.experiments import registry\n"
        "from tests.experiments.tiny import experiment\n"
        "registry.EXPERIMENTS['points/perceptron'] = experiment()\ncli.main()\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, "run", "points/perceptron", "--seeds", "1", "--device", "cpu"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stderr
    assert said.stderr == ""
    assert "on the test data" in said.stdout


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


def test_a_measurement_is_handed_the_weights_that_it_names(own_places, monkeypatch):
    seen = []

    def measure(settings, report, trained):
        seen.append(trained)
        return {"name": "weighed", "settings": {}, "seeds": [], "data": {"source": "none"}, "wall_time_s": 0}

    whole = registry.EXPERIMENTS["snli-premise-memory"]
    weighed = dataclasses.replace(
        whole, name="weighed", measure=measure, settings=lambda profile: (None, {}), lines=lambda record: ["weighed"]
    )
    monkeypatch.setitem(registry.EXPERIMENTS, "weighed", weighed)
    monkeypatch.setattr(cli, "pretrained", lambda name: f"weights of {name}")
    result = call("run", "weighed", "--profile", "quick")
    assert result.exit_code == 0, result.output
    assert seen == ["weights of snli/dual-am-gru-shared"]


def test_a_measurement_without_its_weights_says_how_to_train_them(own_places, monkeypatch):
    monkeypatch.chdir(own_places)
    monkeypatch.setattr(records, "checkout_results", lambda: None)
    result = call("run", "snli-premise-memory")
    assert result.exit_code == 1
    assert "no weights of 'snli/dual-am-gru-shared'" in result.output
    assert "Traceback" not in result.output


def test_a_measurement_in_parts_goes_on_where_it_was_stopped(own_places, monkeypatch):
    made, presses = [], [3]  # Ctrl-C, once, at the third part

    def measure(settings, report, parts):
        def part(number):
            if number in presses:
                presses.remove(number)
                raise KeyboardInterrupt
            made.append(number)
            return number

        numbers = [parts.once(f"part {n}", lambda n=n: part(n)) for n in (1, 2, 3)]
        return {
            "name": "parted",
            "settings": {"of": settings},
            "seeds": [],
            "data": {"source": "none"},
            "numbers": numbers,
            "wall_time_s": 0,
        }

    whole = registry.EXPERIMENTS["holographic-babi"]
    for updates in (30, 40):
        parted = dataclasses.replace(
            whole,
            name="parted",
            measure=measure,
            settings=lambda profile, updates=updates: (updates, {"of": updates}),
            lines=lambda record: [],
            in_parts=True,
        )
        monkeypatch.setitem(registry.EXPERIMENTS, "parted", parted)
        if updates == 30:
            result = call("run", "parted")
            assert result.exit_code == 1
            assert "goes on from there" in result.output
            assert made == [1, 2]
    refused = call("run", "parted")
    assert refused.exit_code == 1
    assert "of: expected 40, it has 30" in refused.output
    parted = dataclasses.replace(parted, settings=lambda profile: (30, {"of": 30}))
    monkeypatch.setitem(registry.EXPERIMENTS, "parted", parted)
    result = call("run", "parted")
    assert result.exit_code == 0, result.output
    assert made == [1, 2, 3]
    assert json.loads((own_places / "results/parted.json").read_text())["numbers"] == [1, 2, 3]
    assert not list((own_places / "runs").glob("parted*"))
