"""Chapter 5, the tape that is programmed by hand: right and wrong programs."""

import torch

from memlib.exercises import ch05
from tests.exercises.answers import Answers


def program(length):
    rows = []
    for step in range(2 * length + 1):
        if step < length:
            rows.append([1 if step == 0 else 0, 1, 1])
        else:
            rows.append([1 if step == length else 0, 0 if step == length else 1, 0])
    return torch.tensor(rows)


def later(length):
    """Nothing at the flag; jump and step off with the first answer. The other way round the ring, as lists."""
    writes = [[1, -1, 1]] + [[0, -1, 1]] * (length - 1)
    return [*writes, [0, 0, 0], [1, -1, 0], *[[0, -1, 0]] * (length - 1)]


def changed(rows):
    """The right program with some rows replaced; the keys are first, rest, flag, after."""

    def made(length):
        table = program(length).tolist()
        for name, row in rows.items():
            where = {
                "first": range(1),
                "rest": range(1, length),
                "flag": range(length, length + 1),
                "answer": range(length + 1, length + 2),
                "after": range(length + 1 if "answer" not in rows else length + 2, 2 * length + 1),
            }[name]
            for step in where:
                table[step] = list(row)
        return torch.tensor(table)

    return made


PROGRAM = Answers(
    ch05.check_program,
    program,
    (
        ("no-jump-at-the-start", changed({"first": (0, 1, 1)})),
        ("mark-overwritten", changed({"first": (1, 0, 1)})),
        ("mark-overwritten", changed({"first": (1, 0, 1), "answer": (0, 0, 0)})),
        ("first-not-written", changed({"first": (1, 0, 0)})),
        ("no-jump-back", changed({"flag": (0, -1, 0)})),
        ("one-slot", changed({"rest": (0, 0, 1)})),
        ("one-slot", changed({"rest": (1, 1, 1)})),
        ("no-jump-back", changed({"flag": (0, 1, 0)})),
        ("no-jump-back", changed({"flag": (0, 0, 0)})),
        ("one-ahead", changed({"flag": (1, 1, 0)})),
        ("one-behind", changed({"flag": (0, 0, 0), "answer": (1, 0, 0)})),
        ("stays-on-the-mark", changed({"after": (0, 0, 0)})),
        ("reads-one-slot", changed({"after": (1, 1, 0)})),
        ("other-way", changed({"after": (0, -1, 0)})),
        ("backwards", changed({"flag": (0, 0, 0), "answer": (0, 0, 0), "after": (0, -1, 0)})),
        ("writes-while-it-answers", changed({"after": (0, 1, 1)})),
        ("never-writes", changed({"first": (1, 1, 0), "rest": (0, 1, 0)})),
        ("exception", lambda length: program(length)[:-1]),
        ("exception", lambda length: 2 * program(length)),
        ("exception", lambda length: "go"),
        ("wrong-values", changed({"rest": (0, -1, 1)})),
    ),
)
