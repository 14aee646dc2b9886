"""catbAbI as a text without end: rows of stories, cut into windows; the state goes on from window to window.

Each row is a buffer of words. The next story goes to the row that holds least; a window takes the first words of all
rows. Within a row the target of a word is always the word after it: a story begins with the end-of-story token and its
last target is that token again.

The authors drain all rows at the end of a training epoch and fill them up with padding; our training stream goes
straight on with the next epoch, so that no window of it is padded.

Source: schlag2021, App. D
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from memlib.tasks.catbabi import ASK, Sample
from memlib.tasks.checks import whole_number

PAD_ID, EOS_ID = 0, 1
# A row is filled up once it holds less than so many windows.
AHEAD = 4
# Added to the task at questions that are scored apart.
UNSEEN = 20


class Window(NamedTuple):
    """The same stretch of time in all rows; every tensor is [rows, time].

    Attributes:
        tokens: ids, 0 where a row has ended.
        targets: the next word's id, 0 where a row has ended.
        tasks: 1 to 20, 0 where a row has ended; `UNSEEN` more at questions that are scored apart.
        answers: where the word is the question mark, so that the target is an answer.
        mask: where the row has not ended; None where no row has.
    """

    tokens: Tensor
    targets: Tensor
    tasks: Tensor
    answers: Tensor
    mask: Tensor | None

    def to(self, device: torch.device) -> "Window":
        """The window on a device."""
        return Window(*(None if part is None else part.to(device) for part in self))  # type: ignore[arg-type]

    def counted(self, mode: str) -> Tensor:
        """Where the loss is taken: at ``qa`` the answers alone, at ``lm`` every word.

        Raises:
            ValueError: there is no such mode.
        """
        if mode not in ("qa", "lm"):
            raise ValueError(f"expected a mode of qa, lm; got {mode!r}.")
        if mode == "qa":
            return self.answers
        return torch.ones_like(self.answers) if self.mask is None else self.mask


class Encoded:
    """Stories as numbers, one after the other.

    Args:
        samples: the stories.
        ids: from a word to its id; the end of a story is 1.
        apart: from a story's words to the places of those question marks that are to be scored apart: there `UNSEEN`
            is added to the task. None for none.

    Attributes:
        words: [words in all] ids; each story begins with 1.
        tasks: [words in all] the task at each word.
        starts: where each story begins, and the end of the last.
        ask: the id of the question mark.

    Raises:
        ValueError: there are no stories, or a word has no id.
    """

    def __init__(
        self,
        samples: Iterable[Sample],
        ids: Mapping[str, int],
        apart: Callable[[list[str]], Iterable[int]] | None = None,
    ) -> None:
        flat: list[int] = []
        tasks: list[int] = []
        self.starts, self.ask = [0], ids[ASK]
        for task, words in samples:
            try:
                flat += [EOS_ID, *(ids[word] for word in words)]
            except KeyError as missing:
                raise ValueError(f"a story of task {task} has a word without an id: {missing}.") from None
            tasks += [task] * (len(words) + 1)
            for place in apart(words) if apart else ():
                tasks[self.starts[-1] + 1 + place] += UNSEEN
            self.starts.append(len(flat))
        if not flat:
            raise ValueError("expected at least one story to encode.")
        self.words, self.tasks = (torch.tensor(part, dtype=torch.int16) for part in (flat, tasks))

    def __len__(self) -> int:
        """How many stories."""
        return len(self.starts) - 1

    def story(self, index: int) -> Tensor:
        """One story, [words, 2]: ids, and the task at every word."""
        place = slice(self.starts[index], self.starts[index + 1])
        return torch.stack([self.words[place], self.tasks[place]], dim=1)


class Rows:
    """Buffers, one a row, each [words, 2] as `Encoded.story` gives them.

    Args:
        encoded: the stories.
        rows: how many.
        window: words in a window.
    """

    def __init__(self, encoded: Encoded, rows: int, window: int) -> None:
        self.encoded, self.window = encoded, whole_number("window", window, 1)
        self.buffers = [torch.empty(0, 2, dtype=torch.int16) for _ in range(whole_number("rows", rows, 1))]

    def shortest(self) -> int:
        """The first of the rows that hold least."""
        lengths = [len(buffer) for buffer in self.buffers]
        return lengths.index(min(lengths))

    def fill(self, stories: Iterator[int]) -> None:
        """Append stories until every row is long enough or no story is left."""
        while len(self.buffers[row := self.shortest()]) < AHEAD * self.window:
            if (index := next(stories, None)) is None:
                return
            self.append(row, index)

    def append(self, row: int, index: int) -> None:
        """Append one story to one row."""
        self.buffers[row] = torch.cat([self.buffers[row], self.encoded.story(index)])

    @property
    def empty(self) -> bool:
        """Whether all rows are."""
        return not any(len(buffer) for buffer in self.buffers)

    def cut(self) -> Window:
        """Take the first window's words from all rows; short rows are padded."""
        size = (len(self.buffers), self.window)
        tokens, targets, tasks = (torch.full(size, PAD_ID) for _ in range(3))
        for row, buffer in enumerate(self.buffers):
            taken, after = buffer[: self.window], buffer[1 : self.window + 1, 0]
            tokens[row, : len(taken)], tasks[row, : len(taken)] = taken[:, 0].long(), taken[:, 1].long()
            targets[row, : len(after)] = after.long()
            if len(after) < len(taken):
                targets[row, len(taken) - 1] = EOS_ID
            self.buffers[row] = buffer[self.window :].clone()
        mask = tokens != PAD_ID
        return Window(tokens, targets, tasks, tokens == self.encoded.ask, None if bool(mask.all()) else mask)


