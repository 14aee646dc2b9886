"""What every model that runs along vectors promises: plain errors, states through checkpoints, mixed precision."""

import copy
import io
import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from memlib.mechanisms.lerp import lerp
from memlib.models.act import ACT, ACTConfig
from memlib.models.am_config import AMRNNConfig
from memlib.models.am_rnn import DualAMRNN
from memlib.models.auto_encoder import DualAutoEncoder
from memlib.models.baselines.associative_lstm import AssociativeLSTM, AssociativeLSTMConfig
from memlib.models.baselines.attentional_lstm import AttentionalLSTM
from memlib.models.baselines.ba_fast_weights import BaFastWeights, BaFastWeightsConfig
from memlib.models.baselines.metalearned_memory import MetalearnedNeuralMemory, MNMConfig
from memlib.models.baselines.relational_memory_core import RelationalMemoryCore, RMCConfig
from memlib.models.baselines.small_transformer import SmallTransformer, SmallTransformerConfig
from memlib.models.baselines.step_fast_weights import StepFastWeights, StepFastWeightsConfig
from memlib.models.baselines.step_lstm import StepLSTM
from memlib.models.baselines.story_transformer import StoryTransformer, StoryTransformerConfig
from memlib.models.baselines.tpr_rnn import TPRRNN, TPRConfig
from memlib.models.baselines.weinet import WeiNet, WeiNetConfig
from memlib.models.dnc import DNC, DNCConfig
from memlib.models.fwm import FWM, FWMConfig
from memlib.models.hard_memory_network import HardMemoryNetwork
from memlib.models.memory_network import MemoryNetwork, MemoryNetworkConfig
from memlib.models.neural_programmer import NeuralProgrammer, NeuralProgrammerConfig
from memlib.models.ntm import NTM, NTMConfig
from memlib.models.recurrent import GRUCell, unroll
from memlib.models.steps import as_kind
from memlib.models.stm import STM, STMConfig
from memlib.models.story_reader import StoryReader, StoryReaderConfig
from memlib.tasks.table_questions import TableQuestions
from memlib.training.tree import flatten, restore

IN, OUT = 5, 4
MODELS: dict[str, Callable[[], nn.Module]] = {
    "ntm": lambda: NTM(NTMConfig(IN, OUT, slots=6, width=3, hidden_size=7)),
    "ntm-feed-forward": lambda: NTM(NTMConfig(IN, OUT, slots=6, width=3, hidden_size=7, controller="feed-forward")),
    "dnc": lambda: DNC(DNCConfig(IN, OUT, slots=5, width=3, heads=2, hidden_size=6)),
    "stm": lambda: STM(STMConfig(IN, OUT, size=6, queries=3, relation_size=6, read_size=4, hidden_sizes=(8,))),
    "act": lambda: ACT(GRUCell(IN + 1, 6), 6, OUT, ACTConfig(maximum=5)),
    "attentional-lstm": lambda: AttentionalLSTM(IN, OUT, 6, 5),
    "rmc": lambda: RelationalMemoryCore(RMCConfig(IN, OUT, slots=3, heads=2, head_size=4)),
    "transformer": lambda: SmallTransformer(SmallTransformerConfig(IN, OUT, width=8, heads=2, inner_size=8)),
    "fast-weights": lambda: StepFastWeights(StepFastWeightsConfig(IN, OUT, embedding_size=5, hidden_size=6)),
    "lstm": lambda: StepLSTM(IN, OUT, 6, 2),
    "tpr-rnn": lambda: TPRRNN(TPRConfig(IN, OUT, entity_size=5, role_size=3, hidden_size=6)),
    "weinet": lambda: WeiNet(WeiNetConfig(IN, OUT, embedding_size=5, hidden_size=6)),
}


