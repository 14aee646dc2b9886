"""The programmer of arithmetic: its controller and its programs against loops, and what it learns."""

import pytest
import torch

from memlib.models.arithmetic_programmer import ArithmeticConfig, ArithmeticProgrammer, SoftProgram, execute
from memlib.tasks.arithmetic_programs import Step, draw_program, run

NAMES = ("add", "subtract", "multiply", "keep")


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def machine(seed: int = 1, **options) -> ArithmeticProgrammer:
    torch.manual_seed(seed)
    sizes = {"controllers": 3, "hidden_size": 5, "steps": 3, **options}
    return ArithmeticProgrammer(ArithmeticConfig(**sizes)).double()


def looped_step(weights, x, h):
    """A gated recurrent unit by hand, one controller: [input], [hidden] -> [hidden]."""
    into, back, bias, width = *weights, len(h)
    own = [sum(x[i] * into[i, j] for i in range(len(x))) + bias[j] for j in range(3 * width)]
    old = [sum(h[i] * back[i, j] for i in range(width)) for j in range(3 * width)]
    new = []
    for j in range(width):
        keep = torch.sigmoid(own[j] + old[j])
        reset = torch.sigmoid(own[width + j] + old[width + j])
        new.append(keep * h[j] + (1 - keep) * torch.tanh(own[2 * width + j] + reset * old[2 * width + j]))
    return torch.stack(new)


def test_the_controller_equals_its_loops() -> None:
    model = machine()
    config, found = model.config, model.program()
    for c in range(3):
        weights = (model.from_choices[c], model.from_hidden[c], model.bias[c, 0])
        h, told = model.start[c, 0], torch.zeros(config.choices, dtype=torch.float64)
        for t in range(3):
            h = looped_step(weights, told, h)
            scores = h @ model.output[c]
            known = 3 + t
            operations = scores[:4].softmax(0)
            rest = torch.zeros(config.places - known, dtype=torch.float64)
            left, right = (torch.cat([part[:known].softmax(0), rest]) for part in scores[4:].split(config.places))
            torch.testing.assert_close(found.operations[c, t], operations)
            torch.testing.assert_close(found.left[c, t], left)
            torch.testing.assert_close(found.right[c, t], right)
            told = torch.cat([operations, left, right])


def test_a_soft_program_equals_its_loops() -> None:
    model, inputs = machine(), draw(2, 4, 3)
    program, found = model.program(), model(inputs)
    for c in range(3):
        for row in range(4):
            values = inputs[row].tolist()
            for t in range(3):
                a, b = (sum(w * v for w, v in zip(side[c, t].tolist(), values, strict=False)) for side in program[1:])
                o = program.operations[c, t].tolist()
                values.append(o[0] * (a + b) + o[1] * (a - b) + o[2] * a * b + o[3] * a)
            torch.testing.assert_close(found[c, row], torch.tensor(values[3:], dtype=torch.float64))


@pytest.mark.parametrize("seed", range(4))
def test_a_hard_program_gives_the_answers_of_the_task(seed: int) -> None:
    hidden = draw_program(3, 3, torch.Generator().manual_seed(seed))
    operations, left, right = torch.zeros(1, 3, 4), torch.zeros(1, 3, 5), torch.zeros(1, 3, 5)
    for t, step in enumerate(hidden):
        operations[0, t, NAMES.index(step.operation)] = left[0, t, step.left] = right[0, t, step.right] = 1
    inputs, program = draw(seed, 6, 3).float(), SoftProgram(operations, left, right)
    torch.testing.assert_close(execute(program, inputs, NAMES)[0, :, -1], run(hidden, inputs))
    assert tuple(Step(*one) for one in machine(controllers=1).hard_steps(0, program)) == hidden
    assert program.undecided().abs().max() < 1e-6


def test_hardening_keeps_the_likeliest_and_its_errors_are_those_of_the_steps() -> None:
    model, inputs = machine(), draw(2, 50, 3)
    answers = inputs[:, 0] * inputs[:, 1]
    errors = model.hard_errors(inputs, answers)
    for c in range(3):
        steps = [Step(*one) for one in model.hard_steps(c)]
        torch.testing.assert_close(errors[c], (run(steps, inputs) - answers).abs().max())
    uniform = SoftProgram(*(torch.full((2, 3, n), 1 / n, dtype=torch.float64) for n in (4, 5, 5)))
    expected = 3 * torch.tensor([4.0, 5.0, 5.0]).log().sum()
    torch.testing.assert_close(uniform.undecided(), expected.double().expand(2))


def test_gradients_reach_every_weight_and_are_finite() -> None:
    model = machine()
    (model(draw(2, 4, 3))[..., -1].square().sum() + model.program().undecided().sum()).backward()
    for name, weight in model.named_parameters():
        assert weight.grad.isfinite().all(), name
        assert weight.grad.abs().max() > 0, name


def test_controllers_do_not_touch_each_other() -> None:
    model = machine()
    model(draw(2, 4, 3))[0, :, -1].sum().backward()
    for weight in model.parameters():
        assert weight.grad[1:].abs().max() == 0


def test_wrong_configurations_and_inputs_are_explained() -> None:
    with pytest.raises(ValueError, match="steps >= 1, got 0"):
        ArithmeticConfig(steps=0)
    with pytest.raises(ValueError, match="operations among add, subtract"):
        ArithmeticConfig(operations=("divide",))
    with pytest.raises(ValueError, match="boldness above 0"):
        ArithmeticConfig(boldness=0.0)
    with pytest.raises(ValueError, match=r"expected inputs \[batch, 3\], got \(2, 4\)"):
        machine()(draw(1, 2, 4))
