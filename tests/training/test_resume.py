"""A run that is killed, stopped, timed out or starved of disk goes on to the same numbers, bit for bit."""

import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

import memlib
from memlib.training import CheckpointError, checkpoint
from memlib.training.interrupts import StopRequest

from . import worker

UPDATES = 400
SCRIPT = [sys.executable, "-m", "tests.training.worker"]


@pytest.fixture(scope="module")
def uninterrupted() -> str:
    run = worker.trainer(None, UPDATES)
    run.train()
    return worker.digest(run)


def finish(folder: Path) -> str:
    run = worker.trainer(folder, UPDATES)
    run.resume()
    run.train()
    return worker.digest(run)


def kill_at_random(folder: Path, kills: int, seed: int) -> int:
    """Start, kill -9 after a random moment, again and again; returns how many of the kills hit a working run."""
    draw, hits = random.Random(seed), 0
    for _ in range(kills):
        process = subprocess.Popen([*SCRIPT, str(folder), str(UPDATES)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        before = int(process.stdout.readline().split()[1])
        time.sleep(draw.uniform(0, 0.35))
        process.send_signal(signal.SIGKILL)
        hits += "done" not in process.communicate()[0] and before < UPDATES
    return hits


def test_killed_at_random_moments(tmp_path: Path, uninterrupted: str) -> None:
    assert kill_at_random(tmp_path / "run", kills=5, seed=1) >= 1
    assert finish(tmp_path / "run") == uninterrupted


@pytest.mark.long
def test_killed_fifty_times(tmp_path: Path, uninterrupted: str) -> None:
    hits = 0
    for trial in range(10):
        hits += kill_at_random(tmp_path / str(trial), kills=5, seed=trial)
        assert finish(tmp_path / str(trial)) == uninterrupted
    assert hits >= 10


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [*SCRIPT, str(tmp_path / "run"), "1000000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.3)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in errors
    assert not list((tmp_path / "run").glob("unfinished-*"))
    stopped = worker.trainer(tmp_path / "run", UPDATES)
    assert stopped.resume() == []
    straight = worker.trainer(None, stopped.progress.update)
    straight.train()
    for name, weight in straight.model.state_dict().items():
        assert torch.equal(weight, stopped.model.state_dict()[name]), name


def test_a_second_ctrl_c_interrupts_at_once() -> None:
    before = signal.getsignal(signal.SIGINT)
    with StopRequest() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.requested
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_nothing_in_memlib_reads_a_pickle() -> None:
    loads = re.compile(r"\b(?:import pickle|from pickle|pickle\.loads?|torch\.load)\b|allow_pickle\s*=\s*True")
    files = sorted(Path(memlib.__file__).parent.rglob("*.py"))
    assert len(files) > 50
    assert [file.name for file in files if loads.search(file.read_text(encoding="utf-8"))] == []


def test_out_of_time(tmp_path: Path, uninterrupted: str) -> None:
    run = worker.trainer(tmp_path / "run", UPDATES)
    run.train(minutes=0.001)
    assert 0 < run.progress.update < UPDATES
    assert finish(tmp_path / "run") == uninterrupted
    again = worker.trainer(tmp_path / "run", UPDATES)
    again.resume()
    assert again.progress.seconds["train"] > run.progress.seconds["train"]  # summed over resumptions


def test_a_truncated_checkpoint_is_passed_over(tmp_path: Path, uninterrupted: str) -> None:
    worker.trainer(tmp_path / "run", UPDATES).train(minutes=0.002)
    newest, older = checkpoint.found(tmp_path / "run")
    file = newest / checkpoint.TENSORS
    file.write_bytes(file.read_bytes()[:-100])
    run = worker.trainer(tmp_path / "run", UPDATES)
    (remark,) = run.resume()
    assert str(newest) in remark
    assert "checksum" in remark
    assert f"{run.progress.update:09d}" in older.name
    assert finish(tmp_path / "run") == uninterrupted


def test_nothing_readable_is_said(tmp_path: Path) -> None:
    worker.trainer(tmp_path / "run", 10).train()
    for place in checkpoint.found(tmp_path / "run"):
        (place / checkpoint.STATE).write_text("{")
    with pytest.raises(CheckpointError, match=r"no checkpoint in .* can be read[\s\S]*Move that folder away"):
        worker.trainer(tmp_path / "run", 10).resume()


def test_a_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    worker.trainer(tmp_path / "run", 10).train()
    with pytest.raises(CheckpointError, match=r"width: expected 9, the checkpoint has 8"):
        worker.trainer(tmp_path / "run", 10, width=9).resume()


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk: the write fails half-way."""
    worker.trainer(tmp_path / "run", 10).train()
    whole = checkpoint.found(tmp_path / "run")
    run = worker.trainer(tmp_path / "run", 20)
    run.resume()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, hard))
    try:
        with pytest.raises(CheckpointError, match=r"could not be written[\s\S]*Free some space"):
            run.train()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert checkpoint.found(tmp_path / "run") == whole
    assert not list((tmp_path / "run").glob("unfinished-*"))
    again = worker.trainer(tmp_path / "run", 20)
    assert again.resume() == []
    assert again.progress.update == 10


def test_a_draft_left_by_a_kill_is_no_checkpoint(tmp_path: Path) -> None:
    worker.trainer(tmp_path / "run", 10).train()
    newest = checkpoint.found(tmp_path / "run")[0]
    shutil.copytree(newest, tmp_path / "run" / "unfinished-000000099-1")
    run = worker.trainer(tmp_path / "run", 10)
    run.resume()
    assert run.progress.update == 10
