"""Verdicts: does a published figure hold? By the definitions on the ledger's page, and nothing else.

* held: the paper's data, size and number of updates; the paper's statistic; at least three seeds; no worse by more than
  the paper's own spread, or 1 point where it gives none.
* did not hold: the same conditions, and missed.
* partial: something differs, and the verdict names it. Substituted data are always partial.
* not run: there is no record.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memlib.experiments.experiment import Experiment, Published

HELD, MISSED, PARTIAL, NOT_RUN = "held", "did not hold", "partial", "not run"
# In their place where there is nothing to reach.
MEASURED = "measured"
SEEDS_NEEDED = 3
POINT = 1.0
# How far the number of parameters may be from the paper's rounded one.
SIZE_TOLERANCE = 0.05

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Ours:
    """Our figures over the seeds, beside one published figure.

    Attributes:
        published: what they stand beside.
        values: one a seed, in the order of the seeds.
        statistic: ours that is like the paper's: best of n, mean, or the median where the paper has a single run.
    """

    published: Published
    values: tuple[float, ...]
    statistic: float

    @property
    def best(self) -> float:
        """The best of all seeds."""
        return max(self.values) if self.published.higher_is_better else min(self.values)

    @property
    def median(self) -> float:
        """Over the seeds."""
        return statistics.median(self.values)

    @property
    def margin(self) -> float:
        """How much worse it may be: the paper's spread, 1 point without one, nothing for an acceptance of our own."""
        if self.published.own:
            return 0.0
        return POINT if self.published.spread is None else self.published.spread

    @property
    def good(self) -> bool:
        """Whether it is no worse than the published figure by more than the margin."""
        sign = 1 if self.published.higher_is_better else -1
        gain = sign * (self.statistic - self.published.figure)
        return gain >= -self.margin or math.isclose(gain, -self.margin, abs_tol=1e-9)


@dataclass(frozen=True)
class Verdict:
    """What is to be said of an experiment.

    Attributes:
        word: held, did not hold, partial or not run; measured for a variant, which has nothing to reach.
        reasons: what differs from the paper (partial), or what was missed (did not hold).
        ours: beside each published figure; empty without a tested run.
        records: those that it rests on.
    """

    word: str
    reasons: tuple[str, ...] = ()
    ours: tuple[Ours, ...] = ()
    records: tuple[Record, ...] = ()

    def __str__(self) -> str:
        return self.word + (f": {'; '.join(self.reasons)}" if self.reasons else "")


def judge(experiment: Experiment, records: Sequence[Record]) -> Verdict:
    """The verdict on an experiment from its records.

    Where there are runs of several kinds, those nearest to the paper are judged: finished before unfinished, the
    paper's data before substitutes, the full profile before the quick one. Kinds are never mixed.

    Args:
        experiment: what was to be reached.
        records: of its runs, one a seed, of any profile; already checked against its settings.
    """
    if not records:
        return Verdict(NOT_RUN)
    chosen = _nearest(records)
    if not experiment.published and chosen[0]["finished"]:
        return Verdict(MEASURED, (), (), tuple(chosen))
    reasons = list(_differences(experiment, chosen))
    if not chosen[0]["finished"]:
        done = ", ".join(f"{record['budget']['updates']:,}" for record in chosen)
        wanted = chosen[0]["settings"]["updates"]
        tested = [record for record in chosen if record["figures"]]
        ours = _beside(experiment, tested)
        return Verdict(PARTIAL, (f"unfinished after {done} of {wanted:,} updates", *reasons), ours, tuple(chosen))
    ours = _beside(experiment, chosen)
    told = {one.published.metric for one in ours}
    reasons += [f"{one.metric} was not tested" for one in experiment.published if one.metric not in told]
    for one in ours:
        count = one.published.seeds or 0
        if len(chosen) >= SEEDS_NEEDED and one.published.statistic == "best" and len(chosen) < count:
            reasons.append(f"the best of {len(chosen)} seeds, the paper's is of {count}")
    if reasons:
        return Verdict(PARTIAL, tuple(reasons), ours, tuple(chosen))
    missed = [
        f"{one.published.metric} {one.statistic:.2f} where {one.published.figure:g} "
        + (f"± {one.margin:g} " if one.margin else "")
        + "was to be reached"
        for one in ours
        if not one.good
    ]
    return Verdict(MISSED if missed else HELD, tuple(missed), ours, tuple(chosen))


def _nearest(records: Sequence[Record]) -> list[Record]:
    def kind(record: Record) -> tuple[bool, bool, bool, str]:
        substituted = bool(record["data"].get("substituted"))
        return (not record["finished"], substituted, record["profile"] != "full", record["data"]["source"])

    best = min(map(kind, records))
    return sorted((record for record in records if kind(record) == best), key=lambda record: record["seed"])


def _differences(experiment: Experiment, records: Sequence[Record]) -> list[str]:
    """What differs from the full experiment, in words."""
    first, full = records[0], experiment.budgets["full"]
    found = []
    data = first["data"]
    used = data.get("train")
    fewer = ""
    if full.items is not None and used is not None and used < full.items:
        fewer = f"{used:,} of {full.items:,} training items"
    if data.get("substituted"):
        found.append(f"data: {data['source']}{', ' + fewer if fewer else ''}")
    elif fewer:
        found.append(f"data: {fewer}")
    found += data.get("differs", [])
    wanted = experiment.settings_of("full")
    for key in sorted(wanted.keys() | first["settings"].keys()):
        was = first["settings"].get(key)
        if was == wanted.get(key) or key == "validate_every":
            continue
        if key == "updates":
            found.append(f"{was:,} of {wanted[key]:,} updates")
        else:
            found.append(f"{key} {was} instead of {wanted.get(key)}")
    count = first.get("parameters")
    expected = experiment.parameters
    if expected and count and abs(count - expected) > SIZE_TOLERANCE * expected:
        found.append(f"{count:,} parameters instead of {expected:,}")
    if first["finished"] and len(records) < SEEDS_NEEDED:
        found.append(f"{len(records)} of {SEEDS_NEEDED} seeds")
    return found


def _beside(experiment: Experiment, records: Sequence[Record]) -> tuple[Ours, ...]:
    """Our figures beside each published one that all the records have; the quick profile may leave some out."""
    having = [one for one in experiment.published if all(one.metric in record["figures"] for record in records)]
    return tuple(_ours(one, records) for one in having) if records else ()


def _ours(published: Published, records: Sequence[Record]) -> Ours:
    values = tuple(float(record["figures"][published.metric]) for record in records)
    pick = max if published.higher_is_better else min
    if published.statistic == "best":
        like = pick(values[: published.seeds])
    else:
        like = statistics.fmean(values) if published.statistic == "mean" else statistics.median(values)
    return Ours(published, values, like)