class StoryStream:
    """Training windows without end: stories without replacement, in a new order each epoch (a training stream).

    The order follows from the seed and the number of the epoch alone.

    Args:
        encoded: the stories.
        rows: of a window.
        window: words in a window.
        seed: of the order.
    """

    def __init__(self, encoded: Encoded, rows: int, window: int, seed: int) -> None:
        self.rows, self.seed = Rows(encoded, rows, window), seed
        self.epoch, self.position = 0, 0
        self.order = self._shuffled()

    def __next__(self) -> Window:
        self.rows.fill(self._stories())
        return self.rows.cut()

    def _stories(self) -> Iterator[int]:
        while True:
            if self.position == len(self.order):
                self.epoch, self.position = self.epoch + 1, 0
                self.order = self._shuffled()
            self.position += 1
            yield self.order[self.position - 1]

    def state_dict(self) -> dict[str, Any]:
        """The place in the epoch, and what the rows hold."""
        place = {"epoch": self.epoch, "position": self.position, "seed": self.seed}
        return {**place, "buffers": [buffer.clone() for buffer in self.rows.buffers]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a place.

        Raises:
            ValueError: the state is of another number of rows.
        """
        if len(state["buffers"]) != len(self.rows.buffers):
            raise ValueError(f"expected the state of {len(self.rows.buffers)} rows, got {len(state['buffers'])}.")
        self.epoch, self.position, self.seed = state["epoch"], state["position"], state["seed"]
        self.rows.buffers = [buffer.clone() for buffer in state["buffers"]]
        self.order = self._shuffled()

    def _shuffled(self) -> list[int]:
        generator = torch.Generator().manual_seed(1_000_003 * self.seed + self.epoch)
        order: list[int] = torch.randperm(len(self.rows.encoded), generator=generator).tolist()
        return order


def in_order(encoded: Encoded, rows: int, window: int) -> Iterator[Window]:
    """All stories once, in order, each to the row that holds least: how the authors validate, and test with one row."""
    buffers, stories = Rows(encoded, rows, window), iter(range(len(encoded)))
    buffers.fill(stories)
    while not buffers.empty:
        yield buffers.cut()
        buffers.fill(stories)


def in_parts(encoded: Encoded, rows: int, window: int) -> Iterator[Window]:
    """All stories once, a contiguous part of them to each row: many rows, where one row would take too long.

    The parts are about equally long; with one row it is the same as `in_order`. With more, each part begins from the
    state that the first would begin from, so that figures may differ a little.
    """
    buffers, total = Rows(encoded, rows, window), len(encoded.words)
    parts: list[list[Tensor]] = [[] for _ in range(rows)]
    for index in range(len(encoded)):
        parts[min(rows - 1, encoded.starts[index] * rows // total)].append(encoded.story(index))
    buffers.buffers = [torch.cat(part) if part else buffers.buffers[i] for i, part in enumerate(parts)]
    while not buffers.empty:
        yield buffers.cut()
