"""Read bAbI stories into one holographic memory, and answer by unbinding: nothing is trained.

Every person, place and object gets a random vector of d complex numbers of modulus 1. Each statement becomes one pair
in one memory of N_c copies: a person is bound to a place (``Mary moved to the garden``), an object to its holder
(``John took the milk``), or to the place where it was dropped, which is read from the memory itself. A question unbinds
the asked name and takes the nearest known vector; an object's holder is followed to a place. Sentences become facts by
`memlib.tasks.babi_facts`; after that nothing symbolic is kept but the names of the vectors.

Write rules:

* ``add``: the pair is added, as holographic memories do. Nothing is ever removed. Two places told equally often are
  then equally near, and noise decides (rounding, where nothing else is stored).
* ``overwrite``: the delta rule (`memlib.mechanisms.holographic.overwrite`, strength 1): what is read for the key goes,
  noise and all.
* ``replace``: the delta rule with a clean-up: the nearest known vector goes, if what was read resembles any.

Source: weissenborn2016; danihelka2016; weston2015
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from memlib.experiments.babi_tensors import KINDS, PEOPLE, PLACES, THINGS, Encoded, encode
from memlib.mechanisms import holographic
from memlib.tasks.babi_story import Story

RULES = ("add", "overwrite", "replace")
# A clean vector resembles itself by 1 and another by 0: half-way decides whether anything was stored.
PRESENT = 0.5


@dataclass(frozen=True)
class Reader:
    """One draw of vectors and permutations, and the rule by which facts are written.

    Attributes:
        vectors: of all names, [names, d], complex, modulus 1; people, then places, then objects.
        permutations: one per copy, [copies, d], the identity first.
        rule: one of `RULES`.
    """

    vectors: Tensor
    permutations: Tensor
    rule: str

    @classmethod
    def draw(cls, dim: int, copies: int, rule: str, seed: int) -> "Reader":
        """Draw the vectors and the permutations from a torch.Generator.

        Args:
            dim: d, the number of complex numbers in a vector, at least 1.
            copies: N_c, the number of copies, at least 1.
            rule: one of `RULES`.
            seed: of the generator.

        Raises:
            ValueError: the rule is unknown, or a number is below 1.
        """
        if rule not in RULES:
            raise ValueError(f"unknown write rule {rule!r}; expected one of {', '.join(RULES)}.")
        if dim < 1 or copies < 1:
            raise ValueError(f"expected dim and copies of at least 1; got dim={dim} and copies={copies}.")
        generator = torch.Generator().manual_seed(seed)
        vectors = holographic.random_keys(len(PEOPLE + PLACES + THINGS), dim, generator=generator)
        return cls(vectors, holographic.permutations(copies, dim, generator), rule)

    def empty(self, batch: int) -> Tensor:
        """Memories with nothing in them, [batch, copies, d]."""
        return torch.zeros(batch, *self.permutations.shape, dtype=self.vectors.dtype)

    def resemblance(self, memory: Tensor, name: Tensor) -> Tensor:
        """How much what is read for a name resembles each known person and place: about 1 if stored, else about 0.

        Args:
            memory: [batch, copies, d].
            name: which name to read, indices [batch].

        Returns:
            The real inner product with each vector, divided by d: [batch, people + places].
        """
        value = holographic.read(memory, self.vectors[name], self.permutations)
        known = self.vectors[: len(PEOPLE + PLACES)]
        return (value @ known.conj().T).real / known.shape[-1]

    def place(self, memory: Tensor, name: Tensor) -> Tensor:
        """Answer "where is it?" from the memory alone.

        Args:
            memory: [batch, copies, d].
            name: a person or an object, indices [batch].

        Returns:
            Indices of names, [batch], all of them places: a person's nearest place; an object's nearest place, or
            the nearest place of its holder when a person was nearer.
        """
        people = len(PEOPLE)
        alike = self.resemblance(memory, name)
        place = people + alike[:, people:].argmax(-1)
        holder = alike.argmax(-1)
        held = (name >= people) & (holder < people)
        if held.any():
            place[held] = people + self.resemblance(memory[held], holder[held])[:, people:].argmax(-1)
        return place

    def write(self, memory: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Write pairs of names into memories by the rule.

        Args:
            memory: [batch, copies, d].
            key: indices [batch].
            value: indices [batch], people or places.

        Returns:
            The new memories [batch, copies, d].
        """
        keys, new = self.vectors[key], self.vectors[value]
        if self.rule == "overwrite":
            return holographic.overwrite(memory, keys, new, self.permutations)
        if self.rule == "replace":
            alike, old = self.resemblance(memory, key).max(-1)
            new = new - torch.where(alike > PRESENT, 1.0, 0.0)[:, None] * self.vectors[old]
        return holographic.write(memory, keys, new, self.permutations)