def draw(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


@pytest.fixture(params=MODELS)
def model(request) -> nn.Module:
    torch.manual_seed(0)
    return MODELS[request.param]()


def test_wrong_inputs_are_explained(model: nn.Module) -> None:
    name = type(model).__name__
    for inputs in (draw(2, 3, IN + 1), draw(2, 0, IN), draw(3, IN)):
        with pytest.raises(ValueError, match=rf"{name}: expected inputs \[batch, time, 5\] with at least one"):
            model(inputs)
    with pytest.raises(TypeError, match=rf"{name}: expected floating-point inputs, got torch.int64; call .float"):
        model(torch.ones(2, 3, IN, dtype=torch.long))
    with pytest.raises(TypeError, match=rf"{name}: expected inputs of torch.float32, as the model's weights, got"):
        model(draw(2, 3, IN).double())
    with pytest.raises(ValueError, match=rf"{name}: expected inputs on cpu, where the model is, got meta"):
        model(draw(2, 3, IN).to("meta"))


def test_a_state_of_another_batch_is_refused(model: nn.Module) -> None:
    _, state = model(draw(3, 2, IN))
    with pytest.raises(ValueError, match=r"state of (2 rows, as inputs has; got 3|the same batch)"):
        model(draw(2, 2, IN), state)


def test_a_state_goes_through_a_checkpoint(model: nn.Module) -> None:
    inputs = draw(2, 6, IN)
    whole, _ = model(inputs)
    start, state = model(inputs[:, :3])
    rest, _ = model(inputs[:, 3:], restore(*flatten(state)))
    torch.testing.assert_close(torch.cat([start, rest], 1), whole)


def check_mixed_precision(model: nn.Module, inputs: Tensor) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        outputs, state = model(inputs)
        loss = model(inputs, state)[0].float().square().mean() + outputs.float().square().mean()
    loss.backward()
    found = [weight.grad for weight in model.parameters() if weight.grad is not None]
    assert found
    assert all(gradient.dtype == torch.float32 and gradient.isfinite().all() for gradient in found)


def test_it_trains_in_mixed_precision(model: nn.Module) -> None:
    """As the training loop's ``precision`` promises: weights stay in single precision, products are in half."""
    check_mixed_precision(model, draw(3, 4, IN))


@pytest.mark.parametrize(
    "model",
    [
        FWM(FWMConfig(vocabulary=9, embedding_size=5, hidden_size=6, memory_size=3)),
        BaFastWeights(BaFastWeightsConfig(9, embedding_size=5, hidden_size=6)),
        MetalearnedNeuralMemory(MNMConfig(9, embedding_size=5, hidden_size=6, memory_size=4)),
    ],
    ids=lambda model: type(model).__name__,
)
def test_readers_of_words_train_in_mixed_precision(model: nn.Module) -> None:
    check_mixed_precision(model, torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8]]))


def test_shapes_can_be_asked_without_numbers(model: nn.Module) -> None:
    if isinstance(model, ACT):
        pytest.skip("how long it thinks depends on the numbers")
    outputs, _ = model.to("meta")(torch.empty(2, 3, IN, device="meta"))
    assert outputs.shape == (2, 3, OUT)


def test_a_cell_without_room_for_the_flag() -> None:
    with pytest.raises(ValueError, match=r"ACT: expected inputs \[batch, time, 4\]"):
        ACT(GRUCell(IN, 6), 6, OUT)(draw(2, 3, IN))
    assert ACT(GRUCell(IN, 6), 6, OUT, ACTConfig(first_step_flag=False))(draw(2, 3, IN))[0].shape == (2, 3, OUT)


def test_a_state_of_another_kind() -> None:
    with pytest.raises(ValueError, match=r"expected a state like NTMState, of 4 parts; got tuple of 1"):
        MODELS["ntm"]()(draw(2, 3, IN), (draw(2, 1),))
    assert as_kind((1, (2, 3)), [4, [5, 6]]) == (4, (5, 6))


def test_lerp_of_one_size_is_torchs_own() -> None:
    start, end, share = draw(2, 3), draw(3), draw(2, 1)
    assert torch.equal(lerp(start, end, share), torch.lerp(start, end, share))
    mixed = lerp(start, end.bfloat16(), share.bfloat16())
    assert mixed.dtype == torch.float32
    torch.testing.assert_close(mixed, torch.lerp(start, end, share), atol=0.05, rtol=0.05)


def test_a_mask_of_another_shape_or_kind() -> None:
    cell, xs = GRUCell(IN, 6), draw(3, 4, IN)
    for mask in (torch.ones(3, 2).bool(), torch.ones(2, 4).bool(), torch.ones(3, 4)):
        with pytest.raises(ValueError, match=r"unroll: expected a mask of booleans \(3, 4\), got torch"):
            unroll(cell, xs, mask=mask)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_holographic_memory_in_mixed_precision(cell: str) -> None:
    for model in (DualAMRNN(AMRNNConfig(IN, 6, copies=2, cell=cell)), AssociativeLSTM(AssociativeLSTMConfig(IN, 6))):
        with torch.autocast("cpu", torch.bfloat16):
            outputs, state = unroll(model, draw(3, 4, IN))
        outputs.float().square().mean().backward()
        assert all(weight.grad.isfinite().all() for weight in model.parameters() if weight.grad is not None)
        parts = [part for part in state if isinstance(part, Tensor) and part.is_complex()]
        assert all(part.dtype == torch.complex64 for part in parts)


