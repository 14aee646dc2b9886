"""The step tasks of the Neural Turing Machine: what is drawn, and the figures worked by hand."""

import itertools
import math

import pytest
import torch

from memlib.tasks import bits
from memlib.tasks.copying import Copy, RepeatCopy
from memlib.tasks.episode import Episode
from memlib.tasks.ngrams import NGrams
from memlib.tasks.priority_sort import PrioritySort
from memlib.tasks.recall import AssociativeRecall

TASKS = [Copy(), Copy.le2020(), RepeatCopy(), AssociativeRecall(), NGrams(), PrioritySort(), PrioritySort.le2020()]


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("task", TASKS, ids=repr)
def test_an_episode_has_the_widths_it_says_and_its_seed_makes_it(task):
    episode = task.draw(5, generator())
    batch, time, width = episode.inputs.shape
    assert (batch, width) == (5, task.width_in)
    assert episode.targets.shape == (5, time, task.width_out)
    assert episode.mask.shape == (5, time)
    assert episode.mask.dtype == torch.bool
    assert episode.mask.any(1).all()
    again, other = task.draw(5, generator()), task.draw(5, generator(2))
    assert all(torch.equal(a, b) for a, b in zip(episode, again, strict=True))
    assert other.inputs.shape != episode.inputs.shape or not torch.equal(other.inputs, episode.inputs)


def test_a_copy():
    episode = Copy(width=3, lengths=(4, 4)).draw(6, generator())
    inputs, targets, mask = episode
    assert inputs.shape == (6, 9, 4)
    assert torch.equal(targets[:, 5:], inputs[:, :4, :3])
    assert mask.tolist() == [[False] * 5 + [True] * 4] * 6
    assert inputs[..., 3].tolist() == [[0.0] * 4 + [1.0] + [0.0] * 4] * 6
    assert inputs[:, 4:, :3].sum() == inputs[:, 5:].sum() == targets[:, :5].sum() == 0
    assert set(inputs.unique().tolist()) == {0, 1}


def test_lengths_are_drawn_evenly_and_the_bits_are_fair():
    task, draw = Copy(lengths=(2, 4)), generator(3)
    times = [task.draw(2, draw).inputs.shape[1] for _ in range(600)]
    for length in (2, 3, 4):
        assert times.count(2 * length + 1) == pytest.approx(200, abs=4 * math.sqrt(600 * 2 / 9))
    drawn = Copy(lengths=(100, 100)).draw(50, draw).targets[:, 101:]
    assert drawn.mean().item() == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(drawn.numel()))


def test_le2020s_copy_has_a_flag_at_the_start_too():
    inputs, targets, mask = Copy.le2020().draw(2, generator())
    length = int(mask[0].sum())
    assert inputs.shape == (2, 2 * length + 2, 34)
    assert inputs[:, 0].nonzero().tolist() == [[0, 32], [1, 32]]
    assert inputs[:, length + 1].nonzero().tolist() == [[0, 33], [1, 33]]
    assert torch.equal(inputs[:, 1 : length + 1, :32], targets[:, -length:])


def test_a_repeated_copy():
    inputs, targets, mask = RepeatCopy(width=3, lengths=(2, 2), repeats=(3, 3)).draw(4, generator())
    assert inputs.shape == (4, 2 + 1 + 6 + 1, 5)
    for copy in range(3):
        assert torch.equal(targets[:, 3 + 2 * copy : 5 + 2 * copy, :3], inputs[:, :2, :3])
    assert targets[..., 3].tolist() == [[0.0] * 9 + [1.0]] * 4
    assert targets[:, -1, :3].sum() == 0
    assert mask.tolist() == [[False] * 3 + [True] * 7] * 4
    assert inputs[:, 2, 3].tolist() == [1.0] * 4
    assert inputs[:, 2, 4].tolist() == pytest.approx([(3 - 5.5) / math.sqrt(8.25)] * 4)


def test_the_number_of_copies_is_fed_in_with_mean_0_and_variance_1():
    fed = [(n - RepeatCopy().count_mean) / RepeatCopy().count_scale for n in range(1, 11)]
    assert sum(fed) == pytest.approx(0)
    assert sum(value**2 for value in fed) / 10 == pytest.approx(1)


