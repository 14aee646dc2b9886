"""The trained Dual AM-GRU looks back at the word that it is reading: what chapter 3 draws, as a test."""

import json

import torch

from memlib.figures.dual_trace import trace
from memlib.ledger.pretrained import pretrained
from memlib.models.am_rnn import as_real
from memlib.models.pair_classifier import build


def test_words_find_what_they_wrote() -> None:
    found = pretrained("snli/dual-am-gru-shared")
    vocabulary = json.loads(found.metadata["vocabulary"])
    model = build("dual-am-gru-shared", len(vocabulary), found.record["settings"]["hidden"])
    model.load_state_dict(found.weights)
    model.eval()
    premise = "a man playing an electric guitar on stage .".split()
    hypothesis = "a man playing guitar on stage .".split()
    told = trace(model, *([vocabulary.index(word) for word in words] for words in (premise, hypothesis)))
    similarity = torch.cosine_similarity(as_real(told["reads"])[:, None], as_real(told["changes"])[None], dim=-1)
    looked_at = [premise[i] for i in similarity.argmax(-1)]
    assert looked_at == hypothesis