def answers(stories: Sequence[Story] | Encoded, dim: int, copies: int = 1, rule: str = "add", seed: int = 0) -> Tensor:
    """Read every story into a memory of its own, line by line, and answer each question when it comes.

    Args:
        stories: of task 1 or 2, or what `encode` made of them (it saves time when many settings are tried).
        dim: d, the width of the vectors (complex numbers).
        copies: N_c.
        rule: ``add``, ``overwrite`` or ``replace``.
        seed: of the vectors and permutations.

    Returns:
        For each question, story by story, the index of the answered place in ``PLACES``: [questions].

    Raises:
        ValueError: bad settings, or a sentence that tasks 1 and 2 do not have.
    """
    told = stories if isinstance(stories, Encoded) else encode(stories)
    reader = Reader.draw(dim, copies, rule, seed)
    memory = reader.empty(told.kind.shape[0])
    given = torch.full_like(told.kind, -1)
    for line in range(told.kind.shape[1]):
        kind, subject, target = told.kind[:, line], told.subject[:, line], told.target[:, line].clone()
        dropped = kind == KINDS["dropped"]
        if dropped.any():
            target[dropped] = reader.place(memory[dropped], target[dropped])
        fact = (kind == KINDS["moved"]) | (kind == KINDS["took"]) | dropped
        memory[fact] = reader.write(memory[fact], subject[fact], target[fact])
        question = kind == KINDS["question"]
        given[question, line] = reader.place(memory[question], subject[question])
    return given[told.kind == KINDS["question"]] - len(PEOPLE)


def accuracy(stories: Sequence[Story] | Encoded, dim: int, copies: int = 1, rule: str = "add", seed: int = 0) -> float:
    """The share of questions answered rightly, 0 to 1; guessing among the places gives 1/6. Arguments as `answers`."""
    told = stories if isinstance(stories, Encoded) else encode(stories)
    return (answers(told, dim, copies, rule, seed) == told.answer).double().mean().item()


def accuracy_by(
    groups: Tensor, stories: Sequence[Story] | Encoded, dim: int, copies: int = 1, rule: str = "add", seed: int = 0
) -> dict[int, tuple[float, int]]:
    """Accuracy within groups of questions, for example ``encode(stories).moves``: how often the asked name has moved.

    Args:
        groups: a whole number for each question, [questions].
        stories: and what follows, as `answers`.

    Returns:
        group -> (accuracy, number of questions), in rising order.
    """
    told = stories if isinstance(stories, Encoded) else encode(stories)
    right = answers(told, dim, copies, rule, seed) == told.answer
    found = {int(group): right[groups == group] for group in groups.unique()}
    return {group: (hits.double().mean().item(), len(hits)) for group, hits in found.items()}


def remaining_signal(writes: int, copies: int, strength: float = 1.0) -> float:
    """What is left of a pair after n different other keys were overwritten: (1 - β / N_c)^n of its value, on average.

    Reading a key sees the others through the permutations, so each overwrite with another random key also takes 1/N_c
    of this pair away: with a single copy at full strength, all of it. Wide vectors (d much larger than 1) assumed.

    Args:
        writes: n, how many different other keys were overwritten since, once each. With β = 1 a further write under the
            same key takes almost nothing more.
        copies: N_c.
        strength: β of the delta rule.

    Returns:
        The expected resemblance of what is read to the pair's value, 0 to 1 for β between 0 and 1.

    Raises:
        ValueError: writes is below 0 or copies below 1.
    """
    if writes < 0 or copies < 1:
        raise ValueError(f"expected writes of at least 0 and copies of at least 1; got {writes} and {copies}.")
    return (1 - strength / copies) ** writes


def trace(story: Story, name: str, dim: int, copies: int = 1, rule: str = "add", seed: int = 0) -> Tensor:
    """How the memory sees one name while a story is read.

    Args:
        story: of task 1 or 2.
        name: a person or an object, for example ``Mary``.
        dim: and what follows, as `answers`.

    Returns:
        After each line of the story, the resemblance to each person and place in the order ``PEOPLE + PLACES``:
        [lines, people + places].

    Raises:
        ValueError: the name is not known, or as `answers`.
    """
    names = PEOPLE + PLACES + THINGS
    if name not in PEOPLE + THINGS:
        raise ValueError(f"{name!r} is no person or object of these stories: expected one of {PEOPLE + THINGS}.")
    told, reader = encode([story]), Reader.draw(dim, copies, rule, seed)
    memory, rows = reader.empty(1), []
    for line in range(told.kind.shape[1]):
        kind, subject, target = told.kind[:, line], told.subject[:, line], told.target[:, line]
        if kind != KINDS["question"]:
            target = reader.place(memory, target) if kind == KINDS["dropped"] else target
            memory = reader.write(memory, subject, target)
        rows.append(reader.resemblance(memory, torch.tensor([names.index(name)])))
    return torch.cat(rows)
