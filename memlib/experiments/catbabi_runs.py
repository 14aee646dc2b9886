"""The pieces of a run on catbAbI: real stories or generated ones, the state carried from window to window.

Source: schlag2021, App. D; schlag2021, App. F
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from memlib.data import find
from memlib.experiments import catbabi_models
from memlib.experiments.catbabi_score import detached, first_row, read, score
from memlib.experiments.experiment import Run
from memlib.tasks import catbabi
from memlib.tasks.catbabi_stream import Encoded, StoryStream, Window, in_order, in_parts
from memlib.tasks.catbabi_variants import composed, split, without
from memlib.training import Guard, Settings
from memlib.training.schedules import ByUpdate, Schedule

# The order of the validation and of the test stories, drawn once.
ORDER_SEED = 0
EVALUATION_ROWS = 32
# No story in training has Mary and the garden in one sentence: what `hold_out` leaves for the test.
HELD_OUT = ("mary", "garden")


@dataclass(frozen=True)
class Data:
    """Stories as numbers, and what is to be said of them.

    Attributes:
        train: to train on.
        valid: to choose the best weights by.
        test: for the figures.
        whole: the test's stories as they are, where `test` holds another form of them; else None.
        ids: from a word to its id.
        about: `memlib.experiments.experiment.Run.data`.
    """

    train: Encoded
    valid: Encoded
    test: Encoded
    whole: Encoded | None
    ids: dict[str, int]
    about: dict[str, Any]


@cache
def data(real: bool, generated: int, form: str, tasks: tuple[int, ...] = (1, 2, 3)) -> Data:
    """The stories of a run, read once for all seeds of one command.

    Args:
        real: bAbI where it is on this machine, else generated stories; False: generated stories in any case.
        generated: how many to generate of each task, for training; a sixth of it for the other parts.
        form: ``whole`` stories, ``split`` into one question each, or ``held-out`` (one composition kept from training).
        tasks: of the generated stories.

    Raises:
        ValueError: there is no such form, or no simulator of a task.
        DataError: a file of bAbI is missing.
    """
    root = find("babi", "en-valid-10k") if real else None
    if root is not None:
        train, valid, test = (catbabi.stories(root, part) for part in catbabi.PARTITIONS)
    else:
        few = max(2, generated // 6)
        train, valid, test = (catbabi.generated(n, seed, tasks) for n, seed in ((generated, 1), (few, 2), (few, 3)))
    ids = catbabi.vocabulary(test, valid, train)
    about = {
        "source": train.source,
        "substituted": real and root is None,
        "differs": train.differs,
        "vocabulary": len(ids),
        "order_seed": ORDER_SEED,
    }
    valid, test = valid.shuffled(ORDER_SEED), test.shuffled(ORDER_SEED)
    whole = None
    if form == "split":
        whole = Encoded(test, ids)
        train, valid, test = split(train), split(valid), split(test)
    elif form == "held-out":
        train = without(train, HELD_OUT)
    elif form != "whole":
        raise ValueError(f"expected stories whole, split or held-out; got {form!r}.")
    encoded_test = Encoded(test, ids, composed(HELD_OUT) if form == "held-out" else None)
    about |= {"train": len(train), "validation": len(valid), "test": len(test)}
    return Data(Encoded(train, ids), Encoded(valid, ids), encoded_test, whole, ids, about)


class Reader:
    """The loss, the validation and the test of one run; they share the state that training has reached.

    Args:
        stories: of the run.
        settings: of the experiment.
        device: of the model.
    """

    def __init__(self, stories: Data, settings: Mapping[str, Any], device: torch.device) -> None:
        self.stories, self.settings, self.device = stories, settings, device
        self.mode, self.state = settings["mode"], None
        words = len(stories.train.words)
        self.epoch = -(-words // (settings["batch"] * settings["window"]))

    def loss(self, model: nn.Module, window: Window, carry: Any) -> tuple[Tensor, Any]:
        """Mean cross-entropy where the mode counts it; the carry is how many updates were made, and the state."""
        updates, state = carry if carry is not None else (0, None)
        every = {"never": 0, "epoch": self.epoch, "window": 1}[self.settings["reset"]]
        if every and updates % every == 0:
            state = None
        here = window.to(self.device)
        logits, state, extra = read(model, here, state, self.mode)
        counted = here.counted(self.mode)
        # A window without a question would have no mean.
        total = functional.cross_entropy(logits[counted], here.targets[counted], reduction="sum")
        self.state = detached(state)
        return total / counted.sum().clamp(min=1) + extra, (updates + 1, self.state)

    @property
    def carries(self) -> bool:
        """Whether the state goes on from window to window."""
        return bool(self.settings["reset"] != "window")

    def validate(self, model: nn.Module) -> dict[str, float]:
        """On the first windows of the validation stories, every row from the state of the first training row."""
        windows = in_order(self.stories.valid, EVALUATION_ROWS, self.settings["window"])
        state = None if self.state is None else first_row(self.state, EVALUATION_ROWS)
        few = islice(windows, self.settings["validation_windows"])
        return score(model, few, self.mode, self.device, state, self.carries).figures()

    def test(self, model: nn.Module) -> dict[str, float]:
        """On all test stories from a zero state, as in the authors' code; on all validation stories likewise."""
        found = self._all(model, self.stories.test).figures(tasks=True)
        if self.stories.whole is not None:
            whole = self._all(model, self.stories.whole).figures()
            found |= {f"{key}_unsplit": whole[key] for key in ("accuracy", "perplexity")}
        windows = in_parts(self.stories.valid, EVALUATION_ROWS, self.settings["window"])
        valid = score(model, windows, self.mode, self.device, None, self.carries).figures()
        return found | {f"validation_{key}": figure for key, figure in valid.items()}

    def _all(self, model: nn.Module, stories: Encoded) -> Any:
        rows, window = self.settings["test_rows"], self.settings["window"]
        windows: Iterator[Window] = (in_order if rows == 1 else in_parts)(stories, rows, window)
        return score(model, windows, self.mode, self.device, None, self.carries)