def test_associative_recall_asks_for_what_followed():
    task = AssociativeRecall(width=5, item_length=2, items=(4, 4))
    inputs, targets, mask = task.draw(200, generator())
    assert inputs.shape == (200, 4 * 3 + 4 + 2, 7)
    asked = set()
    for row, target in zip(inputs, targets, strict=True):
        assert row[:12, 5].tolist() == [1, 0, 0] * 4
        assert row[:, 6].nonzero().flatten().tolist() == [12, 15]
        items = row[:12, :5].unflatten(0, (4, 3))[:, 1:]
        query = row[13:15, :5]
        found = [i for i in range(3) if torch.equal(items[i], query) and torch.equal(items[i + 1], target[-2:])]
        assert found
        asked.add(found[0])
    assert asked == {0, 1, 2}
    assert mask.sum(1).tolist() == [2] * 200
    assert targets[:, :-2].sum() == 0


def test_the_optimal_estimator_worked_by_hand():
    task = NGrams(n=2, length=6)
    episode = task.episode(torch.tensor([[0.0, 1.0, 0.0, 1.0, 1.0, 0.0]]))
    # After 0: seen 1, 1. After 1: seen 0, 1. In order: 0→1, 1→0, 0→1, 1→1, 1→0.
    chances = task.optimal(episode)[0, :, 0].tolist()
    assert chances == pytest.approx([1 / 2, 1 / 2, 1.5 / 2, 0.5 / 2, 1.5 / 3])
    scores = task.score(torch.zeros(1, 5, 1), episode)
    costs = [1, 1, -math.log2(0.75), -math.log2(0.25), 1]
    assert scores["cost"] == pytest.approx(5)
    assert scores["optimal"] == pytest.approx(sum(costs), rel=1e-6)
    assert scores["excess"] == pytest.approx(5 - sum(costs), rel=1e-5)


def test_the_first_bits_have_no_context_and_are_not_scored():
    episode = NGrams().draw(3, generator())
    assert episode.inputs.shape == (3, 199, 1)
    assert torch.equal(episode.inputs[:, 1:], episode.targets[:, :-1])
    assert episode.mask.tolist() == [[False] * 4 + [True] * 195] * 3


def test_the_sources_follow_their_tables():
    task, draw = NGrams(n=3, length=4000), generator(5)
    tables = torch.tensor([[0.1, 0.9, 0.6, 0.3]])
    drawn = task.sequences(tables, draw)[0].int().tolist()
    for context, chance in enumerate(tables[0].tolist()):
        after = [c for a, b, c in zip(drawn, drawn[1:], drawn[2:], strict=False) if 2 * a + b == context]
        assert sum(after) / len(after) == pytest.approx(chance, abs=4 * math.sqrt(chance * (1 - chance) / len(after)))


def test_the_tables_are_from_beta_one_half():
    drawn = NGrams().tables(2000, generator(7)).flatten()
    assert drawn.mean().item() == pytest.approx(0.5, abs=4 * math.sqrt(1 / 8 / len(drawn)))
    assert drawn.var().item() == pytest.approx(1 / 8, rel=0.02)
    # P(p < x) = 2/π arcsin √x.
    assert (drawn < 0.1).float().mean().item() == pytest.approx(2 / math.pi * math.asin(math.sqrt(0.1)), abs=0.01)


def test_nobody_who_knows_less_beats_counting():
    task = NGrams()
    episode = task.draw(50, generator())
    counting = task.score(task.optimal(episode).logit().float(), episode)
    assert counting["excess"] == pytest.approx(0, abs=1e-3)
    assert task.score(torch.zeros(50, 199, 1), episode)["excess"] > 20


def test_priority_sort_gives_back_the_most_urgent_in_order():
    inputs, targets, mask = PrioritySort(width=6, items=7, kept=4).draw(20, generator())
    assert inputs.shape == (20, 11, 7)
    for row, target in zip(inputs, targets, strict=True):
        pairs = sorted(((float(r[6]), r[:6].tolist()) for r in row[:7]), reverse=True)
        assert target[7:].tolist() == [vector for _, vector in pairs[:4]]
    assert mask.tolist() == [[False] * 7 + [True] * 4] * 20
    assert inputs[:, 7:].sum() == 0


