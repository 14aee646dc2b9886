"""The mistakes that the check of an AM-RNN's step knows, beside the reference."""

from collections.abc import Callable

from torch import Tensor

from memlib.exercises.exercise import Mistake
from memlib.mechanisms import holographic

Cell = Callable[[Tensor], Tensor]


def reference(memory: Tensor, key: Tensor, cell: Cell, permutations: Tensor) -> tuple[Tensor, Tensor]:
    """The delta rule of chapter 2, with the cell's new state as the value."""
    new = cell(holographic.read(memory, key, permutations))
    return new, holographic.overwrite(memory, key, new, permutations)


def _after(
    reading: Callable[[Tensor, Tensor], Tensor], writing: Callable[[Tensor, Tensor], Tensor]
) -> Callable[..., tuple[Tensor, Tensor]]:
    """A step with its own way to read, from (memory, permuted keys), and to write, from (permuted keys, change)."""

    def answer(memory: Tensor, key: Tensor, cell: Cell, permutations: Tensor) -> tuple[Tensor, Tensor]:
        keys = key[permutations]
        old = reading(memory, keys)
        new = cell(old)
        return new, memory + writing(keys, new - old)

    return answer


def _reads(memory: Tensor, keys: Tensor) -> Tensor:
    return holographic.unbind(keys, memory).mean(0)


def _cell_per_copy(m: Tensor, k: Tensor, c: Cell, p: Tensor) -> tuple[Tensor, Tensor]:
    readings = holographic.unbind(k[p], m)
    new = c(readings).mean(0)
    return new, m + k[p] * (new - readings.mean(0))


def _own_change(m: Tensor, k: Tensor, c: Cell, p: Tensor) -> tuple[Tensor, Tensor]:
    new = c(_reads(m, k[p]))
    return new, m + k[p] * (new - holographic.unbind(k[p], m))


def _not_permuted_write(m: Tensor, k: Tensor, c: Cell, p: Tensor) -> tuple[Tensor, Tensor]:
    old = _reads(m, k[p])
    return c(old), m + k * (c(old) - old)


def _old_state(m: Tensor, k: Tensor, c: Cell, p: Tensor) -> tuple[Tensor, Tensor]:
    return _reads(m, k[p]), reference(m, k, c, p)[1]


def _change_as_state(m: Tensor, k: Tensor, c: Cell, p: Tensor) -> tuple[Tensor, Tensor]:
    new, memory = reference(m, k, c, p)
    return new - _reads(m, k[p]), memory


def _whole_memory(
    new_state: Callable[[Tensor], Tensor], change: Callable[[Tensor, Tensor, Tensor], Tensor]
) -> Callable[..., tuple[Tensor, Tensor]]:
    """The cell called with the whole memory.

    Args:
        new_state: from what the cell gave, [copies, d], to the state that is returned.
        change: from (what the cell gave, the memory, the reading) to what is bound and added.
    """

    def answer(m: Tensor, k: Tensor, c: Cell, p: Tensor) -> tuple[Tensor, Tensor]:
        given = c(m)
        return new_state(given), m + k[p] * change(given, m, _reads(m, k[p]))

    return answer


def _only_the_change(m: Tensor, k: Tensor, c: Cell, p: Tensor) -> tuple[Tensor, Tensor]:
    new, memory = reference(m, k, c, p)
    return new, memory - m


_WHOLE = (
    "You called the cell with the whole memory. The memory is a sum of all that was ever written, each part bound to "
    "its key and spread over the copies; the cell needs the one state that lies under this key.",
    "First read with the key: `holographic.read` gives one vector [d]. That is what `cell` gets.",
)
_GONE = (
    "The old memory is gone: you return what was written in this step alone. All that earlier steps wrote is lost.",
    "Add the bound change to the memory.",
)

