"""The figure of alignment: its steps are the model's, its words say what happened."""

import itertools
import re
from typing import Any

import pytest
import torch

from memlib.mechanisms.attention import attention_weights, entropy
from memlib.models.sequence_to_sequence import Seq2SeqConfig, SequenceToSequence
from memlib.tasks import reordered_translation as translation
from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import AlignmentWidget
from memlib.figures.alignment_data import SENTENCES, WORDS

TASK = translation.Translation()


def untrained(**more: Any) -> SequenceToSequence:
    torch.manual_seed(3)
    sizes = {"source_vocabulary": TASK.source_vocabulary, "target_vocabulary": TASK.target_vocabulary}
    small = {"embedding_size": 6, "hidden_size": 7, "score_size": 5}
    return SequenceToSequence(Seq2SeqConfig(**{**sizes, **small, "attention": "additive", **more}))


@pytest.mark.parametrize("kind", ["additive", "dot"])
def test_every_step_is_the_models(node: Node, kind: str) -> None:
    model = untrained(attention=kind)
    data = AlignmentWidget.from_model(model).data
    for number, text in enumerate(SENTENCES):
        pair = translation.encode([translation.translate(text.split())])
        with torch.no_grad():
            made = model(pair.source, pair.target)
        steps = node("alignment", "play(data, s)", data=data, s={"sentence": number, "temperature": 1, "hidden": []})
        weights = torch.tensor([one["weights"] for one in steps])
        torch.testing.assert_close(weights, made.weights[0], atol=2e-4, rtol=0, check_dtype=False)
        odds = made.logits[0, :, 2:].softmax(-1)
        for step, row in zip(steps, odds, strict=True):
            best = row.topk(4)
            assert [p for _, p in step["best"]] == pytest.approx(best.values.tolist(), abs=1e-3)
            assert step["p"] == pytest.approx(row[WORDS.index(step["right"])].item(), abs=1e-3)


def test_a_hidden_place_and_a_temperature_are_the_librarys(node: Node) -> None:
    scores = 3 * torch.randn(6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    mask = torch.tensor([True, False, True, True, False, True])
    for temperature in (0.0625, 0.5, 1.0, 16.0):
        wanted = attention_weights(scores / temperature, mask)
        found = node("alignment", "weightsOf(e, t, [1, 4])", e=scores.tolist(), t=temperature)
        torch.testing.assert_close(torch.tensor(found, dtype=torch.float64), wanted)
        assert node("alignment", "placesOf(w)", w=found) == pytest.approx(entropy(wanted).exp().item())


def test_by_hand_every_word_is_right_until_its_place_is_hidden(node: Node) -> None:
    data = AlignmentWidget().data
    for number, one in enumerate(data["sentences"]):
        start = {"sentence": number, "temperature": 1, "hidden": []}
        assert all(step["good"] for step in node("alignment", "play(data, s)", data=data, s=start))
        noun = next(i for i, word in enumerate(one["source"]) if word in translation.NOUNS)
        hidden = node("alignment", "play(data, s)", data=data, s={**start, "hidden": [noun]})
        wrong = [step["right"] for step in hidden if not step["good"]]
        assert translation.NOUNS[one["source"][noun]][0] in wrong
        assert all(step["weights"][noun] == 0 for step in hidden)


SAY = "(() => { const steps = play(data, s); const source = data.sentences[s.sentence].source; return "


def told(node: Node, data: Any, what: str, **state: Any) -> Any:
    given = {"sentence": 0, "word": 1, "temperature": 1.0, "hidden": [], **state}
    return node("alignment", f"{SAY}{what}({{ ...s, source, steps }}); }})()", data=data, s=given)


def test_the_words_say_what_happened(node: Node) -> None:
    data = AlignmentWidget().data
    said = told(node, data, "sentence")
    assert said.startswith("For “kan” the largest weight, 0.")
    assert "lies on “dog”" in said
    assert "The network writes “kan”" in said
    assert "wrong" not in said
    assert "right is “kan”" in told(node, data, "sentence", hidden=[2])
    assert "words are wrong" in told(node, data, "sentence", temperature=16.0)
    assert "none of the words are wrong" in told(node, data, "sentence", temperature=0.5)


def test_every_question_names_a_control(node: Node) -> None:
    data = AlignmentWidget().data
    labels = set(node("alignment", "LABELS").values())
    for word, temperature, hidden in itertools.product((0, 1, 6), (0.25, 1.0, 4.0), ([], [2], [0, 1])):
        act, text = told(node, data, "questionFor", word=word, temperature=temperature, hidden=hidden)
        assert (act[:11], act[-1], text[-1]) == ("Before you ", ":", "?")
        names = re.findall("“([^”]+)”", act)
        assert set(names) <= labels | set(data["sentences"][0]["source"])
        assert "undefined" not in act + text


def test_same_seed_same_numbers() -> None:
    assert AlignmentWidget(seed=5).data == AlignmentWidget(seed=5).data
    assert AlignmentWidget(seed=5).data != AlignmentWidget(seed=6).data


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AlignmentWidget(sentence=3), "expected sentence < 3, got 3"),
        (lambda: AlignmentWidget(word=99), "expected word <"),
        (lambda: AlignmentWidget(hidden=range(7)), "not all of them"),
        (lambda: AlignmentWidget(temperature=0), "temperature from 1/16 to 16, got 0"),
        (lambda: AlignmentWidget.from_model(untrained(attention="none")), "expected a model with attention"),
        (lambda: AlignmentWidget.from_model(untrained(cell="lstm")), "GRU cells"),
        (lambda: AlignmentWidget.from_model(untrained(), []), "expected a list of sentences"),
        (lambda: AlignmentWidget.from_model(untrained(), ["the dog"]), "expected a verb"),
    ],
)
def test_wrong_arguments_are_explained(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make()