STORY, QUESTION = torch.tensor([[[1, 2], [3, 0]]] * 2), torch.tensor([[4, 5]] * 2)


@pytest.mark.parametrize(
    ("story", "question", "error", "says"),
    [
        (STORY + 9, QUESTION, ValueError, "expected sentences of words from 0 to 8"),
        (STORY, -QUESTION, ValueError, "expected question of words from 0 to 8"),
        (STORY.float(), QUESTION, TypeError, r"sentences of whole numbers, got torch.float32; call .long"),
        (STORY[0], QUESTION, ValueError, r"expected a story \[batch, slots, words\], got \(2, 2\)"),
        (STORY[:1], QUESTION, ValueError, r"question \[1, words\] with at least one word, got \(2, 2\)"),
        (STORY, QUESTION[:, :0], ValueError, r"with at least one word, got \(2, 0\)"),
    ],
)
def test_stories_that_do_not_fit_a_memory_network(story, question, error, says) -> None:
    with pytest.raises(error, match=says):
        MemoryNetwork(MemoryNetworkConfig(vocabulary=9, width=6, memory=5))(story, question)


def test_a_network_that_has_chosen_can_be_copied_and_saved() -> None:
    network = HardMemoryNetwork(MemoryNetworkConfig(vocabulary=9, width=6, memory=5)).eval()
    scores = network(STORY, QUESTION)
    file = io.BytesIO()
    torch.save(network, file)
    file.seek(0)
    for other in (copy.deepcopy(network), torch.load(file, weights_only=False)):
        assert other.choices == []
        torch.testing.assert_close(other(STORY, QUESTION), scores)
    assert len(network.choices) == 3


def test_a_transformer_on_stories_in_double() -> None:
    model = StoryTransformer(StoryTransformerConfig(9, 8, 2, 8, 1)).double()
    assert model(STORY, QUESTION).dtype == torch.float64


READERS: dict[str, Callable[[Tensor, Tensor], object]] = {
    "transformer": lambda story, question: StoryTransformer(StoryTransformerConfig(9, 8, 2, 8, 1))(story, question),
    "reader": lambda story, question: StoryReader(StoryReaderConfig(9, 6, width=5, size=6, queries=2, hidden_size=7))(
        story, torch.ones(len(story), dtype=torch.long), question
    ),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_stories_that_do_not_fit_a_reader(read: Callable[[Tensor, Tensor], object]) -> None:
    read(STORY, QUESTION)
    for story, question, says in (
        (STORY + 9, QUESTION, "expected sentences of words from 0 to 8"),
        (STORY, QUESTION[:1], r"expected question \[2, words\] with at least one word, got \(1, 2\)"),
        (STORY.float(), QUESTION, "sentences of whole numbers"),
    ):
        with pytest.raises((TypeError, ValueError), match=says):
            read(story, question)


def test_as_many_lengths_as_stories() -> None:
    reader = StoryReader(StoryReaderConfig(9, 6, width=5, size=6, queries=2, hidden_size=7))
    with pytest.raises(ValueError, match=r"expected lengths \[2\], got \[1\]"):
        reader(STORY, torch.tensor([1]), QUESTION)


def test_a_mask_of_other_sentences() -> None:
    encoder, words = DualAutoEncoder(9, 4, 6, 2), QUESTION
    for mask in (torch.ones(1, 2).bool(), torch.ones(2, 3).bool(), torch.ones(2, 2)):
        with pytest.raises(ValueError, match=r"expected a mask of booleans \(2, 2\), got torch"):
            encoder(words, mask)


def test_words_that_a_programmer_does_not_know() -> None:
    batch = TableQuestions().draw(2, torch.Generator().manual_seed(0))
    with pytest.raises(ValueError, match=r"NeuralProgrammer: expected \w+ of words from 0 to 2; build the model"):
        NeuralProgrammer(NeuralProgrammerConfig(vocabulary=3, width=4))(batch)


def test_the_check_steps_aside_when_compiled() -> None:
    """In a fresh interpreter, as users have it: the run-time checks of the tests clash with torch.compile."""
    program = """
import torch
from memlib.models.dnc import DNC, DNCConfig
model, inputs = DNC(DNCConfig(3, 2, slots=4, width=2, hidden_size=3)).eval(), torch.randn(2, 2, 3)
compiled = torch.compile(model, backend="eager", fullgraph=True)
torch.testing.assert_close(compiled(inputs)[0], model(inputs)[0])
"""
    subprocess.run([sys.executable, "-c", program], check=True)
