"""Endless streams of batches that know where they are, so that a run resumes at the very next batch."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

import torch

Batch = TypeVar("Batch")
Item = TypeVar("Item")
Batch_co = TypeVar("Batch_co", covariant=True)


class Stream(Protocol[Batch_co]):
    """What the training loop asks of its data."""

    def __next__(self) -> Batch_co:
        """The next batch; never ends."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """The position, for a checkpoint."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a position."""
        ...


class Generated(Generic[Batch]):
    """Batches made on the fly from one generator: fresh data at every update.

    Args:
        make: from a generator to a batch.
        seed: of the generator.
    """

    def __init__(self, make: Callable[[torch.Generator], Batch], seed: int) -> None:
        self.make = make
        self.generator = torch.Generator().manual_seed(seed)

    def __next__(self) -> Batch:
        return self.make(self.generator)

    def state_dict(self) -> dict[str, Any]:
        """The generator's state."""
        return {"generator": self.generator.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Set the generator back."""
        self.generator.set_state(state["generator"])


class Epochs(Generic[Item, Batch]):
    """Batches of a fixed data set, in a new order each epoch; similar lengths together where a length is given.

    Within an epoch, items are shuffled, cut into pools of 100 batches, each pool is sorted by length, cut into batches,
    and the batches are shuffled. The order follows from the seed and the number of the epoch alone.

    Args:
        items: the data set.
        batch_size: items in a batch; the last batch of an epoch may be smaller.
        collate: from items to a batch.
        seed: of the order.
        length: of an item; None for no bucketing.
    """

    def __init__(
        self,
        items: Sequence[Item],
        batch_size: int,
        collate: Callable[[list[Item]], Batch],
        seed: int,
        length: Callable[[Item], int] | None = None,
    ) -> None:
        if not items or batch_size < 1:
            raise ValueError(f"expected at least one item and batch_size >= 1; got {len(items)} and {batch_size}.")
        self.items, self.batch_size, self.collate, self.seed, self.length = items, batch_size, collate, seed, length
        self.epoch, self.position = 0, 0
        self.order = self._shuffled()

    def __len__(self) -> int:
        """Batches in an epoch."""
        return len(self.order)

    def __next__(self) -> Batch:
        if self.position == len(self.order):
            self.epoch, self.position = self.epoch + 1, 0
            self.order = self._shuffled()
        batch = self.order[self.position]
        self.position += 1
        return self.collate([self.items[i] for i in batch])

    def state_dict(self) -> dict[str, Any]:
        """The epoch and the place in it."""
        return {"epoch": self.epoch, "position": self.position, "seed": self.seed}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a place."""
        self.epoch, self.position, self.seed = state["epoch"], state["position"], state["seed"]
        self.order = self._shuffled()

    def _shuffled(self) -> list[list[int]]:
        generator = torch.Generator().manual_seed(1_000_003 * self.seed + self.epoch)
        order = torch.randperm(len(self.items), generator=generator).tolist()
        pool = 100 * self.batch_size
        batches = []
        for start in range(0, len(order), pool):
            part = order[start : start + pool]
            if self.length is not None:
                length = self.length
                part.sort(key=lambda i: length(self.items[i]))
            batches += [part[i : i + self.batch_size] for i in range(0, len(part), self.batch_size)]
        return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]
