"""Does a record say the same as the experiment that it belongs to?"""

import json
from collections.abc import Mapping
from typing import Any

from memlib.experiments import registry
from memlib.experiments.experiment import Experiment, Measurement
from memlib.runtime import PROFILES

# What every record of a run has, and its readers rely on.
NEEDED = ("finished", "budget", "seconds", "hardware")


def contradictions(record: Mapping[str, Any]) -> list[str]:
    """What a record says otherwise than its experiment, in words; empty where they agree.

    The record of a trained run names its ``experiment``, ``profile`` and ``seed``. A measurement's record has the
    experiment's own name, and the settings of any profile. Other records belong to no experiment: nothing is asked.
    """
    name = record.get("experiment", record["name"])
    experiment = registry.EXPERIMENTS.get(name)
    if experiment is None:
        return [f"no experiment is called {name!r}"] if "experiment" in record else []
    if isinstance(experiment, Measurement):
        tries = [_differences(record["settings"], experiment.settings_of(profile)) for profile in PROFILES]
        return min(tries, key=len)
    if record.get("profile") not in PROFILES:
        return [f"profile is {record.get('profile')!r}, expected one of {', '.join(PROFILES)}"]
    return _of_run(record, experiment)


def _of_run(record: Mapping[str, Any], experiment: Experiment) -> list[str]:
    profile, seed = record["profile"], record.get("seed")
    odd = _differences(record["settings"], experiment.settings_of(profile))
    if record["name"] != (right := run_name(experiment.name, profile, seed)):
        odd.append(f"name is {record['name']!r}, expected {right!r}")
    odd += [f"{key} is missing" for key in NEEDED if key not in record]
    if record.get("metric") != experiment.metric:
        odd.append(f"metric is {record.get('metric')!r}, expected {experiment.metric!r}")
    if not isinstance(record.get("data"), dict) or "source" not in record["data"]:
        odd.append("data: the source is missing")
    if record.get("finished"):
        figures = record.get("figures") or {}
        # The quick profile may leave out the costly tests that a published figure wants.
        wanted = [one.metric for one in experiment.published] if profile == "full" else []
        odd += [
            f"figures: {metric} is missing"
            for metric in dict.fromkeys([experiment.metric, *wanted])
            if not _number(figures.get(metric))
        ]
        done, all_of_them = (record.get("budget") or {}).get("updates"), record["settings"].get("updates")
        if done != all_of_them:
            odd.append(f"it is marked finished after {done} of {all_of_them} updates")
    return odd


def run_name(experiment: str, profile: str, seed: object) -> str:
    """The name of a run's record: ``snli/gru-shared``, full, 1 -> ``snli.gru-shared.full.1``."""
    return f"{experiment.replace('/', '.')}.{profile}.{seed}"


def _differences(settings: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    expected = json.loads(json.dumps(dict(expected)))
    return [
        f"settings.{key} is {settings.get(key)!r}, the experiment's is {expected.get(key)!r}"
        for key in sorted({*settings, *expected})
        if settings.get(key) != expected.get(key)
    ]


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
