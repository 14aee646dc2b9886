"""What is the premise's memory worth? A trained Dual AM-GRU on SNLI, with that memory taken away or exchanged.

Only what the hypothesis can look up is changed: the classifier still sees the model's summary of the right premise. In
one more condition that summary is exchanged as well, so that nothing of the right premise is left.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from memlib.data import measure
from memlib.experiments.experiment import Trained
from memlib.experiments.holographic_babi_grid import spread
from memlib.models.am_rnn import DualAMRNN
from memlib.models.pair_classifier import PairClassifier, build, words
from memlib.models.recurrent import unroll
from memlib.runtime import PROFILES
from memlib.tasks import snli
from memlib.tasks.entailment_pairs import EncodedPair, PairBatch, collate, encode

NAME = "snli-premise-memory"
TRAINED = "snli/dual-am-gru-shared"
BATCH = 200


@dataclass(frozen=True)
class Settings:
    """What is asked.

    Attributes:
        partition: of SNLI.
        pairs: its first ones; None takes all.
        seeds: of the choice of other premises.
    """

    partition: str = "test"
    pairs: int | None = None
    seeds: tuple[int, ...] = (1, 2, 3)

    @classmethod
    def quick(cls) -> "Settings":
        """A few hundred pairs, in seconds."""
        return cls(pairs=300, seeds=(1,))


class Probe:
    """A trained Dual AM-GRU and pairs: their premises read once, so that each memory can be handed to any hypothesis.

    Args:
        model: built as ``dual-am-gru-shared``, on the CPU.
        pairs: encoded with the model's words.

    Raises:
        ValueError: the model is another.
    """

    def __init__(self, model: PairClassifier, pairs: Sequence[EncodedPair]) -> None:
        cell = getattr(model.bottom, "cell", None)
        if not isinstance(cell, DualAMRNN) or model.top is None:
            raise ValueError(f"expected a pair classifier 'dual-am-gru-shared', got {model.name!r}.")
        self.model, self.cell, self.top, self.pairs = model.eval(), cell, model.top, pairs
        self.labels = torch.tensor([pair.label for pair in pairs])
        self.premises = list(dict.fromkeys(pair.premise for pair in pairs))
        place = {premise: i for i, premise in enumerate(self.premises)}
        self.own = torch.tensor([place[pair.premise] for pair in pairs])
        self.memories, self.summaries = self._read_premises()

    @torch.no_grad()
    def _read_premises(self) -> tuple[Tensor, Tensor]:
        """The memory that each premise leaves, [premises, copies, H/2], and its summary, [premises, H]."""
        size = self.cell.config.hidden_size
        memories = self.cell.initial_state(len(self.premises)).source
        summaries = memories.real.new_zeros(len(self.premises), size)
        for rows, batch in _batches([EncodedPair(one, one, 0) for one in self.premises]):
            mask = words(batch.premise_length, batch.premise.shape[1])
            state = self.cell.initial_state(len(rows))
            ys, after = self.cell.sequence(self.model.embedding(batch.premise), state, mask)
            memories[rows] = after.own.memory
            summaries[rows] = unroll(self.top, ys, mask=mask)[1].memory
        return memories, summaries

    @torch.no_grad()
    def answers(self, memories: Tensor, summaries: Tensor) -> Tensor:
        """What the model says of each pair, [pairs], where its hypothesis looks into the given memories.

        Args:
            memories: [pairs, copies, H/2].
            summaries: of the premises, for the classifier, [pairs, H].
        """
        said = torch.empty_like(self.labels)
        for rows, batch in _batches(self.pairs):
            mask = words(batch.hypothesis_length, batch.hypothesis.shape[1])
            state = self.cell.beside(memories[rows])
            zs, _ = self.cell.sequence(self.model.embedding(batch.hypothesis), state, mask)
            p, h = summaries[rows], unroll(self.top, zs, mask=mask)[1].memory
            said[rows] = self.model.classify(torch.cat([p, h, (p - h).abs()], -1)).argmax(-1)
        return said

    def right(self, memories: Tensor, summaries: Tensor) -> float:
        """The accuracy of `answers` in per cent."""
        return 100 * (self.answers(memories, summaries) == self.labels).double().mean().item()

    def others(self, seed: int) -> Tensor:
        """For each pair another premise, drawn at random among all pairs: its place in ``premises``, [pairs].

        Raises:
            ValueError: there is only one premise.
        """
        if len(self.premises) < 2:
            raise ValueError("expected pairs of at least two premises.")
        generator = torch.Generator().manual_seed(seed)
        found = self.own.clone()
        while (same := found == self.own).any():
            drawn = torch.randint(len(self.own), (int(same.sum()),), generator=generator)
            found[same] = self.own[drawn]
        return found


def _batches(pairs: Sequence[EncodedPair]) -> list[tuple[list[int], PairBatch]]:
    """Pairs of similar lengths together, and where they stand."""
    order = sorted(range(len(pairs)), key=lambda i: (len(pairs[i].hypothesis), len(pairs[i].premise)))
    pieces = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    return [(piece, collate([pairs[i] for i in piece])) for piece in pieces]


def accuracies(probe: Probe, seeds: Sequence[int], report: Callable[[str], None] = lambda line: None) -> dict[str, Any]:
    """The accuracy in per cent under each condition.

    Returns:
        ``as_it_is``; ``emptied``, the premise's memory set to 0; ``other_memory``, the memory of another pair's premise
        (mean, range and values over the seeds); ``other_premise``, its summary too; ``one_label``, saying always the
        most frequent label.
    """
    memories, summaries = probe.memories[probe.own], probe.summaries[probe.own]
    report("as it is")
    found: dict[str, Any] = {"as_it_is": probe.right(memories, summaries)}
    report("emptied")
    found["emptied"] = probe.right(torch.zeros_like(memories), summaries)
    exchanged: dict[str, list[float]] = {"other_memory": [], "other_premise": []}
    for seed in seeds:
        report(f"exchanged, seed {seed}")
        other = probe.others(seed)
        exchanged["other_memory"].append(probe.right(probe.memories[other], summaries))
        exchanged["other_premise"].append(probe.right(probe.memories[other], probe.summaries[other]))
    found |= {name: spread(values) for name, values in exchanged.items()}
    found["one_label"] = 100 * int(torch.bincount(probe.labels).max()) / len(probe.labels)
    return found


def run(settings: Settings, report: Callable[[str], None], trained: Trained) -> dict[str, Any]:
    """Measure it.

    Args:
        settings: see `Settings`.
        report: called with a line for each condition.
        trained: weights of `TRAINED`.

    Returns:
        A record without its stamp; accuracies in per cent.

    Raises:
        DataError: the pairs are not here, or the extra ``text`` is missing.
    """
    from memlib.tasks import text

    started = time.perf_counter()
    pairs = snli.load(settings.partition)
    vocabulary = text.Vocabulary.from_words(json.loads(trained.metadata["vocabulary"]))
    told = trained.record["settings"]
    with torch.random.fork_rng(devices=[]):
        model = build("dual-am-gru-shared", len(vocabulary), told["hidden"], told["copies"])
    model.load_state_dict(dict(trained.weights))
    probe = Probe(model, encode(pairs[: settings.pairs], vocabulary))
    found = accuracies(probe, settings.seeds, report)
    file = {} if pairs.file is None else {pairs.file.name: {"sha256": measure(pairs.file, "sha256").digits}}
    return {
        "name": NAME,
        "what": "accuracy of a trained Dual AM-GRU with the premise's memory as it is, emptied, and exchanged",
        "settings": plain(settings),
        "seeds": list(settings.seeds),
        "trained": {"name": trained.record["name"], "sha256": trained.record["weights"]["sha256"]},
        "data": {"source": pairs.source, "files": file, "pairs": len(probe.pairs), "premises": len(probe.premises)},
        "accuracy": found,
        "wall_time_s": round(time.perf_counter() - started, 1),
    }


def plain(settings: Settings) -> dict[str, Any]:
    """The settings that a record holds."""
    return {"partition": settings.partition, "pairs": settings.pairs, "trained": TRAINED}


def settings_for(profile: str) -> tuple[Settings, dict[str, Any]]:
    """The settings of a profile, and as a record holds them.

    Raises:
        ValueError: no such profile.
    """
    if profile not in PROFILES:
        raise ValueError(f"{NAME} has no profile {profile!r}; it has: {', '.join(PROFILES)}.")
    settings = Settings() if profile == "full" else Settings.quick()
    return settings, plain(settings)


def lines(record: dict[str, Any]) -> list[str]:
    """The accuracies as lines of text: a figure, or mean and range over the choices of other premises."""
    found = record["accuracy"]
    named = {
        "memory as it is": found["as_it_is"],
        "memory emptied": found["emptied"],
        "another premise's memory": found["other_memory"],
        "another premise altogether": found["other_premise"],
        "always the same label": found["one_label"],
    }
    return [f"{name:<27}{_figure(value)}" for name, value in named.items()]


def _figure(value: Any) -> str:
    if not isinstance(value, dict):
        return f"{value:.1f} %"
    return "{mean:.1f} % ({min:.1f} to {max:.1f})".format_map(value)
