"""Saying a sentence again from a memory: does the encoder write every word under one key? (Weissenborn 2016, Sec. 5.3)

Two experiments differ in one number, the weight of the mean cosine between the keys of a sentence in the loss: 0 is
the paper's model, above 0 the remedy tried here. A third is the control: its decoder is handed an empty memory. Each
reports what share of words it says right when the true word before is given, and that cosine. The paper gives no
figure, only a heat map; a cosine near 1 is what it describes.

Source: weissenborn2016, Sec. 5.3
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from memlib.data import DataError
from memlib.experiments.experiment import Budget, Experiment, Published, Run
from memlib.models.auto_encoder import PAD, DualAutoEncoder, key_similarity
from memlib.training import Epochs, Settings

LONGEST = 20


def sentences() -> tuple[list[tuple[str, ...]], str]:
    """Different sentences of 4 to 20 words, and where they come from: SNLI's development pairs, or generated."""
    try:
        from memlib.tasks import snli

        pairs: Sequence[Any] = snli.load("dev")
        source = "the sentences of SNLI's development pairs"
    except (DataError, ImportError):
        from memlib.tasks import entailment_world

        pairs, source = entailment_world.generate(6000, seed=0), "generated sentences"
    found = {sentence for pair in pairs for sentence in (pair.premise, pair.hypothesis)}
    return sorted(sentence for sentence in found if 4 <= len(sentence) <= LONGEST), source


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """The pieces of a run.

    Args:
        settings: of the experiment.
        seed: of the weights and of the order.
        device: to train on.
    """
    told, source = sentences()
    order = torch.randperm(len(told), generator=torch.Generator().manual_seed(0)).tolist()
    counts: dict[str, int] = {}
    for sentence in told:
        for word in sentence:
            counts[word] = counts.get(word, 0) + 1
    # Number 0 is padding, 1 every word that is met but once.
    known = {word: i + 2 for i, word in enumerate(sorted(word for word, count in counts.items() if count > 1))}
    ids = [[known.get(word, 1) for word in told[i]] for i in order]
    test, validation, train = ids[:1000], ids[1000:1500], ids[1500:]
    model = DualAutoEncoder(
        len(known) + 2,
        settings["embedding"],
        settings["hidden"],
        settings["copies"],
        handed_over=settings.get("handed_over", True),
    ).to(device)

    def collate(rows: list[list[int]]) -> Tensor:
        return nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], True, PAD).to(device)

    def loss(model: nn.Module, words: Tensor, carry: Any) -> tuple[Tensor, Any]:
        mask = words != PAD
        logits, keys = model(words, mask)
        error = functional.cross_entropy(logits[mask], words[mask])
        weight = settings["key_penalty"]
        return (error + weight * key_similarity(keys, mask) if weight else error), carry

    def score(rows: list[list[int]], model: nn.Module) -> dict[str, float]:
        right = words = 0
        error = cosine = 0.0
        batches = [rows[i : i + 100] for i in range(0, len(rows), 100)]
        for batch in map(collate, batches):
            mask = batch != PAD
            logits, keys = model(batch, mask)
            right += int((logits.argmax(-1) == batch)[mask].sum())
            error += functional.cross_entropy(logits[mask], batch[mask], reduction="sum").item()
            words += int(mask.sum())
            cosine += key_similarity(keys, mask).item() / len(batches)
        return {"accuracy": 100 * right / words, "loss": error / words, "key_cosine": cosine}

    return Run(
        model=model,
        optimiser=torch.optim.Adam(model.parameters(), lr=settings["learning_rate"]),
        batches=Epochs(train, settings["batch"], collate, seed, len),
        loss=loss,
        validate=partial(score, validation),
        test=partial(score, test),
        settings=Settings(
            updates=settings["updates"],
            validate_every=settings["validate_every"],
            checkpoint_every=settings["validate_every"],
            clip_norm=5.0,
            metric="accuracy",
            higher_is_better=True,
        ),
        data={
            "source": source,
            "substituted": False,
            "differs": [],
            "train": len(train),
            "validation": len(validation),
            "test": len(test),
            "vocabulary": len(known) + 2,
        },
    )


def _experiment(name: str, system: str, penalty: float, published: Published, **more: Any) -> Experiment:
    return Experiment(
        name=name,
        row="H9",
        paper="weissenborn2016",
        where="Sec. 5.3",
        system=system,
        task="auto-encoding of sentences",
        model="dual-auto-encoder",
        settings={
            "embedding": 100,
            "hidden": 128,
            "copies": 8,
            "batch": 50,
            "learning_rate": 1e-3,
            "key_penalty": penalty,
            **more,
        },
        budgets={
            "quick": Budget(updates=300, validate_every=100),
            "full": Budget(updates=5_000, validate_every=250),
        },
        metric="accuracy",
        published=(published,),
        build=build,
        unit="%",
    )


EXPERIMENTS: tuple[Experiment, ...] = (
    _experiment(
        "autoencode/dual-am-gru",
        "Dual AM-GRU as auto-encoder",
        0.0,
        Published("key_cosine", 0.9, own=True),
    ),
    _experiment(
        "autoencode/dual-am-gru-distinct-keys",
        "Dual AM-GRU as auto-encoder, similar keys cost",
        1.0,
        Published("key_cosine", 0.3, higher_is_better=False, own=True),
    ),
    # Set before it was run: a decoder that does need the memory must lose much without it.
    _experiment(
        "autoencode/no-memory",
        "The same decoder, handed an empty memory",
        0.0,
        Published("accuracy", 60.0, higher_is_better=False, own=True),
        handed_over=False,
    ),
)
