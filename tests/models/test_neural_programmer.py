"""The neural programmer against loops, its operations against plain programs, its losses, and that it learns."""

import math
import random

import pytest
import torch
from torch.nn import functional

from memlib.models import programmer_operations as operations
from memlib.models.neural_programmer import NeuralProgrammer, NeuralProgrammerConfig
from memlib.models.programmer_losses import (
    LARGEST,
    SHARPNESS,
    answer_loss,
    answers_lookup,
    program_loss,
    program_words,
    right,
)
from memlib.tasks import table_programs
from memlib.tasks.table_programs import Step
from memlib.tasks.table_questions import OPERATIONS, VOCABULARY, TableQuestions
from memlib.tasks.tables import collate

WORDS = len(VOCABULARY) + 2
CONFIGS = [
    {"operations": OPERATIONS},
    {"operations": table_programs.OPERATIONS, "reader": "lstm", "attend": True, "column_sees_operation": True},
    {"operations": operations.OFFICIAL, "match_features": True, "attend": True},
    {"operations": ("count", "reset"), "steps": 1},
]


def programmer(**options) -> NeuralProgrammer:
    torch.manual_seed(3)
    model = NeuralProgrammer(NeuralProgrammerConfig(WORDS, **{"width": 6, **options})).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(3)
    return model


def drawn(seed: int, count: int = 4, **options):
    task = TableQuestions(**{"rows": (2, 5), "values": (-4, 4), **options})
    return task.draw(count, torch.Generator().manual_seed(seed)).double()


def one_by_one(model, batch, at, hard=False):
    """One question by the equations, with loops over rows, columns and operations."""
    config, names = model.config, model.config.operations
    rows, width = int(batch.rows[at].sum()), int(batch.columns[at].sum())
    numbers = batch.numbers[at][batch.number_mask[at]]
    question = batch.question[at][batch.question[at] != 0]
    hidden = model.reader(model.words.weight[question][None])[0][0]
    asked = hidden[-1]
    matched = batch.matches[at, :rows].amax(0)
    vectors = []
    for j in range(width):
        words = batch.names[at, j][batch.names[at, j] != 0]
        vectors.append(model.words.weight[words].mean(0))
        if config.match_features:
            vectors[-1] = vectors[-1] + matched[j] * model.cell_match
    vectors = torch.stack(vectors)

    def decide(weights):
        return functional.one_hot(weights.argmax(), len(weights)).double() if hard else weights

    pivots = {}
    for name in operations.COMPARISONS:
        if name in names and len(numbers):
            places = batch.number_places[at][batch.number_mask[at]]
            scores = torch.stack([model.operations[names.index(name)] @ hidden[max(0, p - 1)] for p in places])
            pivots[name] = decide(scores.softmax(0)) @ numbers
    history = torch.zeros_like(asked)
    selections, scalars = [[1.0] * rows, [1.0] * rows], [0.0] * 3
    for _ in range(config.steps):
        known = [asked]
        if config.attend:
            known.append((hidden @ history).softmax(0) @ hidden)
        known = torch.cat([*known, history])
        soft = (model.operations @ model.choose_operation(known).tanh()).softmax(0)
        if config.column_sees_operation:
            known = torch.cat([known, soft @ model.operations])
        scores = vectors @ model.choose_column(known).tanh()
        if config.match_features:
            scores = scores + model.name_match * batch.name_matches[at, :width]
        pointed = scores.softmax(0)
        operation, column = decide(soft), decide(pointed)
        r, q = selections[-1], selections[-2]
        number, new, cells = 0.0, [0.0] * rows, torch.zeros(rows, width, dtype=torch.float64)
        for weight, name in zip(operation, names, strict=True):
            if name == "count":
                number = number + weight * sum(r)
            elif name == "difference":
                number = number + weight * (scalars[-3] - scalars[-1])
            elif name == "sum":
                for j in range(width):
                    number = number + weight * column[j] * sum(r[i] * batch.values[at, i, j] for i in range(rows))
            elif name == "assign":
                for j in range(width):
                    for i in range(rows):
                        cells[i, j] = weight * column[j] * r[i]
            else:
                for i in range(rows):
                    new[i] = new[i] + weight * selected(name, i, r, q, column, batch, at, pivots, rows, width)
        selections.append(new)
        scalars.append(number)
        history = model.history(torch.cat([soft @ model.operations, pointed @ vectors, history])).tanh()
    return number, cells, torch.stack([torch.as_tensor(x, dtype=torch.float64) for x in new])


