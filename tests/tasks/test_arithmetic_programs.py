"""Hidden programs of arithmetic: answers against plain Python, what is drawn, what is refused."""

import operator

import pytest
import torch

from memlib.tasks.arithmetic_programs import ArithmeticPrograms, Step, draw_program, run, written

PLAIN = {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "keep": lambda a, b: a}
PROGRAM = (Step("subtract", 1, 2), Step("multiply", 3, 0))


def source(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("seed", range(5))
def test_answers_are_those_of_plain_python(seed: int) -> None:
    program = (*draw_program(4, 3, source(seed)), Step("keep", 6, 0))
    inputs = torch.randn(20, 3, generator=source(seed), dtype=torch.float64)
    for row, answer in zip(inputs.tolist(), run(program, inputs).tolist(), strict=True):
        values = row
        for operation, left, right in program:
            values = [*values, PLAIN[operation](values[left], values[right])]
        assert answer == values[-1]


def test_a_drawn_program_uses_everything_and_takes_nothing_from_itself() -> None:
    seen = set()
    for seed in range(60):
        program = draw_program(3, 3, source(seed))
        assert {place for step in program for place in step[1:]} == set(range(5))
        for t, step in enumerate(program):
            assert max(step.left, step.right) < 3 + t
            assert step.operation != "subtract" or step.left != step.right
        seen.add(program)
    assert len(seen) > 30
    assert draw_program(3, 3, source(1)) == draw_program(3, 3, source(1))


def test_batches_lie_in_their_range_and_repeat_with_their_seed() -> None:
    task = ArithmeticPrograms(PROGRAM)
    batch = task.draw(400, source(1))
    assert batch.inputs.min() >= -1
    assert batch.inputs.max() <= 3
    assert batch.inputs.mean() == pytest.approx(1, abs=0.1)
    a, b, c = batch.inputs.unbind(-1)
    torch.testing.assert_close(batch.answers, (b - c) * a)
    assert torch.equal(task.draw(400, source(1)).inputs, batch.inputs)


def test_a_program_is_written_with_letters_and_results() -> None:
    assert written(PROGRAM, 3) == "r1 = b - c;  r2 = r1 * a"
    assert written((Step("keep", 1, 0),), 2) == "r1 = b"


def test_wrong_programs_and_sizes_are_explained() -> None:
    with pytest.raises(ValueError, match="places from 0 to 2 here; got 3 and 0"):
        run((Step("add", 3, 0),), torch.zeros(1, 3))
    with pytest.raises(ValueError, match="got 'divide'"):
        run((Step("divide", 0, 0),), torch.zeros(1, 3))
    with pytest.raises(ValueError, match="at least one step"):
        run((), torch.zeros(1, 3))
    with pytest.raises(ValueError, match="low < high; got 3"):
        ArithmeticPrograms(PROGRAM, low=3.0, high=3.0)
    with pytest.raises(ValueError, match="places from 0 to 1"):
        ArithmeticPrograms(PROGRAM, inputs=2)
    with pytest.raises(ValueError, match="got 3 inputs and 1 steps"):
        draw_program(1, 3, source(1))
    with pytest.raises(ValueError, match="inputs as a whole number of at least 2"):
        draw_program(2, 1, source(1))
