"""Questions about tables: programs run by hand, what is drawn, and how batches are put together."""

import random

import pytest
import torch

from memlib.tasks.table_programs import OF_A_COLUMN, OPERATIONS, Answer, Step, padded, run, words
from memlib.tasks.table_questions import NUMBER, VOCABULARY, TableQuestions
from memlib.tasks.table_questions import OPERATIONS as USED
from memlib.tasks.tables import TableQuestion, collate

# price, size, colour
VALUES = [(3.0, 1.0, None), (8.0, 2.0, None), (5.0, 4.0, None), (8.0, 0.0, None)]
TEXTS = [("3", "1", "red"), ("8", "2", "blue"), ("5", "4", "blue"), ("8", "0", "red")]
MATCHES = [tuple(text == "red" for text in row) for row in TEXTS]
P, S, C = 0, 1, 2


def cells(*rows: int, column: int = S) -> Answer:
    return Answer(None, frozenset((row, column) for row in rows))


SHOW = Step("assign", S)


@pytest.mark.parametrize(
    ("program", "answer"),
    [
        ([Step("count")], Answer(4.0)),
        ([Step("sum", P)], Answer(24.0)),
        ([Step("sum", C)], Answer(0.0)),
        ([SHOW], cells(0, 1, 2, 3)),
        ([Step("greater", P, 5.0), Step("sum", S)], Answer(2.0)),
        ([Step("at least", P, 5.0), Step("sum", S)], Answer(6.0)),
        ([Step("lesser", P, 5.0), SHOW], cells(0)),
        ([Step("at most", P, 5.0), SHOW], cells(0, 2)),
        ([Step("select", C), SHOW], cells(0, 3)),
        ([Step("greater", P, 4.0), Step("select", C), Step("and"), SHOW], cells(3)),
        ([Step("lesser", S, 1.0), Step("greater", S, 3.0), Step("or"), SHOW], cells(2, 3)),
        # Without a second selection before it, `and` sees all rows.
        ([Step("select", C), Step("and"), Step("count")], Answer(2.0)),
        ([Step("max", P), SHOW], cells(1, 3)),
        ([Step("min", P), SHOW], cells(0)),
        ([Step("max", C), SHOW], Answer()),
        ([Step("lesser", P, 8.0), Step("max", P), SHOW], cells(2)),
        ([Step("select", C), Step("first"), SHOW], cells(0)),
        ([Step("select", C), Step("last"), Step("previous"), SHOW], cells(2)),
        ([Step("select", C), Step("next"), SHOW], cells(1)),
        ([Step("most frequent", P), SHOW], cells(1, 3)),
        ([Step("lesser", P, 8.0), Step("most frequent", C), SHOW], cells(0, 2)),
        # An operation that gives a number selects no row.
        ([Step("count"), Step("count")], Answer(0.0)),
        ([Step("sum", P), Step("reset"), Step("sum", S), Step("difference")], Answer(17.0)),
        ([Step("count"), Step("difference")], Answer(-4.0)),
        ([Step("greater", P, 5.0)], Answer()),
    ],
    ids=lambda one: words(one, ["price", "size", "colour"]) if isinstance(one, list) else "",
)
def test_programs_by_hand(program, answer) -> None:
    assert run(program, VALUES, TEXTS, MATCHES) == answer
    if program[0].operation not in ("and", "or", "count", "sum"):
        assert run(padded(program, len(program) + 2), VALUES, TEXTS, MATCHES) == answer


def test_a_program_in_words() -> None:
    program = padded([Step("greater", 0, 5.0), Step("count")], 3)
    assert words(program, ["price", "size", "colour"]) == "reset; greater(price, 5); count"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ([], "at least one step"),
        ([Step("multiply")], "no operation 'multiply'; there are: sum, count"),
        ([Step("sum")], "sum: expected a column from 0 to 2, got None"),
        ([Step("max", 3)], "max: expected a column from 0 to 2, got 3"),
        ([Step("greater", 0)], "greater: expected a pivot"),
        ([Step("select", 0)], "select: expected `matches`"),
    ],
)
def test_what_is_no_program(program, said) -> None:
    with pytest.raises(ValueError, match=said):
        run(program, VALUES)
    with pytest.raises(ValueError, match="at most 1 steps, got 2"):
        padded([Step("reset")] * 2, 1)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_drawn_questions_are_answered_by_their_programs(steps, generator) -> None:
    task = TableQuestions(steps=(steps,), rows=(2, 6), columns=3, word_columns=2, values=(-9, 9))
    seen = set()
    for one in task.questions(300, generator):
        answer = run(padded(one.program, 4), one.values, one.texts, one.matches)
        assert one.scalar == answer.scalar
        assert one.cells == ((answer.cells,) if answer.cells else ())
        assert (one.scalar is None) == bool(one.cells)
        counted = [step.operation for step in one.program if step.operation not in ("and", "or", "reset")]
        assert len(counted) == steps
        assert 2 <= len(one.values) <= 6
        assert set(one.words) <= set(VOCABULARY)
        pivots = [step.pivot for step in one.program if step.pivot is not None]
        assert [value for _, value in one.numbers] == pivots
        assert [one.words[place] for place, _ in one.numbers] == [NUMBER] * len(pivots)
        # Two pivots of one operation could not differ.
        compared = [step.operation for step in one.program if step.pivot is not None]
        assert len(set(compared)) == len(compared)
        asked = {one.names[step.column][0] for step in one.program if step.operation in OF_A_COLUMN}
        assert asked <= set(one.words)
        seen |= set(counted)
    assert seen <= set(USED)
    assert len(seen) >= {1: 3, 2: 8, 3: 9}[steps]