def selected(name, i, r, q, column, batch, at, pivots, rows, width):
    if name in ("and", "or"):
        return min(r[i], q[i]) if name == "and" else max(r[i], q[i])
    if name == "reset":
        return 1.0
    if name in ("first", "last"):
        other = sum(r[k] for k in (range(i) if name == "first" else range(i + 1, rows)))
        return r[i] * max(0.0, 1 - other)
    if name in ("previous", "next"):
        k = i + 1 if name == "previous" else i - 1
        return r[k] if 0 <= k < rows else 0.0
    total = 0.0
    for j in range(width):
        value, there = batch.values[at, i, j], batch.numeric[at, i, j]
        if name in operations.COMPARISONS:
            holds = {"greater": "gt", "lesser": "lt", "at least": "ge", "at most": "le"}[name]
            yes = there and name in pivots and bool(getattr(torch, holds)(value, pivots[name]))
            total = total + column[j] * float(yes)
        elif name == "select":
            total = total + column[j] * batch.matches[at, i, j]
        elif name in ("max", "min"):
            if there:
                sign = 1 if name == "max" else -1
                others = [k for k in range(rows) if batch.numeric[at, k, j]]
                higher = sum(r[k] for k in others if sign * batch.values[at, k, j] > sign * value)
                total = total + column[j] * r[i] * max(0.0, 1 - higher)
        else:
            times = [
                sum(r[k] for k in range(rows) if batch.texts[at, k, j] == batch.texts[at, i2, j]) for i2 in range(rows)
            ]
            most = max((times[k] for k in range(rows) if r[k] > 0), default=math.inf)
            total = total + column[j] * r[i] * float(times[i] >= most - 1e-12)
    return total


@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize("options", CONFIGS, ids=lambda one: f"{len(one['operations'])} operations")
def test_the_programmer_is_its_equations(options, hard) -> None:
    model, batch = programmer(**options), drawn(1)
    run = model(batch, hard=hard)
    for at in range(4):
        number, cells, rows = one_by_one(model, batch, at, hard)
        torch.testing.assert_close(run.scalar[at], torch.as_tensor(number, dtype=torch.float64), rtol=1e-9, atol=1e-9)
        padded_cells = torch.zeros_like(run.lookup[at])
        padded_cells[: cells.shape[0], : cells.shape[1]] = cells
        torch.testing.assert_close(run.lookup[at], padded_cells, rtol=1e-9, atol=1e-10)
        torch.testing.assert_close(run.selections[at, -1, : len(rows)], rows, rtol=1e-9, atol=1e-10)
    assert run.operations.sum(-1).allclose(torch.ones(4, model.config.steps).double())
    assert run.columns.sum(-1).allclose(torch.ones(4, model.config.steps).double())
    assert (run.columns * ~batch.columns.unsqueeze(1)).abs().max() == 0


@pytest.mark.parametrize("options", CONFIGS[:2], ids=["paper", "all"])
def test_the_gradients_are_those_of_the_equations(options) -> None:
    model, batch = programmer(**options), drawn(2, count=2)
    weights = list(model.parameters())

    def gradients(of):
        return torch.autograd.grad(of, weights, allow_unused=True, materialize_grads=True)

    run = model(batch)
    found = gradients(run.scalar.sum() + run.lookup.square().sum())
    loops = [one_by_one(model, batch, at) for at in range(2)]
    expected = gradients(sum(number + cells.square().sum() for number, cells, _ in loops))
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_hard_programs_give_what_plain_programs_give(seed) -> None:
    """Random programs on random tables, with ties and cells without a number: set by force, run by both."""
    rng = random.Random(seed)
    task = TableQuestions(rows=(2, 6), columns=3, word_columns=1, values=(-2, 2))
    questions = [one for one in task.questions(400, torch.Generator().manual_seed(seed)) if one.numbers][:40]
    names = table_programs.OPERATIONS
    model = programmer(operations=names)
    batch = collate(questions, VOCABULARY, names).double()
    programs = []
    for one in questions:
        pivot, steps = one.numbers[0][1], []
        for place in range(4):
            last = ("sum", "count", "assign", "difference")
            name = rng.choice(names if place < 3 else last)
            column = rng.randrange(4) if name in table_programs.OF_A_COLUMN else None
            steps.append(Step(name, column, pivot if name in table_programs.COMPARISONS else None))
        programs.append(steps)
    forced = iter(
        (
            torch.stack([functional.one_hot(torch.tensor(names.index(p[t].operation)), len(names)) for p in programs]),
            torch.stack([functional.one_hot(torch.tensor(p[t].column or 0), 4) for p in programs]),
        )
        for t in range(4)
    )
    model._choose = lambda *given: tuple(part.double() for part in next(forced))
    model._number_weights = lambda tables, hidden: (
        torch.zeros(len(questions), 4, tables.numbers.shape[1]).double() + (torch.arange(tables.numbers.shape[1]) == 0)
    )
    run = model(batch, hard=True)
    for at, (one, program) in enumerate(zip(questions, programs, strict=True)):
        answer = table_programs.run(program, one.values, one.texts, one.matches)
        cells = {(int(i), int(j)) for i, j in (run.lookup[at] > 0.5).nonzero()}
        assert cells == answer.cells, program
        if answer.scalar is not None:
            assert float(run.scalar[at]) == pytest.approx(answer.scalar), program
    assert program_words(run, model, batch.numbers, [["a", "b", "c", "d"]] * len(programs)) == [
        table_programs.words(program, ["a", "b", "c", "d"]) for program in programs
    ]


