"""Small trained weights beside a record: safetensors, never pickle, with the checksum that the record holds."""

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor

import memlib
from memlib.data import Checksum, DataError, cache
from memlib.data.download import download
from memlib.experiments import registry
from memlib.experiments.experiment import Experiment
from memlib.ledger import records
from memlib.ledger.agreement import run_name

LIMIT = 5_000_000
RECORD_LIMIT = 1_000_000
ENDING = ".safetensors"


class WeightsError(RuntimeError):
    """Weights are too big, missing or not those of the record; the message says what to do."""


@dataclass(frozen=True)
class Pretrained:
    """Trained weights with what is known of them.

    Attributes:
        weights: for ``model.load_state_dict``, on the CPU; those saved in half precision are float32 again.
        record: of the run that made them.
        metadata: words saved with them, such as a vocabulary as JSON.
        file: where they lie.
    """

    weights: dict[str, Tensor]
    record: dict[str, Any]
    metadata: dict[str, str]
    file: Path


def save(
    weights: Mapping[str, Tensor], name: str, folder: Path, words: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Write weights beside a record; in half precision where they would be too big otherwise.

    Args:
        weights: a model's state.
        name: of the record.
        folder: of the record.
        words: to save with them.

    Returns:
        What the record keeps under ``weights``: file, sha256, bytes, half.

    Raises:
        WeightsError: more than 5 MB even in half precision, or the disk refuses.
    """
    words = {**(words or {}), "half": ""}
    content = _bytes(weights, words)
    if len(content) > LIMIT:
        halved = sorted(key for key, value in weights.items() if value.dtype == torch.float32)
        words["half"] = json.dumps(halved)
        content = _bytes({key: value.half() if key in halved else value for key, value in weights.items()}, words)
    if len(content) > LIMIT:
        raise WeightsError(
            f"the weights of {name} take {len(content) / 1e6:.1f} MB in half precision; at most {LIMIT / 1e6:g} MB may "
            "stand beside a record. Keep those of a smaller model, or leave them out."
        )
    file = folder / (name + ENDING)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".part")
        draft.write_bytes(content)
        draft.replace(file)
    except OSError as error:
        raise WeightsError(f"cannot write the weights {file}: {error.strerror or error}.") from error
    digest = hashlib.sha256(content).hexdigest()
    return {"file": file.name, "sha256": digest, "bytes": len(content), "half": bool(words["half"])}


def pretrained(name: str) -> Pretrained:
    """Trained weights, from ``MEMLIB_RESULTS``, the checkout, the cache, or the release of this version.

    Args:
        name: of an experiment, such as ``snli/gru-shared`` (the full run with the best validated figure is taken,
            else the quick one), or of a record, such as ``snli.gru-shared.full.1``.

    Raises:
        WeightsError: there are none, with the command that trains them; or a file is not the record's.
        RecordError: the record is broken or contradicts its experiment.
        UnknownExperiment: no experiment has that name.
    """
    record = _record(name)
    told = record["weights"]
    if told["file"] != record["name"] + ENDING:
        raise WeightsError(f"the record {record['name']} names weights called {told['file']!r}, which are not its own.")
    checksum = Checksum.parse(f"sha256:{told['sha256']}")
    for place in records.places():
        if (file := place / told["file"]).is_file():
            return _read(file, record, checksum)
    goal = cache() / "results" / told["file"]
    try:
        download(f"{_release(name)}/{told['file']}", goal, (checksum,))
    except DataError as error:
        raise WeightsError(f"the weights of {name} could not be fetched: {error}\n{_advice(record)}") from error
    return _read(goal, record, checksum)


def _record(name: str) -> dict[str, Any]:
    if name in registry.EXPERIMENTS or "/" in name:
        experiment = registry.get(name)
        if not isinstance(experiment, Experiment):
            raise WeightsError(f"{name} trains nothing: it has no weights.")
        names = [run_name(name, profile, seed) for profile in ("full", "quick") for seed in range(1, 10)]
        advice = f"Train them with: memlib run {name} --profile full --keep-weights"
    else:
        names, experiment = [name], None
        advice = "Train them with: memlib run EXPERIMENT --keep-weights, whose names are shown by: memlib list"
    here = set(records.names())
    found = [record for one in names if one in here and (record := records.load(one)) and "weights" in record]
    if found and experiment is not None:
        sign = 1 if experiment.higher_is_better else -1
        rank = {"full": 1, "quick": 0}
        found.sort(key=lambda record: (rank[record["profile"]], sign * record["best_validated"]), reverse=True)
    if found:
        return found[0]
    looked = ", ".join(map(str, records.places()))
    try:
        return _fetch_record(names[0], _release(name))
    except WeightsError as error:
        raise WeightsError(f"no weights of {name!r} in {looked}.\n{error}\n{advice}") from error


def _fetch_record(name: str, release: str) -> dict[str, Any]:
    """A record from the release; it goes to the cache."""
    try:
        with urllib.request.urlopen(f"{release}/{name}.json", timeout=30) as reply:
            record = json.loads(reply.read(RECORD_LIMIT))
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise WeightsError(f"the release has no record of {name} ({error}).") from error
    if not isinstance(record, dict) or record.get("name") != name or "weights" not in record:
        raise WeightsError(f"the release's record of {name} names no weights.")
    records.save(records.agreed(record, f"{release}/{name}.json"), cache() / "results", replace=True)
    return record


def _release(name: str) -> str:
    """The address of this version's release, from the package's metadata."""
    try:
        listed = metadata("memlib").get_all("Project-URL") or []
    except PackageNotFoundError:
        listed = []
    addresses = {label.strip().lower(): address.strip() for label, _, address in (one.partition(",") for one in listed)}
    if not (address := addresses.get("repository", "").rstrip("/")):
        raise WeightsError(f"This memlib has no public address, so nothing of {name} can be fetched.")
    return f"{address}/releases/download/v{memlib.__version__}"


def _read(file: Path, record: dict[str, Any], checksum: Checksum) -> Pretrained:
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != checksum.digits:
        raise WeightsError(
            f"{file} is not the file that the record {record['name']} was made with: its sha256 is {digest}, expected "
            f"{checksum.digits}. Delete it, and restore it from git or let it be fetched again. {_advice(record)}"
        )
    try:
        with safe_open(file, "pt") as opened:
            words = dict(opened.metadata() or {})
            weights = {key: opened.get_tensor(key) for key in list(opened.keys())}
    except SafetensorError as error:
        raise WeightsError(f"{file} is no safetensors file: {error}. {_advice(record)}") from error
    for key in json.loads(words.pop("half", "") or "[]"):
        weights[key] = weights[key].float()
    return Pretrained(weights, record, words, file)


def _advice(record: Mapping[str, Any]) -> str:
    name, profile = record.get("experiment", record["name"]), record.get("profile", "full")
    return f"To train them anew: memlib run {name} --profile {profile} --fresh --keep-weights"


def _bytes(weights: Mapping[str, Tensor], words: Mapping[str, str]) -> bytes:
    return to_bytes({key: value.detach().cpu().contiguous() for key, value in weights.items()}, dict(words))
