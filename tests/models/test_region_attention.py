"""A network that looks at regions: its glances, and the three ways in which hard ones are learned."""

import math
from itertools import product

import pytest
import torch
from torch.autograd import grad

from memlib.models.region_attention import ATTENTIONS, RegionAttention, RegionConfig

BATCH, REGIONS = 3, 4
HARD = [one for one in ATTENTIONS if one != "soft"]


@pytest.fixture(autouse=True)
def doubles():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(3)
    yield
    torch.set_default_dtype(torch.float32)


def small(**options) -> RegionAttention:
    model = RegionAttention(RegionConfig(6, 3, 5, hidden_size=7, **options))
    with torch.no_grad():
        model.of_state.weight.mul_(4)
        model.of_region.weight.mul_(4)
    return model


def data():
    return torch.randn(BATCH, REGIONS, 6), torch.randn(BATCH, 3), torch.tensor([0, 4, 2])


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_the_order_of_the_regions_does_not_matter(attention: str) -> None:
    model, (regions, question, _) = small(attention=attention, glances=2), data()
    order = torch.tensor([2, 0, 3, 1])
    look, other = model(regions, question), model(regions[:, order], question)
    torch.testing.assert_close(other.logits, look.logits)
    torch.testing.assert_close(other.weights, look.weights[..., order])
    assert look.weights.shape == (BATCH, 2, REGIONS)
    assert look.places.shape == look.baseline.shape == (BATCH, 2)


@pytest.mark.parametrize("attention", HARD)
def test_a_hard_glance_sees_one_region_only(attention: str) -> None:
    model, (regions, question, _) = small(attention=attention), data()
    index = torch.tensor([[1], [3], [0]])
    other = torch.randn_like(regions)
    rows = torch.arange(BATCH)
    other[rows, index[:, 0]] = regions[rows, index[:, 0]]
    torch.testing.assert_close(model(other, question, index=index).logits, model(regions, question, index=index).logits)
    torch.testing.assert_close(model(regions, question).places, model(regions, question).weights.argmax(-1))


def test_glances_are_drawn_from_the_weights() -> None:
    model, (regions, question, _) = small(attention="reinforce"), data()
    many = 3000
    look = model(regions[:1].expand(many, -1, -1), question[:1].expand(many, -1), torch.Generator().manual_seed(1))
    shares, weights = torch.bincount(look.places[:, 0], minlength=REGIONS) / many, look.weights[0, 0]
    assert ((shares - weights).abs() <= 4 * (weights * (1 - weights) / many).sqrt()).all()


def test_branches_are_all_paths_with_their_probabilities() -> None:
    model, (regions, question, answer) = small(attention="marginal", glances=2), data()
    taken, logs = model.branches(regions, question, answer)
    torch.testing.assert_close(taken.sum(1), torch.ones(BATCH))
    for number, path in enumerate(product(range(REGIONS), repeat=2)):
        look = model(regions, question, index=torch.tensor([path] * BATCH))
        for row in range(BATCH):
            expected = look.weights[row, 0, path[0]] * look.weights[row, 1, path[1]]
            torch.testing.assert_close(taken[row, number], expected)
            torch.testing.assert_close(logs[row, number], look.logits[row].log_softmax(0)[answer[row]])
    exact = -(taken * logs.exp()).sum(1).log().mean()
    torch.testing.assert_close(model.loss(regions, question, answer), exact)


def test_reinforce_follows_the_gradient_of_the_mean_reward() -> None:
    """Over many draws its gradient is that of the sum over all branches; here with the baseline and no entropy."""
    model, (regions, question, answer) = small(attention="reinforce", entropy_weight=0.0), data()
    with torch.no_grad():
        for layer, factor in ((model.see[0], 3), (model.see[2], 3), (model.answer[2], 20)):
            layer.weight.mul_(factor)
    weights = [model.of_state.weight, model.see[0].weight, model.answer[0].weight]
    taken, logs = model.branches(regions, question, answer)
    exact = grad(-(taken * logs).sum(1).mean(), weights)
    generator, many = torch.Generator().manual_seed(2), 400
    repeated = [part.repeat(many, *[1] * (part.ndim - 1)) for part in (regions, question, answer)]
    drawn = [grad(model.loss(*repeated, generator), weights) for _ in range(20)]
    for number, wanted in enumerate(exact):
        found = torch.stack([one[number] for one in drawn])
        error = found.std(0) / math.sqrt(len(found))
        assert ((found.mean(0) - wanted).abs() <= 6 * error + 1e-9).all()
        assert wanted.norm() > 3 * error.norm()


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_every_way_trains_where_to_look(attention: str) -> None:
    model, (regions, question, answer) = small(attention=attention), data()
    model.loss(regions, question, answer, torch.Generator().manual_seed(1)).backward()
    for name, weights in model.named_parameters():
        if not name.startswith("foresee") or attention == "reinforce":
            assert weights.grad is not None, name
            assert weights.grad.abs().sum() > 0, name


def test_hard_glances_without_a_draw_learn_nothing_of_where_to_look() -> None:
    model, (regions, question, answer) = small(attention="reinforce"), data()
    error = torch.nn.functional.cross_entropy(model(regions, question).logits, answer)
    assert grad(error, model.of_state.weight, allow_unused=True) == (None,)


def test_what_does_not_fit_is_refused() -> None:
    model, (regions, question, _) = small(), data()
    with pytest.raises(ValueError, match=r"expected regions \[batch, regions, 6\]"):
        model(regions[..., :4], question)
    with pytest.raises(ValueError, match=r"a question for each picture, \[3, 3\]"):
        model(regions, question[:2])
    with pytest.raises(ValueError, match="expected attention soft, reinforce"):
        RegionConfig(attention="hard")
    with pytest.raises(ValueError, match="glances >= 1"):
        RegionConfig(glances=0)
