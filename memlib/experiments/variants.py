"""An experiment beside another that differs from it in one option of the model: what does that option do?"""

from dataclasses import replace
from typing import Any

from memlib.experiments.experiment import Experiment

ROW = "S3"


def variant(baseline: Experiment, name: str, system: str, **option: Any) -> Experiment:
    """The same experiment with one option of its model changed, to be compared with it.

    Args:
        baseline: what it is compared with.
        name: of the variant, such as ``discrepancies/dual-am-gru-read-key``.
        system: in words.
        option: one, by its name in the model's config; it joins those in ``settings["options"]``.

    Raises:
        ValueError: not exactly one option, or it changes nothing in the settings.
    """
    if len(option) != 1:
        raise ValueError(f"{name}: a variant changes one option, got {len(option)}: {', '.join(option) or 'none'}.")
    before = baseline.settings.get("options", {})
    settings = {**baseline.settings, "options": {**before, **option}}
    if settings["options"] == before:
        raise ValueError(f"{name}: {option} is what {baseline.name} has already.")
    return replace(
        baseline,
        name=name,
        row=ROW,
        where="",
        system=system,
        settings=settings,
        published=(),
        parameters=None,
        baseline=baseline.name,
    )
