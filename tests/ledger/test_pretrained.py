"""Weights beside a record: found, fetched, verified, or a clear message."""

import functools
import http.server
import json
import threading
from email.message import Message

import pytest
import torch

import memlib
from memlib.experiments import registry
from memlib.ledger import pretrained, records
from memlib.ledger.pretrained import WeightsError
from memlib.ledger.runs import run
from memlib.ledger.sitting import Sitting
from tests.experiments import tiny

NAME = "points.perceptron.full.1"


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    for name in ("RESULTS", "CACHE", "RUNS"):
        monkeypatch.setenv(f"MEMLIB_{name}", str(tmp_path / name.lower()))
    return tmp_path


@pytest.fixture
def trained(monkeypatch):
    experiment = tiny.experiment()
    monkeypatch.setitem(registry.EXPERIMENTS, experiment.name, experiment)
    run(experiment, "full", (1, 2), Sitting(device=torch.device("cpu"), keep_weights=True))
    return experiment


def address(monkeypatch, url):
    told = Message()
    if url:
        told["Project-URL"] = f"Repository, {url}"
    monkeypatch.setattr(pretrained, "metadata", lambda name: told)


def serve(folder):
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


def test_the_weights_are_those_that_were_tested(trained, places):
    found = memlib.pretrained(NAME)
    pieces = tiny.build(trained.settings_of("full"), 1, torch.device("cpu"))
    pieces.model.load_state_dict(found.weights)
    pieces.model.eval()
    assert pieces.test(pieces.model) == found.record["figures"]
    assert found.metadata == {"vocabulary": '["a", "b"]'}
    assert found.file == places / "results" / f"{NAME}.safetensors"
    assert found.record["weights"]["half"] is False


def test_of_an_experiment_the_best_validated_seed_is_taken(trained):
    both = [records.load(f"points.perceptron.full.{seed}")["best_validated"] for seed in (1, 2)]
    assert memlib.pretrained("points/perceptron").record["best_validated"] == max(both)


def test_a_wrong_checksum_is_refused(trained, places):
    file = places / "results" / f"{NAME}.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(WeightsError, match=r"is not the file that the record .* was made with.*--fresh --keep-weights"):
        memlib.pretrained(NAME)


def test_what_is_no_safetensors_file_is_never_loaded(trained, places):
    import hashlib
    import pickle

    file = places / "results" / f"{NAME}.safetensors"
    file.write_bytes(pickle.dumps({"a": 1}))
    record = records.load(NAME)
    record["weights"]["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    records.save(record, replace=True)
    with pytest.raises(WeightsError, match="no safetensors file"):
        memlib.pretrained(NAME)


def test_another_files_name_is_refused(trained):
    record = records.load(NAME)
    record["weights"]["file"] = "../secret.safetensors"
    records.save(record, replace=True)
    with pytest.raises(WeightsError, match="not its own"):
        memlib.pretrained(NAME)


def test_without_any_the_command_is_named(monkeypatch):
    address(monkeypatch, "")
    experiment = tiny.experiment()
    monkeypatch.setitem(registry.EXPERIMENTS, experiment.name, experiment)
    with pytest.raises(WeightsError) as caught:
        memlib.pretrained("points/perceptron")
    assert "no public address" in str(caught.value)
    assert "memlib run points/perceptron --profile full --keep-weights" in str(caught.value)
    with pytest.raises(registry.UnknownExperiment):
        memlib.pretrained("points/percepton")
    with pytest.raises(WeightsError, match="trains nothing"):
        memlib.pretrained("holographic-babi")


def test_they_are_fetched_from_the_release_and_kept(trained, places, monkeypatch):
    pytest.importorskip("pooch")
    release = places / "web/releases/download" / f"v{memlib.__version__}"
    release.parent.mkdir(parents=True)
    (places / "results").rename(release)
    server = serve(places / "web")
    address(monkeypatch, f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    try:
        found = memlib.pretrained(NAME)
        assert found.file == places / "cache/results" / f"{NAME}.safetensors"
        with pytest.raises(WeightsError, match="the release has no record"):
            memlib.pretrained("points.perceptron.full.7")
        found.file.unlink()
        damaged = release / f"{NAME}.safetensors"
        damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
        with pytest.raises(WeightsError, match="could not be fetched"):
            memlib.pretrained(NAME)
    finally:
        server.shutdown()


def test_big_weights_are_halved_and_come_back_as_float32(places):
    weights = {"a": torch.randn(1_500_000), "order": torch.arange(5)}
    told = pretrained.save(weights, NAME, places)
    assert told["half"] is True
    assert told["bytes"] < pretrained.LIMIT
    (places / "results").mkdir()
    (places / told["file"]).rename(places / "results" / told["file"])
    (places / "results" / f"{NAME}.json").write_text(json.dumps({"name": NAME, "settings": {}, "weights": told}))
    found = pretrained.pretrained(NAME)
    assert found.weights["a"].dtype == torch.float32
    assert torch.equal(found.weights["a"], weights["a"].half().float())
    assert torch.equal(found.weights["order"], weights["order"])


def test_too_big_is_refused(places):
    with pytest.raises(WeightsError, match=r"6\.0 MB in half precision; at most 5 MB"):
        pretrained.save({"a": torch.randn(3_000_000)}, NAME, places)
    assert not list(places.glob("*.safetensors"))


def test_a_finished_run_whose_checkpoints_are_gone_says_so(monkeypatch, places):
    experiment = tiny.experiment()
    monkeypatch.setitem(registry.EXPERIMENTS, experiment.name, experiment)
    how = {"device": torch.device("cpu")}
    run(experiment, "full", (1,), Sitting(**how))
    (record,) = run(experiment, "full", (1,), Sitting(**how, keep_weights=True))
    assert "weights" in record
    assert len(record["sittings"]) == 2
    records.save({key: value for key, value in record.items() if key != "weights"}, replace=True)
    monkeypatch.setenv("MEMLIB_RUNS", str(places / "elsewhere"))
    with pytest.raises(records.RecordError, match="no weights to keep"):
        run(experiment, "full", (1,), Sitting(**how, keep_weights=True))