def test_the_operations_have_the_names_of_the_task() -> None:
    assert operations.PAPER == table_programs.PAPER
    assert set(operations.KNOWN) == set(table_programs.OPERATIONS)
    assert operations.OF_A_COLUMN == table_programs.OF_A_COLUMN
    assert set(operations.COMPARISONS) == set(table_programs.COMPARISONS)


def test_a_soft_selection_of_the_highest_sums_to_one_at_most(generator) -> None:
    selection = torch.rand(5, 7, generator=generator, dtype=torch.float64)
    values = torch.randn(5, 7, 3, generator=generator, dtype=torch.float64)
    ranks = operations.ranking(values, torch.ones(5, 7, 3, dtype=torch.bool))
    found = operations.foremost(selection, ranks)
    assert found.min() >= 0
    assert found.sum(1).max() <= 1 + 1e-12
    sharp = torch.ones(5, 7).double()
    assert torch.equal(operations.foremost(sharp, ranks).argmax(1), values.argmax(1))
    assert torch.autograd.gradcheck(lambda r: operations.foremost(r, ranks), selection.requires_grad_())


def test_the_losses_by_hand() -> None:
    config = NeuralProgrammerConfig(WORDS, width=4, huber_width=1.0, lookup_weight=6.0, operations=("count", "assign"))
    batch = drawn(5, count=2, rows=(2, 2), columns=2, word_columns=1)
    batch = batch._replace(
        scalar=torch.tensor([4.0, 0.0]).double(),
        has_scalar=torch.tensor([True, False]),
        cells=torch.tensor([[[0] * 3] * 2, [[1, 0, 0], [1, 2, 0]]]),
        has_cells=torch.tensor([False, True]),
    )
    run = NeuralProgrammer(config).double()(batch)
    pointed = torch.tensor([[[0.5] * 3] * 2, [[0.8, 0.1, 0.1], [0.4, 0.2, 0.1]]]).double()
    run = run._replace(scalar=torch.tensor([2.0, 9.0]).double(), lookup=pointed)
    logs = [math.log(p) for p in (0.8, 0.4, 0.2)] + [math.log(1 - p) for p in (0.1, 0.1, 0.1)]
    strong = answer_loss(run, batch, config)
    assert strong.tolist() == pytest.approx([2.0 - 0.5, -sum(logs)])
    weak = NeuralProgrammerConfig(WORDS, width=4, lookup_weight=6.0, weak=True)
    # The first value may stand in either of two cells: the likelier one counts.
    cells = -(sum(logs) - math.log(0.4))
    assert answer_loss(run, batch, weak).tolist() == pytest.approx([0.5 * 4 / 2, cells])
    both = batch._replace(has_scalar=torch.tensor([True, True]), scalar=torch.tensor([4.0, 8.0]).double())
    number = min(0.5 * 1 / 2, LARGEST)
    soft = -math.log(math.exp(-SHARPNESS * number) + math.exp(-SHARPNESS * cells)) / SHARPNESS
    assert answer_loss(run, both, weak)[1].item() == pytest.approx(soft)
    far = both._replace(scalar=torch.tensor([400.0, 9.0]).double())
    assert answer_loss(run, far, weak)[0].item() == pytest.approx(LARGEST)
    none = batch._replace(has_scalar=torch.tensor([False] * 2), has_cells=torch.tensor([False] * 2))
    for settings in (config, weak):
        assert answer_loss(run, none, settings).tolist() == [0.0, 0.0]


