"""The pieces of a run that classifies sentence pairs: on SNLI, or on generated pairs.

Source: weissenborn2016, Sec. 5.1
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from memlib.data import DataError
from memlib.experiments.experiment import Run
from memlib.training import Epochs, HalveWhenWorse, Settings

Make = Callable[[str, Mapping[str, Any], int, torch.device], Run]
EVALUATION_BATCH = 200


class ThawThenHalve(HalveWhenWorse):
    """Word vectors that came from elsewhere stay as they are for one epoch, then they learn too; rates are halved.

    Args:
        frozen: the word vectors; None leaves nothing frozen.
        epoch: updates in an epoch.

    Source: weissenborn2016, Sec. 5.1
    """

    def __init__(self, frozen: Tensor | None, epoch: int) -> None:
        super().__init__(epoch)
        self.frozen = frozen

    def before(self, update: int, optimiser: torch.optim.Optimizer) -> None:
        """Freeze or thaw, by the update alone."""
        if self.frozen is not None:
            self.frozen.requires_grad_(update >= self.epoch)


def pair_run(
    model: nn.Module,
    parts: tuple[Sequence[Any], Sequence[Any], Sequence[Any]],
    collate: Callable[[Sequence[Any]], Any],
    length: Callable[[Any], int],
    settings: Mapping[str, Any],
    seed: int,
    data: dict[str, Any],
    metadata: dict[str, str],
    given_vectors: bool = False,
) -> Run:
    """Put a run together from a model and three lists of pairs.

    Args:
        model: from a batch to logits [batch, 3]; its word vectors stand in ``embedding.weight``.
        parts: training, validation and test pairs.
        collate: from pairs to a batch on the model's device, with ``label`` [batch].
        length: of a pair, for batches of similar lengths.
        settings: of the experiment.
        seed: of the order of the batches.
        data: as `Run.data`, without the counts.
        metadata: as `Run.metadata`.
        given_vectors: whether the word vectors came from elsewhere, hence stay frozen for an epoch.

    Returns:
        The run; its figures are ``accuracy`` in per cent and ``loss`` in nats.
    """
    train, validation, test = parts
    batches = Epochs(train, settings["batch"], collate, seed, length)

    def loss(model: nn.Module, batch: Any, carry: Any) -> tuple[Tensor, Any]:
        return functional.cross_entropy(model(batch), batch.label), carry

    def scores(pairs: Sequence[Any]) -> Callable[[nn.Module], dict[str, float]]:
        order = sorted(range(len(pairs)), key=lambda i: length(pairs[i]))
        pieces = [
            [pairs[i] for i in order[at : at + EVALUATION_BATCH]] for at in range(0, len(order), EVALUATION_BATCH)
        ]

        def score(model: nn.Module) -> dict[str, float]:
            right, total = 0, 0.0
            for piece in pieces:
                batch = collate(piece)
                logits = model(batch)
                right += int((logits.argmax(-1) == batch.label).sum())
                total += functional.cross_entropy(logits, batch.label, reduction="sum").item()
            return {"accuracy": 100 * right / len(pairs), "loss": total / len(pairs)}

        return score

    embedding = getattr(model, "embedding", None)
    frozen = embedding.weight if given_vectors and isinstance(embedding, nn.Embedding) else None
    return Run(
        model=model,
        optimiser=torch.optim.Adam(
            model.parameters(), lr=settings["learning_rate"], betas=(settings["beta1"], settings["beta2"])
        ),
        batches=batches,
        loss=loss,
        validate=scores(validation),
        test=scores(test),
        settings=Settings(
            updates=settings["updates"],
            validate_every=settings["validate_every"],
            checkpoint_every=max(1, min(settings["validate_every"], 500)),
            metric="accuracy",
            higher_is_better=True,
        ),
        data={**data, "train": len(train), "validation": len(validation), "test": len(test)},
        schedule=ThawThenHalve(frozen, len(batches)),
        metadata=metadata,
    )


def snli(name: str, settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """A model of Table 1 on SNLI: all of it where it is here, else its development pairs, divided.

    Args:
        name: of the model, as `memlib.models.pair_classifier.build` takes it.
        settings: of the experiment.
        seed: of the order of the batches.
        device: to train on.

    Raises:
        DataError: not even the development and test pairs are here, or the extra ``text`` is missing.
    """
    from memlib.tasks import snli as corpus
    from memlib.tasks import text

    development, test = corpus.load("dev"), corpus.load("test")
    train: Sequence[corpus.Pair]
    validation: Sequence[corpus.Pair]
    try:
        train, validation, source = corpus.load("train"), development, "SNLI 1.0"
    except DataError:
        train, validation = corpus.development_split(development, seed=0)
        source = "SNLI's development pairs, divided"
    differs = []
    vectors = text.glove_file()
    if vectors is None:
        # A word met once is taken as unknown, so that the unknown word has a vector that was trained.
        vocabulary, table = text.of_pairs(train, min_frequency=2), None
        differs.append("word vectors of its own instead of GloVe's")
    else:
        vocabulary = text.of_pairs(train, validation, test)
        table = text.read_vectors(vocabulary.words, vectors, torch.Generator().manual_seed(0)).table
    data = {
        "source": source,
        "substituted": validation is not development,
        "differs": differs,
        "vocabulary": len(vocabulary),
    }
    return _pairs(name, (train, validation, test), vocabulary, settings, seed, device, data, table)


def entailment(name: str, settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """A model of Table 1 on generated pairs, the same ones for every model and seed; arguments as in `snli`.

    The few training pairs that are also among the test pairs are left out.
    """
    from memlib.tasks.entailment_world import vocabulary

    sizes = [settings[key] for key in ("training_pairs", "validation_pairs", "test_pairs")]
    pairs = _generated(sum(sizes))
    test, rest = pairs[: sizes[2]], pairs[sizes[2] :]
    kept = set(test)
    train = [pair for pair in rest[sizes[1] :] if pair not in kept]
    words = vocabulary()
    data = {"source": "generated pairs", "substituted": False, "vocabulary": len(words)}
    return _pairs(name, (train, rest[: sizes[1]], test), words, settings, seed, device, data, None)


@cache
def _generated(count: int) -> list[Any]:
    """Made once for all seeds of one command: it takes a while."""
    from memlib.tasks.entailment_world import generate

    return generate(count, seed=0)


def _pairs(
    name: str,
    parts: tuple[Sequence[Any], Sequence[Any], Sequence[Any]],
    vocabulary: Any,
    settings: Mapping[str, Any],
    seed: int,
    device: torch.device,
    data: dict[str, Any],
    table: Tensor | None,
) -> Run:
    from memlib.models import pair_classifier
    from memlib.tasks.entailment_pairs import collate, encode, pair_length

    model = pair_classifier.build(
        name,
        len(vocabulary),
        settings["hidden"],
        settings["copies"],
        settings["dropout"],
        table,
        **settings.get("options", {}),
    ).to(device)
    train, validation, test = (encode(part, vocabulary) for part in parts)
    return pair_run(
        model,
        (train, validation, test),
        lambda pairs: collate(pairs).to(device),
        pair_length,
        settings,
        seed,
        data,
        {"vocabulary": json.dumps(list(vocabulary.words))},
        given_vectors=table is not None,
    )