def test_priorities_of_other_distributions_have_the_same_order():
    drawn = {name: PrioritySort(priorities=name).draw(40, generator()) for name in ("uniform", "cubed", "narrow")}
    assert torch.equal(drawn["uniform"].targets, drawn["narrow"].targets)
    assert torch.equal(drawn["uniform"].targets, drawn["cubed"].targets)
    values = {name: episode.inputs[:, :20, 8] for name, episode in drawn.items()}
    assert values["uniform"].min() < -0.95
    assert values["uniform"].max() > 0.95
    assert values["narrow"].abs().max() <= 0.1
    torch.testing.assert_close(values["cubed"], values["uniform"] ** 3)


def test_le2020s_sort_has_an_input_that_is_always_0():
    inputs, targets, _ = PrioritySort.le2020().draw(2, generator())
    assert inputs.shape == (2, 36, 34)
    assert inputs[..., 33].abs().max() == 0
    assert targets.shape[-1] == 32


def hand():
    """Two sequences of two scored steps of two bits, after one that is not scored."""
    targets = torch.tensor([[[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]], [[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]])
    mask = torch.tensor([[False, True, True]] * 2)
    outputs = torch.tensor([[[-9.0, -9.0], [2.0, -1.0], [1.0, -3.0]], [[9.0, 9.0], [0.5, 0.5], [-1.0, -1.0]]])
    return outputs, Episode(torch.ones(2, 3, 1), targets, mask)


def test_the_figures_worked_by_hand():
    outputs, episode = hand()
    # Of the first sequence the last two bits are wrong, of the second none.
    assert bits.wrong_bits(outputs, episode).tolist() == [2, 0]
    assert bits.scored(episode).tolist() == [4, 4]
    nats = [
        sum(math.log1p(math.exp(-margin)) for margin in margins)
        for margins in ((2.0, 1.0, -1.0, -3.0), (0.5, 0.5, 1.0, 1.0))
    ]
    assert bits.cross_entropy(outputs, episode).tolist() == pytest.approx(nats)
    assert bits.mean_loss(outputs, episode).item() == pytest.approx(sum(nats) / 8)
    found = bits.figures(outputs, episode)
    assert found["cost"] == pytest.approx(sum(nats) / 2 / math.log(2))
    assert (found["wrong_bits"], found["bit_error"], found["sequences"]) == (1, 0.25, 0.5)
    # Of the scored bits 1, 0, 0, 1 and 1, 1, 0, 0 four are 1; two are wrong.
    assert found["relative_error"] == 0.5
    nothing = bits.figures(-torch.ones_like(outputs), episode)
    assert nothing["relative_error"] == 1


def test_a_coin_costs_a_bit():
    episode = Copy(lengths=(5, 5)).draw(3, generator())
    assert bits.cost(torch.zeros_like(episode.targets), episode).tolist() == pytest.approx([40.0] * 3)
    sure = 50 * (2 * episode.targets - 1)
    assert bits.figures(sure, episode) == pytest.approx(
        {"cost": 0, "wrong_bits": 0, "bit_error": 0, "relative_error": 0, "sequences": 1}, abs=1e-6
    )


def test_what_is_not_scored_has_no_gradient():
    outputs, episode = hand()
    outputs.requires_grad_()
    bits.mean_loss(outputs, episode).backward()
    assert (outputs.grad[:, 0] == 0).all()
    assert (outputs.grad[:, 1:] != 0).all()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Copy(lengths=(3, 2)), r"lengths as \(smallest, largest\)"),
        (lambda: Copy(lengths=5), "lengths as two numbers"),
        (lambda: RepeatCopy(repeats=(0, 2)), "smallest of repeats"),
        (lambda: AssociativeRecall(items=(1, 3)), "at least 2 items"),
        (lambda: NGrams(6, 5), "length as a whole number of at least 7"),
        (lambda: PrioritySort(items=4, kept=5), "kept <= items = 4"),
        (lambda: PrioritySort(priorities="normal"), "priorities in uniform, cubed, narrow"),
        (lambda: bits.cost(torch.zeros(1, 2, 3), hand()[1]), "outputs of the targets' shape"),
    ],
)
def test_what_makes_no_sense_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()


def test_lists_from_json_do_as_well():
    assert Copy(lengths=[2, 3]) == Copy(lengths=(2, 3))
    assert len({Copy(lengths=list(pair)) for pair in itertools.product([1, 2], [2, 3])}) == 4
