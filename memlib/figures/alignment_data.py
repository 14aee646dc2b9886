"""What the figure of alignment is given: each step of the writer, so far that the page can finish it with any weights.

A step of the writer is affine in what it reads, up to its gates. So the vectors of the source travel already multiplied
by the writer's matrices, and the page adds them up under whatever weights the reader makes.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from memlib.figures.base import seeded
from memlib.models.sequence_to_sequence import SequenceToSequence
from memlib.tasks import reordered_translation as translation
from memlib.tasks.sequence_pairs import END

SENTENCES = (
    "the red dog sees a small house",
    "a queen follows the quiet old horse",
    "the bird hears a quick green cat",
)
#: What can be written, the end first, as the model numbers it from END on.
WORDS = ("(end)", *translation.TARGET_WORDS)


def _plain(numbers: Tensor) -> list[Any]:
    return torch.round(numbers.double(), decimals=4).tolist()


def _sentence(pair: translation.Sentence) -> dict[str, Any]:
    return {"source": pair.source, "target": [*pair.target, WORDS[0]], "true": [*pair.alignment, -1]}


def by_hand(seed: int) -> dict[str, Any]:
    """Scores that are 4 at the true place and noise elsewhere; a source word votes for the words it can become.

    The writer knows the order of the kinds of words, so it says which kind comes next, and where the end is. An article
    is written from two places: its own, and that of the noun, whose gender decides.
    """
    generator = seeded("AlignmentWidget", seed)
    kinds = _kinds()
    sentences = []
    for text in SENTENCES:
        pair = translation.translate(text.split())
        steps, places = len(pair.target) + 1, len(pair.source)
        scores = 0.7 * torch.randn(steps, places, generator=generator, dtype=torch.float64)
        votes = torch.stack([_votes(word) for word in pair.source])
        asked = torch.zeros(steps, len(WORDS), dtype=torch.float64)
        asked[-1, 0] = 12.0
        for step, (word, place) in enumerate(zip(pair.target, pair.alignment, strict=True)):
            scores[step, place] = 4.0
            noun = next(
                i for i in range(place, places) if pair.source[i] in translation.NOUNS or kinds[word] != "article"
            )
            scores[step, noun] = max(4.0 if noun == place else 3.7, float(scores[step, noun]))
            asked[step] = torch.tensor([3.0 * (kinds[other] == kinds[word]) for other in WORDS])
        none, wide = torch.zeros(steps, 3), torch.zeros(places, 3)
        sentences.append(
            {
                **_sentence(pair),
                "scores": _plain(scores),
                "gateIn": none.tolist(),
                "gateState": none.tolist(),
                "state": torch.zeros(steps, 1).tolist(),
                "logit": _plain(asked),
                "valueGate": wide.tolist(),
                "valueLogit": _plain(votes),
            }
        )
    return {"source": "hand", "words": list(WORDS), "out": torch.zeros(len(WORDS), 1).tolist(), "sentences": sentences}


def _kinds() -> dict[str, str]:
    """The kind of each word that can be written; a verb's two words are two kinds."""
    kinds = {WORDS[0]: "end", translation.AND[1]: "and"}
    kinds |= {form: "article" for forms in translation.ARTICLES.values() for form in forms.values()}
    kinds |= dict.fromkeys(translation.ADJECTIVES.values(), "adjective")
    kinds |= {word: "noun" for word, _ in translation.NOUNS.values()}
    for verb in translation.VERBS.values():
        kinds |= {word: f"verb {at}" for at, word in enumerate(verb.split())}
    return kinds


def _votes(word: str) -> Tensor:
    """How much a source word speaks for each word that can be written."""
    likely: dict[str, float] = {}
    if word in translation.NOUNS:
        written, gender = translation.NOUNS[word]
        likely = {written: 9.0} | {forms[gender]: 6.0 for forms in translation.ARTICLES.values()}
    elif word in translation.ARTICLES:
        likely = dict.fromkeys(translation.ARTICLES[word].values(), 9.0)
    else:
        written = {**translation.ADJECTIVES, **translation.VERBS, translation.AND[0]: translation.AND[1]}[word]
        likely = dict.fromkeys(written.split(), 9.0)
    return torch.tensor([likely.get(other, 0.0) for other in WORDS], dtype=torch.float64)


@torch.no_grad()
def of_model(model: SequenceToSequence, sentences: Sequence[str]) -> dict[str, Any]:
    """The steps of a trained model on sentences of the toy grammar.

    Args:
        model: with attention and GRU cells, and the vocabularies of the toy translation.
        sentences: at least one.

    Raises:
        ValueError: the model is another, there is no sentence, or one is not of the grammar.
    """
    config, task = model.config, translation.Translation()
    sizes = (config.source_vocabulary, config.target_vocabulary)
    if config.attention == "none" or config.cell != "gru" or sizes != (task.source_vocabulary, task.target_vocabulary):
        raise ValueError(
            "AlignmentWidget: expected a model with attention, GRU cells and the vocabularies of the toy translation, "
            f"{task.source_vocabulary} and {task.target_vocabulary}; got {config}."
        )
    if isinstance(sentences, str) or not sentences:
        raise ValueError(f"AlignmentWidget: expected a list of sentences, got {sentences!r}.")
    hidden, out = config.hidden_size, model.output.weight
    return {
        "source": "model",
        "words": list(WORDS),
        "out": _plain(out[END:, :hidden]),
        "sentences": [_steps(model, translation.translate(text.split())) for text in sentences],
    }


def _steps(model: SequenceToSequence, pair: translation.Sentence) -> dict[str, Any]:
    """One sentence: the right word is fed at each step, and the state goes on from what was really read."""
    hidden, size = model.config.hidden_size, model.config.embedding_size
    cell, out = model.writer, model.output
    batch = translation.encode([pair])
    read = model.read(batch.source)
    fed = torch.cat([torch.tensor([model.config.start]), batch.target[0, :-1]])
    state = torch.tanh(model.begin(read.summary))
    kept: dict[str, list[Tensor]] = {name: [] for name in ("scores", "gateIn", "gateState", "state", "logit")}
    for x in model.target_embedding(fed).split(1):
        found, weights = model.look(state, read)
        step = (
            weights.double().clamp(min=1e-30).log(),  # the scores, up to a number that a softmax does not see
            x @ cell.weight_ih[:, :size].T + cell.bias_ih,
            state @ cell.weight_hh.T + cell.bias_hh,
            state,
            (x @ out.weight[:, -size:].T + out.bias)[:, END:],
        )
        for name, numbers in zip(kept, step, strict=True):
            kept[name].append(numbers[0])
        state = cell(torch.cat([x, found], -1), state)
    return {
        **_sentence(pair),
        **{name: _plain(torch.stack(rows)) for name, rows in kept.items()},
        "valueGate": _plain(read.values[0] @ cell.weight_ih[:, size:].T),
        "valueLogit": _plain(read.values[0] @ out.weight[END:, hidden:-size].T),
    }
