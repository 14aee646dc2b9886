"""bAbI: the reader of the real files, and stories for whoever needs some.

Source: weston2015
"""

import re
from pathlib import Path

from memlib.data import DataError, find
from memlib.tasks.babi_facts import Dropped, Fact, Moved, Took, asked, fact
from memlib.tasks.babi_story import Question, Statement, Stories, Story, text
from memlib.tasks.babi_world import simulate
from memlib.tasks.checks import whole_number
from memlib.tasks.files import text_of

__all__ = [
    "Dropped",
    "Fact",
    "Moved",
    "Question",
    "Statement",
    "Stories",
    "Story",
    "Took",
    "asked",
    "fact",
    "file_of",
    "read",
    "stories",
    "text",
]

PARTITIONS = ("train", "valid", "test")
VARIANT = "en-valid-10k"
VARIANTS = ("en", "en-10k", "en-valid", "en-valid-10k")
_LINE = re.compile(r"(?P<number>[1-9]\d*) (?P<rest>.+)")


def _check(task: int, partition: str, variant: str) -> None:
    if task not in range(1, 21) or partition not in PARTITIONS:
        raise ValueError(
            f"expected a task from 1 to 20 and a partition of {', '.join(PARTITIONS)}; got {task!r} and {partition!r}."
        )
    if variant not in VARIANTS:
        raise ValueError(f"expected a variant of {', '.join(VARIANTS)}; got {variant!r}.")


def file_of(root: Path | str, task: int, partition: str, variant: str = VARIANT) -> Path:
    """The file that holds one partition of one task.

    Args:
        root: the folder that holds the variants, or a variant's own folder.
        task: 1 to 20.
        partition: ``train``, ``valid`` (only in en-valid and en-valid-10k) or ``test``.
        variant: ``en-valid-10k``, ``en-valid``, ``en-10k`` or ``en``.

    Raises:
        ValueError: there is no such task, partition or variant.
        DataError: the file is not there.
    """
    _check(task, partition, variant)
    root = Path(root)
    folders = [folder for folder in (root / variant, root) if folder.is_dir()]
    for folder in folders:
        plain = folder / f"qa{task}_{partition}.txt"
        # en and en-10k carry the task's name too: qa1_single-supporting-fact_train.txt
        found = [plain] if plain.is_file() else sorted(folder.glob(f"qa{task}_*_{partition}.txt"))
        if found:
            return found[0]
    hint = " Only en-valid and en-valid-10k have a valid partition." if partition == "valid" else ""
    raise DataError(
        f"{partition} of bAbI task {task} was not found: expected qa{task}_{partition}.txt or "
        f"qa{task}_*_{partition}.txt in {root / variant} or {root}.{hint} "
        "Fetch all of it again with: memlib data babi --force"
    )


def _line(row: str) -> Statement | Question:
    """One row of a file; the ValueError of a bad row says what is wrong with it."""
    found = _LINE.fullmatch(row)
    if not found:
        raise ValueError("expected a line number, a space and a sentence")
    number, rest = int(found["number"]), found["rest"]
    if "\t" not in rest:
        if not rest.endswith("."):
            raise ValueError("expected a statement that ends with a full stop, or a question with tabs")
        return Statement(number, tuple(rest[:-1].split()))
    cells = rest.split("\t")
    if len(cells) != 3:
        raise ValueError(f"expected question, answer and supporting lines between tabs, got {len(cells)} parts")
    question, answer, support = (cell.strip() for cell in cells)
    if not question.endswith("?") or not answer or re.search(r"\s", answer):
        raise ValueError("expected a question that ends with '?' and an answer of one word")
    if not re.fullmatch(r"\d+( \d+)*", support):
        raise ValueError(f"expected the numbers of supporting lines, got {support!r}")
    return Question(number, tuple(question[:-1].split()), answer, tuple(map(int, support.split())))


def parse(content: str, name: str) -> list[Story]:
    """Read the text of a file.

    Args:
        content: the text.
        name: of the file, for messages.

    Raises:
        TypeError: content is no text.
        ValueError: a line is not of bAbI's form: the message names the file and the line.
    """
    if not isinstance(content, str):
        raise TypeError(f"expected the text of a file as a string, got {content!r}. To read a file: babi.read.")
    stories: list[Story] = []
    lines: list[Statement | Question] = []
    for row_number, row in enumerate(content.splitlines(), start=1):
        try:
            line = _line(row)
            if line.number == 1:
                if lines:
                    stories.append(Story(tuple(lines)))
                lines = []
            if line.number != len(lines) + 1:
                raise ValueError(f"expected number {len(lines) + 1} (or 1, for a new story), got {line.number}")
            if isinstance(line, Question):
                told = {above.number for above in lines if isinstance(above, Statement)}
                if not told.issuperset(line.support):
                    raise ValueError(f"the supporting lines {line.support} are not all statements above it")
        except ValueError as error:
            raise ValueError(f"{name}, line {row_number}: {error}. The line is: {row!r}") from None
        lines.append(line)
    if not lines:
        raise ValueError(f"{name} is empty: expected stories.")
    return [*stories, Story(tuple(lines))]


def read(path: Path | str, task: int, partition: str, variant: str = VARIANT) -> Stories:
    """Read the stories of one file.

    Args:
        path: the folder that holds the variants, a variant's own folder, or the file itself.
        task: 1 to 20.
        partition: ``train``, ``valid`` or ``test``.
        variant: as in `file_of`.

    Returns:
        All stories in the file's order, the last one included; words keep their case.

    Raises:
        ValueError: a line is not of bAbI's form, or no text, or there is no such task, partition or variant.
        DataError: the file is not there.
    """
    file = Path(path) if Path(path).is_file() else file_of(path, task, partition, variant)
    source = file.parent.name if file.parent.name in VARIANTS else file.name
    return Stories(parse(text_of(file), str(file)), f"bAbI v1.2 {source}", file)


def stories(task: int, partition: str = "test", *, variant: str = VARIANT, count: int = 200, seed: int = 0) -> Stories:
    """Real stories where the data are on this machine, else simulated ones; ``.source`` says which.

    Args:
        task: of the real data 1 to 20; simulated are only 1 and 2.
        partition: ``train``, ``valid`` or ``test``.
        variant: of the real data.
        count: how many stories to simulate; the real file always comes whole.
        seed: of the simulation; the partition goes in too, so that train and test differ.

    Raises:
        TypeError: count or seed is no whole number.
        ValueError: there is no such task, partition or variant, count is below 1, or the real file is damaged.
        DataError: the data are not here and the task cannot be simulated.
    """
    _check(task, partition, variant)
    count, seed = whole_number("count", count, 1), whole_number("seed", seed)
    if (root := find("babi", variant)) is not None:
        return read(root, task, partition, variant)
    if task not in (1, 2):
        raise DataError(
            f"bAbI task {task} is not on this machine, and only tasks 1 and 2 can be simulated. "
            "Fetch the data with: memlib data babi"
        )
    return simulate(task, count, seed=3 * seed + PARTITIONS.index(partition))