def run(
    model_name: str, differing: tuple[str, ...], settings: Mapping[str, Any], seed: int, device: torch.device
) -> Run:
    """A model on catbAbI.

    Args:
        model_name: one of `memlib.experiments.catbabi_models.MODELS`.
        differing: what of the settings is not the paper's, in words.
        settings: of the experiment.
        seed: of the order of the training stories; the weights come from the global generator.
        device: to train on.
    """
    tasks = tuple(settings.get("generated_tasks", (1, 2, 3)))
    stories = data(settings["stories"] == "real", settings["generated"], settings["form"], tasks)
    reader = Reader(stories, settings, device)
    rows = max(settings["vocabulary_rows"], len(stories.ids))
    model = catbabi_models.build(model_name, rows, settings["options"]).to(device)
    rate, warm_up = settings["learning_rate"], settings["warm_up"]
    schedule: Schedule | None = ByUpdate(lambda update: rate * min(1.0, (update + 1) / warm_up)) if warm_up else None
    differs = [*stories.about["differs"], *differing]
    if settings["test_rows"] != 1:
        differs.append(f"tested in {settings['test_rows']} rows at once, the paper in one")
    return Run(
        model=model,
        optimiser=torch.optim.Adam(model.parameters(), rate, betas=(0.9, 0.999)),
        batches=StoryStream(stories.train, settings["batch"], settings["window"], seed),
        loss=reader.loss,
        validate=reader.validate,
        test=reader.test,
        settings=Settings(
            updates=settings["updates"],
            validate_every=settings["validate_every"],
            checkpoint_every=min(500, settings["validate_every"]),
            metric="loss",
        ),
        data={**stories.about, "differs": differs},
        schedule=schedule,
        # A loss near zero may rise a hundredfold on one hard stretch of stories.
        guard=Guard(factor=100.0),
        metadata={"vocabulary": json.dumps(list(stories.ids))},
    )
