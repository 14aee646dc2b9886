"""The small transformer against loops over heads and steps; what it may see."""

import pytest
import torch

from memlib.models.baselines.small_transformer import SmallTransformer, SmallTransformerConfig
from memlib.models.baselines.transformer_xl import positions


def small(**options) -> SmallTransformer:
    torch.manual_seed(4)
    return SmallTransformer(SmallTransformerConfig(3, 2, width=8, heads=2, inner_size=7, **options)).double().eval()


def looped(model: SmallTransformer, inputs: torch.Tensor) -> torch.Tensor:
    """One row: every head, every step."""
    time, causal = len(inputs), model.config.causal
    xs = model.project(inputs) + positions(torch.arange(time).double(), 8)
    for layer in model.layers:
        query, key, value = layer.query_key_value(layer.norm(xs)).chunk(3, -1)
        found = torch.zeros(time, 8, dtype=torch.float64)
        for head in range(2):
            own = slice(4 * head, 4 * head + 4)
            for i in range(time):
                seen = range(i + 1) if causal else range(time)
                scores = torch.stack([query[i, own] @ key[j, own] / 2 for j in seen])
                shares = scores.exp() / scores.exp().sum()
                found[i, own] = sum(share * value[j, own] for share, j in zip(shares, seen, strict=True))
        xs = xs + layer.combine(found)
        xs = xs + layer.narrow(layer.widen(layer.last_norm(xs)).clamp(min=0))
    return model.output(model.norm(xs))


@pytest.mark.parametrize("causal", [True, False])
def test_it_equals_its_loops(causal: bool) -> None:
    model, inputs = small(causal=causal), torch.randn(2, 6, 3, dtype=torch.float64)
    torch.testing.assert_close(model(inputs)[0], torch.stack([looped(model, row) for row in inputs]))


def test_a_causal_model_sees_no_later_step_and_the_other_does() -> None:
    inputs = torch.randn(2, 6, 3, dtype=torch.float64)
    changed = inputs.clone()
    changed[:, 4] += 1
    causal, both = small(), small(causal=False)
    torch.testing.assert_close(causal(changed)[0][:, :4], causal(inputs)[0][:, :4])
    assert not torch.allclose(both(changed)[0][:, :4], both(inputs)[0][:, :4])
    weights = causal.trace(inputs)[2]
    assert weights.shape == (2, 2, 2, 6, 6)
    assert (weights.triu(1) == 0).all()


def test_a_sequence_in_parts_is_the_sequence() -> None:
    model, inputs = small(), torch.randn(2, 7, 3, dtype=torch.float64)
    first, state = model(inputs[:, :3])
    second, state = model(inputs[:, 3:], state)
    torch.testing.assert_close(torch.cat([first, second], 1), model(inputs)[0])
    assert torch.equal(state, inputs)


@pytest.mark.parametrize("causal", [True, False])
def test_padding_does_not_matter(causal: bool) -> None:
    model, inputs = small(causal=causal), torch.randn(2, 6, 3, dtype=torch.float64)
    mask = torch.tensor([[True] * 6, [True] * 4 + [False] * 2])
    logits = model(inputs, mask=mask)[0]
    torch.testing.assert_close(logits[1:, :4], model(inputs[1:, :4])[0])
    assert (logits[1, 4:] == 0).all()


def test_it_knows_the_order() -> None:
    model, inputs = small(causal=False), torch.randn(1, 5, 3, dtype=torch.float64)
    assert not torch.allclose(model(inputs.flip(1))[0].flip(1), model(inputs)[0])


def test_all_weights_are_trained() -> None:
    model = small()
    model(torch.randn(2, 6, 3).double())[0].square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_what_does_not_fit_is_refused() -> None:
    inputs = torch.randn(2, 5, 3).double()
    with pytest.raises(ValueError, match=r"expected inputs \[batch, time, 3\]"):
        small()(inputs[..., :2])
    with pytest.raises(ValueError, match="give no state"):
        small(causal=False)(inputs, inputs)
    with pytest.raises(ValueError, match="same batch and width"):
        small()(inputs, inputs[:1])
    with pytest.raises(ValueError, match="rows begin with True"):
        small()(inputs, mask=torch.zeros(2, 5, dtype=torch.bool))
    with pytest.raises(ValueError, match="an even width for each head; 3 heads cannot share 8"):
        SmallTransformerConfig(3, 2, width=8, heads=3)
    with pytest.raises(ValueError, match="layers >= 1"):
        SmallTransformerConfig(3, 2, layers=0)
    with pytest.raises(ValueError, match="0 <= dropout < 1"):
        SmallTransformerConfig(3, 2, dropout=1.0)
