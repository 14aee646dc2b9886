"""What the premise's memory is worth: the conditions are what they say, and the record holds what was measured."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from memlib.experiments import premise_memory, registry
from memlib.experiments.premise_memory import Probe, Settings, accuracies, run
from memlib.ledger.agreement import contradictions
from memlib.models.pair_classifier import build
from memlib.tasks import entailment_pairs
from memlib.tasks.entailment_pairs import EncodedPair

WORDS = 40


@pytest.fixture
def pairs():
    draw = torch.Generator().manual_seed(1)

    def sentence():
        length = int(torch.randint(2, 9, (), generator=draw))
        return tuple(torch.randint(1, WORDS, (length,), generator=draw).tolist())

    premises = [sentence() for _ in range(70)]
    return [EncodedPair(premises[i % 70], sentence(), int(torch.randint(3, (), generator=draw))) for i in range(210)]


@pytest.fixture
def model():
    torch.manual_seed(2)
    model = build("dual-am-gru-shared", WORDS, hidden=12, copies=3, dropout=0.5)
    for name, weights in model.named_parameters():
        if name.startswith(("classify", "embedding")):  # large enough that labels differ
            torch.nn.init.normal_(weights)
    return model


@torch.no_grad()
def said(model, pairs):
    """The model's own answers, pair by pair, without padding."""
    return torch.tensor([model.eval()(entailment_pairs.collate([pair])).argmax().item() for pair in pairs])


def test_as_it_is_is_the_model(model, pairs):
    probe = Probe(model, pairs)
    found = probe.answers(probe.memories[probe.own], probe.summaries[probe.own])
    assert len(found.unique()) > 1
    assert torch.equal(found, said(model, pairs))
    expected = 100 * (found == probe.labels).double().mean().item()
    assert accuracies(probe, (1,))["as_it_is"] == pytest.approx(expected)


def test_emptied_is_a_model_that_finds_nothing_in_the_premise(model, pairs, monkeypatch):
    probe = Probe(model, pairs)
    memories, summaries = probe.memories[probe.own], probe.summaries[probe.own]
    with_memory, emptied = (probe.answers(one, summaries) for one in (memories, torch.zeros_like(memories)))
    assert not torch.equal(with_memory, emptied)
    cell = model.bottom.cell
    monkeypatch.setattr(cell, "beside", lambda source: cell.initial_state(len(source)))
    assert torch.equal(emptied, said(model, pairs))


def test_another_premise_altogether_is_another_pair(model, pairs):
    probe = Probe(model, pairs)
    other = probe.others(seed=3)
    mixed = [pair._replace(premise=probe.premises[i]) for pair, i in zip(pairs, other.tolist(), strict=True)]
    assert torch.equal(probe.answers(probe.memories[other], probe.summaries[other]), said(model, mixed))


def test_others_are_never_the_own_and_are_drawn_from_the_seed(model, pairs):
    probe = Probe(model, [*pairs[:5], *pairs[70:75]])
    for seed in range(20):
        assert not (probe.others(seed) == probe.own).any()
    assert torch.equal(probe.others(1), probe.others(1))
    assert not torch.equal(probe.others(1), probe.others(2))
    with pytest.raises(ValueError, match="at least two premises"):
        Probe(model, pairs[::70]).others(1)


def test_one_label_is_the_most_frequent(model, pairs):
    labels = [pair.label for pair in pairs]
    most = max(labels.count(label) for label in range(3))
    assert accuracies(Probe(model, pairs), (1,))["one_label"] == pytest.approx(100 * most / 210)


def test_another_model_is_refused(pairs):
    with pytest.raises(ValueError, match="expected a pair classifier 'dual-am-gru-shared', got 'gru-shared'"):
        Probe(build("gru-shared", WORDS, hidden=12), pairs)


def test_a_run_leaves_a_record(model, tmp_path, monkeypatch):
    pytest.importorskip("torchtext", reason="the extra text is not installed.")
    folder = tmp_path / "snli"
    folder.mkdir()
    lines = ["neutral\ta b c\tc d", "entailment\ta b c\ta b", "entailment\td e\te unheard", "contradiction\tc\td d d"]
    (folder / "snli_test.tsv").write_text("\n".join(lines) + "\n")
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path))
    vocabulary = ["<pad>", "<unk>", *"abcde", *(f"w{i}" for i in range(WORDS - 7))]
    trained = SimpleNamespace(
        weights=model.state_dict(),
        record={"name": "x.quick.1", "settings": {"hidden": 12, "copies": 3}, "weights": {"sha256": "0"}},
        metadata={"vocabulary": json.dumps(vocabulary)},
    )
    heard = []
    record = run(Settings(), heard.append, trained)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert (record["data"]["pairs"], record["data"]["premises"]) == (4, 3)
    assert record["accuracy"]["one_label"] == 50.0
    assert len(record["accuracy"]["other_memory"]["values"]) == len(record["seeds"]) == 3
    assert len(heard) == 5
    assert len(premise_memory.lines(record)) == 5
    assert contradictions(record) == []
    assert contradictions({**record, "settings": {**record["settings"], "partition": "dev"}}) != []


def test_it_is_registered_with_the_weights_that_it_needs():
    measurement = registry.get("snli-premise-memory")
    assert measurement.trained in registry.EXPERIMENTS
    with pytest.raises(ValueError, match="no profile 'fast'; it has: quick, full"):
        measurement.settings("fast")
    assert measurement.settings_of("quick") != measurement.settings_of("full")


def test_chapter_3_says_what_the_record_holds():
    root = Path(__file__).resolve().parents[2]
    found = json.loads((root / "results" / "snli-premise-memory.json").read_text(encoding="utf-8"))["accuracy"]
    text = (root / "notebooks" / "03_dual_sequences.md").read_text(encoding="utf-8")
    whole, emptied = found["as_it_is"], found["emptied"]
    other, nothing = found["other_memory"]["mean"], found["other_premise"]["mean"]
    assert f"costs {whole - emptied:.1f} points ({whole:.1f} to {emptied:.1f})" in text
    assert f"another premise's memory {whole - other:.1f}." in text
    assert f"right in {nothing:.1f} % of the pairs" in text
    assert f"label alone gives {found['one_label']:.1f} %" in text
    assert f"accuracy fall, from {whole:.0f} %" in text
    assert found["other_memory"]["max"] < emptied  # "a wrong memory is worse than none"
    assert whole - nothing < nothing - found["one_label"]  # "a look back earns the smaller part"
