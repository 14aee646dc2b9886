"""The pieces of a run with attention: sequences written backwards or translated, and objects counted in pictures.

Everything is generated: training never ends, and the test's items are drawn with seeds that training never uses.

Source: bahdanau2015, Sec. 3; xu2015, Sec. 4
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from memlib.experiments.experiment import Run
from memlib.models.region_attention import RegionAttention, RegionConfig
from memlib.models.sequence_to_sequence import Seq2SeqConfig, SequenceToSequence
from memlib.tasks import counting_objects, reordered_translation, reversal
from memlib.tasks.sequence_pairs import PAD, SequencePairs, accuracy, alignment_agreement
from memlib.training import Generated, Guard, Settings
from memlib.training.schedules import ByUpdate
from memlib.training.streams import Stream

# The source lengths at which reversal is tested.
LENGTHS = (5, 10, 20, 30, 40)
VALIDATION_SEED, TEST_SEED = 1_000_003, 2_000_003

Make = Callable[[torch.Generator], Any]
Score = Callable[[nn.Module], dict[str, float]]


class Growing:
    """Reversal's training batches: all rows of a batch are of one length, and the longest length grows.

    Args:
        task: the sizes; `longest` is what it grows to.
        size: rows in a batch.
        growth: batches until the longest length is reached; 0 starts with it.
        seed: of the draws.
    """

    def __init__(self, task: reversal.Reversal, size: int, growth: int, seed: int) -> None:
        self.task, self.size, self.growth, self.drawn = task, size, growth, 0
        self.generator = torch.Generator().manual_seed(seed)

    def __next__(self) -> SequencePairs:
        task, share = self.task, min(1.0, (self.drawn + 1) / max(1, self.growth))
        longest = task.shortest + round(share * (task.longest - task.shortest))
        length = int(torch.randint(task.shortest, longest + 1, (), generator=self.generator))
        self.drawn += 1
        return reversal.batch(task, self.size, self.generator, length)

    def state_dict(self) -> dict[str, Any]:
        """How many were drawn, and the generator's state."""
        return {"drawn": self.drawn, "generator": self.generator.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a place."""
        self.drawn = int(state["drawn"])
        self.generator.set_state(state["generator"])


def written(model: nn.Module, pairs: SequencePairs) -> dict[str, float]:
    """How well a model writes by itself: figures as `memlib.tasks.sequence_pairs.accuracy` has them."""
    return accuracy(model.greedy(pairs.source, pairs.target.shape[1]).tokens, pairs)  # type: ignore[operator]


def agreement(model: nn.Module, pairs: SequencePairs) -> float:
    """How often a model looks, fed the right tokens, where each token comes from."""
    return alignment_agreement(model(pairs.source, pairs.target).weights, pairs)


def reverse(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """A model that learns to write backwards.

    Args:
        settings: of the experiment.
        seed: of the training batches; the weights come from the global generator.
        device: to train on.
    """
    task = reversal.Reversal(settings["letters"], settings["longest"])
    model = _writer(settings, task.vocabulary, task.vocabulary).to(device)

    def score(first: int, rows: int) -> Score:
        by_length = {}
        for length in LENGTHS:
            generator = torch.Generator().manual_seed(first + length)
            by_length[length] = reversal.batch(task, rows, generator, length).to(device)

        def of(model: nn.Module) -> dict[str, float]:
            found = {n: written(model, pairs) for n, pairs in by_length.items()}
            figures = {f"accuracy_at_{n}": one["accuracy"] for n, one in found.items()}
            figures |= {f"whole_at_{n}": one["whole"] for n, one in found.items()}
            if settings["attention"] != "none":
                figures["agreement"] = agreement(model, by_length[LENGTHS[-1]])
            return {"accuracy": sum(one["accuracy"] for one in found.values()) / len(found), **figures}

        return of

    rows = settings["test_rows"]
    batches = Growing(task, settings["batch"], settings["growth"], seed)
    counts = {"validation": len(LENGTHS) * (rows // 4), "test": len(LENGTHS) * rows}
    return _run(model, batches, _writing, score(VALIDATION_SEED, rows // 4), score(TEST_SEED, rows), settings, counts)


def translate(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """A model that learns to translate; arguments as in `reverse`."""
    task = reordered_translation.Translation(settings["clauses"], settings["adjectives"])
    model = _writer(settings, task.source_vocabulary, task.target_vocabulary).to(device)

    def score(first: int, rows: int) -> Score:
        pairs = reordered_translation.batch(task, rows, torch.Generator().manual_seed(first)).to(device)

        def of(model: nn.Module) -> dict[str, float]:
            found = written(model, pairs)
            return found if settings["attention"] == "none" else found | {"agreement": agreement(model, pairs)}

        return of

    rows = settings["test_rows"]
    batches = Generated(lambda generator: reordered_translation.batch(task, settings["batch"], generator), seed)
    counts = {"validation": rows // 4, "test": rows}
    return _run(model, batches, _writing, score(VALIDATION_SEED, rows // 4), score(TEST_SEED, rows), settings, counts)


def count(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """A model that learns where to look in a picture, and to count there; arguments as in `reverse`."""
    task = counting_objects.Counting(settings["grid"], settings["noise"])
    model = counter(settings).to(device)
    draws = torch.Generator(device)

    def loss(model: nn.Module, batch: tuple[counting_objects.Pictures, Tensor], carry: Any) -> tuple[Tensor, Any]:
        # The seed of the hard glances comes with the batch, so that a resumed run meets the same ones.
        pictures, start = batch[0].to(device), int(batch[1])
        draws.manual_seed(start)
        return model.loss(pictures.regions, pictures.question, pictures.answer, draws), carry  # type: ignore[operator]

    def make(generator: torch.Generator) -> tuple[counting_objects.Pictures, Tensor]:
        pictures = counting_objects.batch(task, settings["batch"], generator)
        return pictures, torch.randint(2**31, (), generator=generator)

    def score(first: int, rows: int) -> Score:
        pictures = counting_objects.batch(task, rows, torch.Generator().manual_seed(first)).to(device)

        def of(model: nn.Module) -> dict[str, float]:
            look = model(pictures.regions, pictures.question)
            found = (look.places == pictures.where.unsqueeze(1)).any(1).double().mean().item()
            return {
                "accuracy": counting_objects.accuracy(look.logits.argmax(-1), pictures),
                "looked_right": 100 * found,
                "loss": functional.cross_entropy(look.logits, pictures.answer).item(),
            }

        return of

    rows = settings["test_rows"]
    counts = {"validation": rows // 4, "test": rows}
    validate, test = score(VALIDATION_SEED, rows // 4), score(TEST_SEED, rows)
    return _run(model, Generated(make, seed), loss, validate, test, settings, counts)


def counter(settings: Mapping[str, Any]) -> RegionAttention:
    """The network that counts, with weights from the global generator."""
    task = counting_objects.Counting(settings["grid"], settings["noise"])
    return RegionAttention(
        RegionConfig(
            task.region_size,
            task.question_size,
            task.answers,
            settings["hidden"],
            settings["glances"],
            settings["attention"],
            settings["entropy_weight"],
        )
    )


def _writer(settings: Mapping[str, Any], source: int, target: int) -> SequenceToSequence:
    return SequenceToSequence(
        Seq2SeqConfig(
            source,
            target,
            settings["embedding"],
            settings["hidden"],
            settings["attention"],
            settings["cell"],
            score_size=settings["hidden"],
        )
    )


def _writing(model: nn.Module, pairs: SequencePairs, carry: Any) -> tuple[Tensor, Any]:
    """Mean cross-entropy of the target's tokens, each after the right ones."""
    device = next(model.parameters()).device
    pairs = pairs.to(device)
    logits = model(pairs.source, pairs.target).logits
    return functional.cross_entropy(logits.flatten(0, 1), pairs.target.flatten(), ignore_index=PAD), carry


def _run(
    model: nn.Module,
    batches: Stream[Any],
    loss: Callable[..., tuple[Tensor, Any]],
    validate: Score,
    test: Score,
    settings: Mapping[str, Any],
    counts: dict[str, int],
) -> Run:
    updates, rate = settings["updates"], settings["learning_rate"]

    def falling(update: int) -> float:
        """The rate as it is for the first half, then down a straight line to a fiftieth."""
        return float(rate * min(1.0, max(0.02, 2 * (1 - update / updates))))

    return Run(
        model=model,
        optimiser=torch.optim.Adam(model.parameters(), lr=rate),
        batches=batches,
        loss=loss,
        validate=validate,
        test=test,
        settings=Settings(
            updates=updates,
            validate_every=settings["validate_every"],
            checkpoint_every=max(1, min(settings["validate_every"], 500)),
            clip_norm=1.0,
            metric="accuracy",
            higher_is_better=True,
        ),
        data={"source": "generated", "substituted": False, "train": updates * settings["batch"], **counts},
        schedule=ByUpdate(falling),
        # A loss near 0 that relapses rises thirtyfold, and recovers.
        guard=Guard(factor=math.inf),
    )
