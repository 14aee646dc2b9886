"""What chapter 3 says of its heat map: the diagonal needs no training, "married" reading "couple" came with it."""

import json

import pytest
import torch
from torch import Tensor

from memlib.figures.dual_trace import trace
from memlib.ledger.pretrained import Pretrained, pretrained
from memlib.models.am_rnn import as_real
from memlib.models.pair_classifier import PairClassifier, build

PLAYING = ("a man playing an electric guitar on stage .", "a man playing guitar on stage .")
MARRIED = ("a couple walk hand in hand down a street .", "the couple is married .")


@pytest.fixture(scope="module")
def found() -> Pretrained:
    return pretrained("snli/dual-am-gru-shared")


def network(found: Pretrained, seed: int | None) -> PairClassifier:
    torch.manual_seed(seed or 0)
    words = json.loads(found.metadata["vocabulary"])
    model = build("dual-am-gru-shared", len(words), found.record["settings"]["hidden"])
    if seed is None:
        model.load_state_dict(found.weights)
    return model.eval()


def similarity(found: Pretrained, pair: tuple[str, str], seed: int | None = None) -> Tensor:
    words = json.loads(found.metadata["vocabulary"])
    told = trace(network(found, seed), *([words.index(word) for word in part.split()] for part in pair))
    return torch.cosine_similarity(as_real(told["reads"])[:, None], as_real(told["changes"])[None], dim=-1)


def test_equal_words_find_each_other_before_training_and_after(found: Pretrained) -> None:
    premise, hypothesis = (part.split() for part in PLAYING)
    for seed in (None, 1, 2):
        assert [premise[i] for i in similarity(found, PLAYING, seed).argmax(-1)] == hypothesis


def test_married_reads_couple_only_after_training(found: Pretrained) -> None:
    row, column = MARRIED[1].split().index("married"), MARRIED[0].split().index("couple")
    untrained = [float(similarity(found, MARRIED, seed)[row, column]) for seed in range(1, 11)]
    assert float(similarity(found, MARRIED)[row, column]) > max(untrained) + 0.05
