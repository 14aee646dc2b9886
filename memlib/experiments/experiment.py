"""An experiment as data: which published figure it aims at, with what settings and budget, and how to build it.

Nothing here runs anything. `memlib.ledger.runs` trains what `Experiment.build` returns and leaves the record.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from memlib import training
from memlib.runtime import PROFILES
from memlib.training.loop import Loss, Validate
from memlib.training.schedules import Schedule
from memlib.training.streams import Stream

STATISTICS = ("single", "best", "mean")


@dataclass(frozen=True)
class Published:
    """One figure to reach: a paper's, or our own acceptance where the paper gives none.

    Attributes:
        metric: the name under which a run's test gives it.
        figure: in the unit of the metric (accuracy in per cent).
        statistic: "single" (one run, or the paper does not say), "best" of several seeds, or "mean" over seeds.
        seeds: of how many seeds the paper's statistic is; None where it does not say.
        spread: the paper's own spread (its standard deviation); None where it gives none.
        higher_is_better: of this metric.
        own: whether it is our acceptance and not a paper's figure.
    """

    metric: str
    figure: float
    statistic: str = "single"
    seeds: int | None = None
    spread: float | None = None
    higher_is_better: bool = True
    own: bool = False

    def __post_init__(self) -> None:
        if self.statistic not in STATISTICS:
            raise ValueError(f"unknown statistic {self.statistic!r}; expected one of {', '.join(STATISTICS)}.")

    def __str__(self) -> str:
        if self.own:
            return f"own: at {'least' if self.higher_is_better else 'most'} {self.figure:g}"
        spread = "" if self.spread is None else f" ± {self.spread:g}"
        count = "" if self.seeds is None else f" of {self.seeds}"
        return f"{self.figure:g}{spread}" + ("" if self.statistic == "single" else f" ({self.statistic}{count})")


@dataclass(frozen=True)
class Budget:
    """What one profile spends on a seed.

    Attributes:
        updates: of the optimiser.
        validate_every: updates between validations.
        seeds: how many; they are counted from 1.
        items: training items that the run is meant for; None where data are generated without end.
        settings: what this profile changes in the experiment's settings, for example a smaller model.
    """

    updates: int
    validate_every: int
    seeds: int = 3
    items: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Run:
    """The pieces of one run, for `memlib.training.Trainer`.

    Attributes:
        model: on its device.
        optimiser: over its parameters.
        batches: an endless stream of training batches.
        loss: from (model, batch, carry) to (loss, carry).
        validate: from the model to named figures, among them the experiment's metric.
        test: the same, on the test data; called once, with the best weights.
        settings: of the training.
        data: what was really used (JSON values): ``source`` in words, ``substituted`` (whether it stands in for the
            experiment's own data), ``differs`` (a list of what else differs from the paper's), and the counts
            ``train``, ``validation`` and ``test``.
        schedule: of the learning rate.
        guard: against divergence; the trainer's own when None.
        metadata: words that go with saved weights, such as a vocabulary as JSON.
    """

    model: nn.Module
    optimiser: Optimizer
    batches: Stream[Any]
    loss: Loss
    validate: Validate
    test: Validate
    settings: training.Settings
    data: dict[str, Any]
    schedule: Schedule | None = None
    guard: training.Guard | None = None
    metadata: dict[str, str] = field(default_factory=dict)


Build = Callable[[Mapping[str, Any], int, torch.device], Run]


@dataclass(frozen=True)
class Experiment:
    """One row of a paper's table, trained.

    Attributes:
        name: on the command line, such as ``snli/gru-shared``.
        row: of the book's list of systems, such as ``H7``.
        paper: its key in the bibliography.
        where: in the paper, such as ``Table 1``.
        system: in words.
        task: in words.
        model: the name under which its factory builds it.
        settings: JSON values that hold in both profiles, unless a budget changes one.
        budgets: by profile; ``full`` is the paper's, or ours where the paper does not say.
        metric: the validated figure by which the best weights are chosen.
        published: the figures to reach, at least one; none for a variant of another experiment.
        build: from (settings of a profile, seed, device) to the pieces of a run; global generators are seeded before.
        higher_is_better: of `metric`.
        parameters: how many the paper counts; None where it does not say.
        unit: of the figures, for display.
        baseline: the name of the experiment that this is a variant of, the same but for one option.
    """

    name: str
    row: str
    paper: str
    where: str
    system: str
    task: str
    model: str
    settings: Mapping[str, Any]
    budgets: Mapping[str, Budget]
    metric: str
    published: tuple[Published, ...]
    build: Build
    higher_is_better: bool = True
    parameters: int | None = None
    unit: str = ""
    baseline: str = ""

    def __post_init__(self) -> None:
        if set(self.budgets) != set(PROFILES):
            raise ValueError(f"{self.name}: expected budgets for {', '.join(PROFILES)}, got {', '.join(self.budgets)}.")
        if not self.published and not self.baseline:
            raise ValueError(f"{self.name}: expected at least one figure to reach, a paper's or our own.")

    def settings_of(self, profile: str) -> dict[str, Any]:
        """The settings of a run in a profile, the budget's updates among them: what a record must agree with.

        Raises:
            ValueError: no such profile.
        """
        if profile not in self.budgets:
            raise ValueError(f"{self.name} has no profile {profile!r}; expected one of {', '.join(PROFILES)}.")
        budget = self.budgets[profile]
        return {
            **self.settings,
            **budget.settings,
            "updates": budget.updates,
            "validate_every": budget.validate_every,
        }

    @property
    def command(self) -> str:
        """What runs it in full."""
        return f"memlib run {self.name} --profile full"


class Trained(Protocol):
    """Trained weights, as `memlib.pretrained` hands them out."""

    @property
    def weights(self) -> Mapping[str, Tensor]:
        """For ``model.load_state_dict``."""
        ...

    @property
    def record(self) -> Mapping[str, Any]:
        """Of the run that made them."""
        ...

    @property
    def metadata(self) -> Mapping[str, str]:
        """Words saved with them."""
        ...


@dataclass(frozen=True)
class Measurement:
    """An experiment without training: one function that returns one record, for all seeds at once.

    Attributes:
        name: on the command line, and of the record.
        row: of the book's list of systems.
        paper: its key in the bibliography.
        where: in the paper; empty where no single place is meant.
        system: in words.
        task: in words.
        measure: from (settings, a function that is told what goes on) to a record without its stamp; where it needs
            trained weights, they are handed in as a third argument, `Trained`; where it is made ``in_parts``, its
            `memlib.training.parts.Parts` come last.
        settings: from a profile to the settings object that `measure` takes, and the JSON values its record must hold.
        lines: from a record to lines of text that show it.
        trained: the name of the experiment whose weights it measures; empty where it needs none.
        in_parts: whether it is long, and made of parts that are kept as they come.
    """

    name: str
    row: str
    paper: str
    where: str
    system: str
    task: str
    measure: Callable[..., dict[str, Any]]
    settings: Callable[[str], tuple[Any, dict[str, Any]]]
    lines: Callable[[dict[str, Any]], list[str]]
    trained: str = ""
    in_parts: bool = False

    def settings_of(self, profile: str) -> dict[str, Any]:
        """The settings that a record of this profile holds."""
        return self.settings(profile)[1]

    @property
    def command(self) -> str:
        """What runs it in full."""
        return f"memlib run {self.name} --profile full"
