"""The figure with trained models: their losses on the test text, and a clear error where they do not fit together."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.experiments.language_modelling import QUICK, SETTINGS
from memlib.experiments.language_runs import model_of, word_losses
from memlib.figures import word_losses_trained
from memlib.ledger.pretrained import Pretrained, WeightsError
from memlib.tasks import recurring_names

TEXT = recurring_names.text(2_000, 100, 2_000, 40)


def pair():
    found = {}
    for side, behind in (("lstm", "layer"), ("fwm", "memory")):
        torch.manual_seed(1)
        settings = {**SETTINGS, **QUICK, "names": 40, "width": 12, "memory_size": 4, "behind": behind}
        model = model_of(settings, len(TEXT.vocabulary))
        record = {"name": f"recurring-names.{side}.quick.1", "settings": settings, "budget": {"updates": 1234}}
        words = {"vocabulary": json.dumps(TEXT.vocabulary)}
        found[f"recurring-names/{side}"] = Pretrained(model.state_dict(), record, words, Path("here"))
    return found


def test_the_losses_are_those_of_the_two_models_on_the_test_text(monkeypatch):
    found = pair()
    monkeypatch.setattr(word_losses_trained, "pretrained", found.__getitem__)
    data = word_losses_trained.trained(word=3).data
    assert data["names"] == ["LSTM", "FWM"]
    assert "1,234" in data["about"]
    assert "recurring-names.fwm.quick.1" in data["about"]
    words = TEXT.words(TEXT.test)
    at = next(i for i in range(400, len(words)) if words[i : i + len(data["words"])] == data["words"])
    assert data["marks"] == TEXT.marks["test"][at : at + len(data["words"])].tolist()
    assert data["marks"][0] == 1
    for key, side in (("left", "lstm"), ("right", "fwm")):
        one = found[f"recurring-names/{side}"]
        model = model_of(one.record["settings"], len(TEXT.vocabulary)).eval()
        model.load_state_dict(one.weights)
        losses = word_losses(model, TEXT.test[None])[0, at - 1 : at - 1 + len(data["words"])] / math.log(2)
        torch.testing.assert_close(torch.tensor(data[key]), losses, atol=2e-3, rtol=0)


@pytest.mark.parametrize("change", [{"vocabulary": "[]"}, {}])
def test_models_of_different_words_are_refused(monkeypatch, change):
    found = pair()
    name = "recurring-names/fwm"
    found[name] = replace(found[name], metadata=change)
    if not change:
        found["recurring-names/lstm"] = replace(found["recurring-names/lstm"], metadata={})
    monkeypatch.setattr(word_losses_trained, "pretrained", found.__getitem__)
    with pytest.raises(WeightsError, match="do not know the same words"):
        word_losses_trained.trained()


def test_without_weights_the_error_names_the_command(monkeypatch, tmp_path):
    monkeypatch.setenv("MEMLIB_RESULTS", str(tmp_path))
    monkeypatch.setenv("MEMLIB_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("memlib.ledger.records.checkout_results", lambda: None)
    with pytest.raises(WeightsError, match="memlib run recurring-names/lstm --profile full --keep-weights"):
        word_losses_trained.trained()
