"""Ba's fast weights: windows against the unrolled cell, padding, numbers of weights."""

import pytest
import torch

from memlib.models.baselines.ba_fast_weights import BaFastWeights, BaFastWeightsConfig, BaState
from memlib.models.baselines.token_model import detach
from memlib.models.recurrent import unroll


@pytest.fixture(autouse=True)
def doubles():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(9)
    yield
    torch.set_default_dtype(torch.float32)


def small(**options) -> BaFastWeights:
    model = BaFastWeights(BaFastWeightsConfig(11, embedding_size=5, hidden_size=6, **options))
    torch.nn.init.normal_(model.cell.slow.weight, std=0.3)
    torch.nn.init.normal_(model.cell.slow.bias, std=0.3)
    return model


@pytest.mark.parametrize("options", [{}, {"steps": 3, "decay": 0.8}, {"activation": "tanh", "rate": 1.0}])
@pytest.mark.parametrize("masked", [False, True])
def test_windows_are_the_unrolled_cell_in_outputs_state_and_gradients(options: dict, masked: bool) -> None:
    model, tokens = small(**options), torch.randint(11, (4, 7))
    mask = None
    if masked:
        mask = torch.rand(4, 7) > 0.4
        mask[0], mask[1], mask[2] = True, False, torch.tensor([True] * 3 + [False] * 4)
    state = BaState(torch.randn(4, 6, 6, requires_grad=True), torch.randn(4, 6, requires_grad=True))
    ours, end = model(tokens, state, mask)
    hs, last = unroll(model.cell, model.drive(model.embedding(tokens)), state, mask)
    naive = model.output(hs)
    torch.testing.assert_close(ours, naive, rtol=0, atol=1e-12)
    torch.testing.assert_close(end, last, rtol=0, atol=1e-12)
    of, pulls = [*state, *model.parameters()], [torch.randn_like(t) for t in (ours, *end)]
    for a, b in zip(
        torch.autograd.grad([ours, *end], of, pulls), torch.autograd.grad([naive, *last], of, pulls), strict=True
    ):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


def test_windows_with_a_carried_state_are_the_whole_stream() -> None:
    model, tokens = small(), torch.randint(11, (3, 12))
    whole, last = model(tokens)
    first, state = model(tokens[:, :5])
    second, end = model(tokens[:, 5:], tuple(detach(state)))
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=0, atol=1e-12)
    torch.testing.assert_close(end, last, rtol=0, atol=1e-12)


def test_the_papers_numbers() -> None:
    model = BaFastWeights(BaFastWeightsConfig.paper())
    assert model.size() == 532_480
    assert BaFastWeights(BaFastWeightsConfig.paper(200)).size() == 547_840
    assert sum(t.numel() for t in model.initial_state(1)) == 262_656
    torch.testing.assert_close(model.cell.slow.weight, 0.05 * torch.eye(512))


def test_bad_settings_are_explained() -> None:
    with pytest.raises(ValueError, match=r"a decay from 0 to 1, got 1\.5"):
        BaFastWeightsConfig(11, decay=1.5)
    with pytest.raises(ValueError, match="an activation of relu, tanh; got 'gelu'"):
        BaFastWeightsConfig(11, activation="gelu")
    with pytest.raises(ValueError, match="steps of at least 0"):
        BaFastWeightsConfig(11, steps=-1)