def test_the_loss_of_programs() -> None:
    model, batch = programmer(operations=OPERATIONS), drawn(6, count=3)
    run = model(batch)
    expected = [0.0] * 3
    for at in range(3):
        for t in range(4):
            expected[at] -= run.operations[at, t, batch.operations[at, t]].log().item()
            if (column := int(batch.program_columns[at, t])) >= 0:
                expected[at] -= run.columns[at, t, column].log().item()
    assert program_loss(run, batch).tolist() == pytest.approx(expected)
    unknown = batch._replace(
        operations=torch.full_like(batch.operations, -1), program_columns=torch.full_like(batch.program_columns, -1)
    )
    assert program_loss(run, unknown).tolist() == [0.0] * 3
    with pytest.raises(ValueError, match="operations below 12; got 4 steps up to 12"):
        program_loss(run, batch._replace(operations=torch.full_like(batch.operations, 12)))


def test_what_counts_as_right() -> None:
    model, batch = programmer(operations=OPERATIONS), drawn(8, count=40)
    run = model(batch, hard=True)
    gold = functional.one_hot(batch.operations, len(OPERATIONS)).double()
    perfect = run._replace(operations=gold, scalar=batch.scalar + 0.001, lookup=(batch.cells > 0).double())
    assert right(perfect, batch, model.config).all()
    assert torch.equal(answers_lookup(perfect, model.config), batch.has_cells)
    off = perfect._replace(scalar=batch.scalar + 1)
    assert torch.equal(right(off, batch, model.config), batch.has_cells)
    more = perfect._replace(lookup=torch.ones_like(run.lookup))
    wide = ~((batch.cells > 0).all(-1).all(-1) & batch.has_cells)
    assert not (right(more, batch, model.config) & batch.has_cells & wide).any()


def test_a_longer_padding_changes_nothing() -> None:
    model = programmer(**CONFIGS[1])
    task = TableQuestions(rows=(2, 5), values=(-4, 4))
    questions = task.questions(6, torch.Generator().manual_seed(4))
    together = model(collate(questions, VOCABULARY, OPERATIONS).double())
    for at, one in enumerate(questions):
        alone = model(collate([one], VOCABULARY, OPERATIONS).double())
        torch.testing.assert_close(alone.scalar[0], together.scalar[at])
        torch.testing.assert_close(alone.lookup[0], together.lookup[at][: len(one.values), : len(one.names)])
        torch.testing.assert_close(
            answer_loss(alone, collate([one], VOCABULARY, OPERATIONS).double(), model.config)[0],
            answer_loss(together, collate(questions, VOCABULARY, OPERATIONS).double(), model.config)[at],
        )


@pytest.mark.parametrize("supervised", [False, True])
def test_it_learns_a_few_questions(supervised) -> None:
    torch.manual_seed(1)
    task = TableQuestions(steps=(1,), rows=(2, 4), columns=2, word_columns=0, values=(-4, 4))
    config = NeuralProgrammerConfig(WORDS, width=32, operations=OPERATIONS, lookup_weight=5.0)
    model = NeuralProgrammer(config)
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    batch = task.draw(12, torch.Generator().manual_seed(1))
    losses = []
    for _ in range(50):
        run = model(batch)
        loss = (program_loss(run, batch) if supervised else answer_loss(run, batch, config)).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 3
    # By answers alone the averages become right long before the programs do.
    if supervised:
        assert right(model(batch, hard=True), batch, config).all()


def test_the_number_of_weights() -> None:
    d, o = 256, len(operations.PAPER)
    model = NeuralProgrammer(NeuralProgrammerConfig.paper(100))
    # Words, the question's network, operations, two selectors, the history.
    assert model.size() == 100 * d + (2 * d * d + 2 * d) + o * d + 2 * (2 * d * d + d) + (3 * d * d + d)
    official = NeuralProgrammerConfig.official(100, width=8)
    assert (official.operations, official.weak, official.reader) == (operations.OFFICIAL, True, "lstm")
    assert NeuralProgrammerConfig.official(100, dropout=0.0).dropout == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"vocabulary": 1}, "vocabulary >= 2, got 1"),
        ({"steps": 0}, "steps >= 1"),
        ({"operations": ("count", "times")}, "no operations are called times; there are: sum"),
        ({"operations": ("count", "count")}, "different operations"),
        ({"reader": "gru"}, "reader of"),
        ({"dropout": 1.0}, "dropout from 0"),
        ({"huber_width": 0.0}, "above 0"),
    ],
)
def test_wrong_configurations(options, said) -> None:
    with pytest.raises(ValueError, match=said):
        NeuralProgrammerConfig(**{"vocabulary": 9, **options})


def test_wrong_batches() -> None:
    model, batch = programmer(operations=OPERATIONS), drawn(1)
    with pytest.raises(ValueError, match=r"questions \[batch, length\]"):
        model(batch._replace(question=batch.question[0]))
    with pytest.raises(ValueError, match="at least one row"):
        model(batch._replace(rows=batch.rows & False))