MISTAKES = (
    Mistake(
        "writes-state",
        lambda m, k, c, p: (new := c(_reads(m, k[p])), holographic.write(m, k, new, p)),
        "You wrote the new state where the change is asked for. The old state is still in the memory, so that reading "
        "again gives old and new, mixed.",
        "What is missing in the memory: the new state, or the step from the old one to it?",
    ),
    Mistake(
        "conjugate-write",
        _after(_reads, lambda keys, change: keys.conj() * change),
        "You wrote with the conjugate key. One of reading and writing takes the conjugate, the other does not; in this "
        "course the conjugate reads.",
        "Bind the change with the permuted key itself.",
    ),
    Mistake(
        "read-without-conjugate",
        _after(lambda memory, keys: (keys * memory).mean(0), lambda keys, change: keys * change),
        "You read without the conjugate: each entry is turned twice the same way instead of there and back, and the "
        "cell gets noise.",
        "Read as in chapter 2, with the conjugate of the permuted key.",
    ),
    Mistake(
        "not-permuted",
        lambda m, k, c, p: _after(lambda _, __: _reads(m, k), lambda _, change: k * change)(m, k, c, p),
        "The permutations are not used: every copy is read and written with the same key, and their noise is the same "
        "too. The mean then averages nothing away.",
        "`key[permutations]` has the shape [copies, d]: one permuted key for each copy.",
    ),
    Mistake(
        "write-not-permuted",
        _not_permuted_write,
        "You read with the permuted keys, but wrote with the plain key into every copy.",
        "Each copy is written with the permuted key that it is read with.",
    ),
    Mistake(
        "read-not-permuted",
        lambda m, k, c, p: _after(lambda _, __: _reads(m, k), lambda keys, change: keys * change)(m, k, c, p),
        "You wrote with the permuted keys, but read every copy with the plain key.",
        "Each copy is read with the permuted key that it is written with.",
    ),
    Mistake(
        "old-state",
        _old_state,
        "The memory is right, but the state that you return is the one that was read. What goes on from here is the "
        "cell's new state.",
        "Return what `cell` gave.",
    ),
    Mistake("replaces-memory", _only_the_change, *_GONE),
    Mistake("replaces-memory", lambda m, k, c, p: (new := c(_reads(m, k[p])), k[p] * new), *_GONE),
    Mistake(
        "sign",
        _after(_reads, lambda keys, change: -keys * change),
        "The change has the wrong sign: each write drives the memory away from the new state.",
        "New minus old is added.",
    ),
    Mistake(
        "cell-per-copy",
        _cell_per_copy,
        "You ran the cell on each copy's reading and averaged afterwards. The cell is not linear: it should see one "
        "clean state, not several noisy ones.",
        "Average first, then call `cell` once.",
    ),
    Mistake("cell-on-memory", _whole_memory(lambda given: given, lambda given, m, old: given - old), *_WHOLE),
    Mistake("cell-on-memory", _whole_memory(lambda given: given, lambda given, m, old: given - m), *_WHOLE),
    Mistake(
        "cell-on-memory", _whole_memory(lambda given: given.mean(0), lambda given, m, old: given.mean(0) - old), *_WHOLE
    ),
    Mistake("cell-on-memory", _whole_memory(lambda given: given.mean(0), lambda given, m, old: given - old), *_WHOLE),
    Mistake("cell-on-memory", _whole_memory(lambda given: given.mean(0), lambda given, m, old: given - m), *_WHOLE),
    Mistake(
        "own-reading",
        _own_change,
        "Each copy is changed by the difference to its own reading. For keys of modulus 1 that wipes out all that "
        "other keys had written.",
        "There is one change, from the mean reading to the new state; it is written to every copy.",
    ),
    Mistake(
        "sum-of-readings",
        _after(lambda memory, keys: holographic.unbind(keys, memory).sum(0), lambda keys, change: keys * change),
        "You summed over the copies: the state comes out once for each copy.",
        "Average over the copies.",
    ),
    Mistake(
        "divides",
        _after(lambda memory, keys: (memory / keys).mean(0), lambda keys, change: keys * change),
        "You read by dividing by the key. For keys of modulus 1 that is the same as the conjugate; for smaller ones it "
        "blows up the noise.",
        "Unbind with the conjugate.",
    ),
    Mistake(
        "change-as-state",
        _change_as_state,
        "The memory is right, but the state that you return is the change.",
        "Return what `cell` gave.",
    ),
    Mistake(
        "swapped",
        lambda m, k, c, p: reference(m, k, c, p)[::-1],
        "Both results are right, in the wrong order.",
        "`return new_state, new_memory`.",
    ),
)