def test_every_operation_that_is_offered_is_asked_for(generator) -> None:
    drawn = TableQuestions().questions(800, generator)
    assert {step.operation for one in drawn for step in padded(one.program, 4)} == set(USED)
    assert set(USED) <= set(OPERATIONS)


def test_the_same_seed_draws_the_same(generator) -> None:
    task = TableQuestions()
    one, other = (task.draw(5, torch.Generator().manual_seed(3)) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
    assert not torch.equal(task.draw(5, generator).values[:, 0, 0], one.values[:, 0, 0])
    assert task.question(random.Random(1)) == task.question(random.Random(1))


def test_answers_of_one_kind(generator) -> None:
    numbers = TableQuestions(answers="scalar", word_columns=0).draw(40, generator)
    assert numbers.has_scalar.all()
    assert not numbers.has_cells.any()
    assert numbers.numeric[numbers.rows].all()
    looked = TableQuestions(answers="lookup").draw(40, generator)
    assert looked.has_cells.all()
    assert not looked.has_scalar.any()


def test_a_batch_by_hand() -> None:
    one = TableQuestion(
        words=("show", "size", "below", "#"),
        numbers=((3, 5.0),),
        names=(("price",), ("size", "x"), ("colour",)),
        texts=tuple(TEXTS),
        values=tuple(VALUES),
        matches=tuple(MATCHES),
        name_matches=(False, True, False),
        cells=(frozenset({(0, 1)}), frozenset({(2, 0), (2, 1)})),
        program=(Step("lesser", 0, 5.0), SHOW),
    )
    two = TableQuestion(("count",), (), (("age",),), (("7",),), ((7.0,),), ((False,),), (False,), 1.0)
    batch = collate([one, two], {"show": 2, "size": 3, "count": 4, "price": 5}, ("reset", "lesser", "assign"))
    assert batch.question.tolist() == [[2, 3, 1, 1], [4, 0, 0, 0]]
    assert batch.numbers.tolist() == [[5.0], [0.0]]
    assert batch.number_places.tolist() == [[3], [0]]
    assert batch.number_mask.tolist() == [[True], [False]]
    assert batch.names.tolist() == [[[5, 0], [3, 1], [1, 0]], [[1, 0], [0, 0], [0, 0]]]
    assert batch.name_matches.tolist() == [[0, 1, 0], [0, 0, 0]]
    assert batch.values.shape == (2, 4, 3)
    assert batch.values[0].tolist() == [[3, 1, 0], [8, 2, 0], [5, 4, 0], [8, 0, 0]]
    assert batch.numeric[0].all(0).tolist() == [True, True, False]
    assert batch.numeric[1].sum() == 1
    assert batch.texts[0].T.tolist() == [[0, 1, 2, 1], [0, 1, 2, 3], [0, 1, 1, 0]]
    assert batch.matches[0, :, 2].tolist() == [1, 0, 0, 1]
    assert (batch.rows.sum(1).tolist(), batch.columns.sum(1).tolist()) == ([4, 1], [3, 1])
    assert (batch.scalar.tolist(), batch.has_scalar.tolist()) == ([0.0, 1.0], [False, True])
    assert batch.cells[0].tolist() == [[0, 1, 0], [0, 0, 0], [2, 2, 0], [0, 0, 0]]
    assert batch.has_cells.tolist() == [True, False]
    assert batch.operations.tolist() == [[0, 0, 1, 2], [-1] * 4]
    assert batch.program_columns.tolist() == [[-1, -1, 0, 1], [-1] * 4]
    assert batch.double().values.dtype == torch.float64
    assert torch.equal(batch.to(torch.device("cpu")).cells, batch.cells)
    with pytest.raises(ValueError, match="programs use lesser; expected only assign, reset"):
        collate([one], {}, ("assign", "reset"))
    with pytest.raises(ValueError, match="at least one question"):
        collate([], {}, ())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"steps": (0,)}, "expected steps"),
        ({"steps": ()}, "expected steps"),
        ({"rows": (5, 2)}, "expected rows"),
        ({"columns": 1}, "columns from 2 to 10, got 1"),
        ({"word_columns": 3}, "word_columns from 0 to 2"),
        ({"values": (1, 2)}, "2 apart"),
        ({"answers": "all"}, "answers both, scalar or lookup; got 'all'"),
    ],
)
def test_what_is_no_task(options, said) -> None:
    with pytest.raises(ValueError, match=said):
        TableQuestions(**options)
