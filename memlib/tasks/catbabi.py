"""catbAbI: the stories of all twenty bAbI tasks as sequences of words, questions and answers among them.

Here a file becomes stories, and stories become numbers. `memlib.tasks.catbabi_stream` joins them to an endless text.

Two quirks of the authors' preparation are kept, because the published counts rest on them: the last story of every
file is lost, and an answer of several parts is one word (``milk,football``). Their shuffle had no seed, so the order of
their stories cannot be had again; ours is the order of the files, and whoever shuffles says by which seed.

Source: schlag2021, App. D
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from memlib.data import DataError
from memlib.tasks import babi, babi_three_facts, babi_world
from memlib.tasks.babi_story import text
from memlib.tasks.files import text_of

PAD, EOS, ASK = "<pad>", "<eos>", "?"
PARTITIONS = ("train", "valid", "test")
TASKS = range(1, 21)
# Of task 3's training file, whose genuine text is not always at hand, the last story left out.
TASK_3_STORIES = 1_799
# Words of the genuine files, with PAD and EOS. The authors' table has 20 rows more: the numbers of the tasks got into
# their list of words, and no text ever holds them.
VOCABULARY, OFFICIAL_ROWS = 180, 200

Sample = tuple[int, list[str]]


class Samples(list[Sample]):
    """Stories as ``(task, words)`` that know where they come from.

    Attributes:
        source: in words.
        simulated: how many of the stories of task 3 our own simulator made.
    """

    def __init__(self, stories: Iterable[Sample], source: str, simulated: int = 0) -> None:
        super().__init__(stories)
        self.source, self.simulated = source, simulated

    @property
    def differs(self) -> list[str]:
        """What is not as in the genuine data, in words; empty where all is."""
        if not self.simulated:
            return []
        return [f"{self.simulated:,} of {TASK_3_STORIES:,} training stories of task 3 are simulated"]

    def shuffled(self, seed: int = 0) -> "Samples":
        """The same stories in another order: the files are sorted by task, and a text is to mix the tasks."""
        order = torch.randperm(len(self), generator=torch.Generator().manual_seed(seed)).tolist()
        return Samples((self[i] for i in order), self.source, self.simulated)

    @property
    def questions(self) -> int:
        """How many questions there are: each has one answer."""
        return sum(words.count(ASK) for _, words in self)

    @property
    def tokens(self) -> int:
        """Words, and one end of story for each story."""
        return sum(len(words) + 1 for _, words in self)


def parse(content: str, task: int, name: str = "the text", *, keep_last: bool = False) -> list[Sample]:
    """The stories of one file's text.

    Args:
        content: lines ``ID sentence.`` and ``ID question? <tab>answer<tab>support``; ID 1 begins a story.
        task: whose file it is.
        name: of the file, for messages.
        keep_last: whether the last story stays. The authors' preparation loses it.

    Raises:
        ValueError: a line is of another form, or there is none; the message names the file and the line.
    """
    samples: list[Sample] = []
    story: list[str] = []
    for number, line in enumerate(content.lower().splitlines(), start=1):
        mark, _, rest = line.partition(" ")
        if not mark.isdigit() or not rest:
            raise ValueError(f"{name}, line {number}: expected a line number, a space and a sentence, got {line!r}.")
        if mark == "1" and story:
            samples.append((task, story))
            story = []
        if rest.endswith("."):
            story += [*rest[:-1].split(" "), "."]
            continue
        cells = [cell.strip() for cell in rest.split("\t")]
        if len(cells) != 3 or not cells[0].endswith("?") or not cells[1]:
            raise ValueError(
                f"{name}, line {number}: expected a sentence that ends with a full stop, or a question, an answer and "
                f"its supporting lines between tabs; got {line!r}."
            )
        story += [*cells[0][:-1].split(" "), ASK, cells[1]]
    if not story:
        raise ValueError(f"{name} is empty: expected stories.")
    if keep_last:
        samples.append((task, story))
    return samples


def stories(root: Path | str, partition: str) -> Samples:
    """All stories of a partition, task by task, each in its file's order.

    The genuine training file of task 3 is used where it lies with the others. Where it is missing, the stories of it
    that the folder ``en`` holds come first (bAbI's small training file is the beginning of the large one), and the rest
    is simulated; ``.simulated`` and ``.differs`` say so.

    Args:
        root: the folder with ``qa1_train.txt`` and so on, that is bAbI's ``en-valid-10k``, or the folder above it.
        partition: ``train``, ``valid`` or ``test``.

    Returns:
        A list of ``(task, words)``. The words are in lower case; ``.`` and ``?`` are words, an answer is one word.

    Raises:
        ValueError: there is no such partition, or a line of a file is damaged.
        DataError: another file is missing.

    Source: schlag2021, App. D
    """
    if partition not in PARTITIONS:
        raise ValueError(f"expected a partition of {', '.join(PARTITIONS)}; got {partition!r}.")
    found: list[Sample] = []
    simulated = 0
    for task in TASKS:
        try:
            file = babi.file_of(root, task, partition)
        except DataError:
            if (task, partition) != (3, "train"):
                raise
            samples, simulated = _third(Path(root))
        else:
            samples = parse(text_of(file), task, str(file))
        found += samples
    return Samples(found, "bAbI v1.2 en-valid-10k, joined", simulated)


def _third(root: Path) -> tuple[list[Sample], int]:
    """Training stories of task 3: the genuine ones there are, then simulated ones; and how many of these."""
    genuine: Sequence[babi.Story] = []
    above = root if (root / babi.VARIANT).is_dir() else root.resolve().parent
    if (above / "en").is_dir():
        valid = set(babi.read(root, 3, "valid"))
        genuine = [story for story in babi.read(above / "en", 3, "train", "en") if story not in valid]
    missing = TASK_3_STORIES - len(genuine)
    made = babi_three_facts.simulate(missing, seed=0)
    return parse(text([*genuine, *made]), 3, keep_last=True), missing


def generated(count: int, seed: int, tasks: Sequence[int] = (1, 2, 3)) -> Samples:
    """Stories for where no bAbI is: of our simulators of tasks 1, 2 and 3, as many of each.

    Args:
        count: of each task.
        seed: the same seed gives the same stories.
        tasks: which of the three.

    Raises:
        ValueError: there is no simulator of a task, or count is below 1.
    """
    found: list[Sample] = []
    for task in tasks:
        made = babi_three_facts.simulate(count, seed) if task == 3 else babi_world.simulate(task, count, seed)
        found += parse(text(made), task, keep_last=True)
    return Samples(found, f"generated stories of bAbI's tasks {', '.join(map(str, tasks))}")


def vocabulary(*partitions: Iterable[Sample]) -> dict[str, int]:
    """Words and their ids: 0 fills up, 1 ends a story, the others in the order in which they first appear.

    Args:
        partitions: read in this order. take test, valid, train: then the ids do not depend on whether
            task 3's training file is genuine.
    """
    ids = {PAD: 0, EOS: 1}
    for samples in partitions:
        for _, words in samples:
            for word in words:
                ids.setdefault(word, len(ids))
    return ids
