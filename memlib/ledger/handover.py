"""A long run that goes on elsewhere: its newest checkpoint, kept beside the records until the run is finished.

Checkpoints lie in a folder that git ignores. A run of many hours that changes machines half-way needs its last one to
travel with the repository: `offer` puts it into ``results/unfinished``, `take` fetches it from there where the run has
none of its own, `drop` removes it once the run is done.
"""

import shutil
from pathlib import Path

from memlib.training import checkpoint

FOLDER = "unfinished"


def offer(place: Path, records: Path) -> Path | None:
    """Put a run's newest checkpoint beside the records, in place of the one offered before.

    Args:
        place: of the run's checkpoints; its last part names the run.
        records: the folder of the records.

    Returns:
        Where it lies now; None where the run has no checkpoint.
    """
    newest = checkpoint.found(place)[:1]
    if not newest:
        return None
    goal = _of(place, records) / newest[0].name
    draft = goal.with_name(f"draft-{goal.name}")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(newest[0], draft)
    for old in checkpoint.found(goal.parent):
        shutil.rmtree(old)
    return draft.rename(goal)


def take(place: Path, records: Path) -> bool:
    """Fetch a run's offered checkpoint where it has none, or only older ones; whether one was fetched."""
    own, offered = checkpoint.found(place)[:1], checkpoint.found(_of(place, records))[:1]
    if not offered or (own and own[0].name >= offered[0].name):
        return False
    draft = place / f"unfinished-{offered[0].name}"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(offered[0], draft)
    draft.rename(place / offered[0].name)
    return True


def drop(place: Path, records: Path) -> None:
    """Remove what was offered of a run."""
    shutil.rmtree(_of(place, records), ignore_errors=True)


def _of(place: Path, records: Path) -> Path:
    return records / FOLDER / place.name
