"""The reader and the writer against loops over positions, their masks, and what each is fed."""

import pytest
import torch

from memlib.models.sequence_to_sequence import ATTENTIONS, CELLS, Seq2SeqConfig, SequenceToSequence
from memlib.tasks.reversal import Reversal, batch
from memlib.tasks.sequence_pairs import END, PAD, START

TASK = Reversal(letters=5, longest=7)


@pytest.fixture(autouse=True)
def doubles():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(3)
    yield
    torch.set_default_dtype(torch.float32)


def small(**options) -> SequenceToSequence:
    settings = {"embedding_size": 4, "hidden_size": 6, "score_size": 5, **options}
    return SequenceToSequence(Seq2SeqConfig(TASK.vocabulary, TASK.vocabulary, **settings)).eval()


def pairs(rows: int = 4):
    return batch(TASK, rows, torch.Generator().manual_seed(5))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("attention", ATTENTIONS)
def test_padding_does_not_matter(attention: str, cell: str) -> None:
    model, several = small(attention=attention, cell=cell), pairs()
    written = model(several.source, several.target)
    assert written.logits.shape == (*several.target.shape, TASK.vocabulary)
    for row in range(len(several.source)):
        n, m = int(several.source_mask[row].sum()), int(several.target_mask[row].sum())
        alone = model(several.source[row : row + 1, :n], several.target[row : row + 1, :m])
        torch.testing.assert_close(written.logits[row, :m], alone.logits[0])
        torch.testing.assert_close(written.weights[row, :m, :n], alone.weights[0])
        assert (written.weights[row, :, n:] == 0).all()
    sums = written.weights.sum(-1)
    torch.testing.assert_close(sums, torch.full_like(sums, 0.0 if attention == "none" else 1.0))


def test_an_additive_look_equals_its_loops() -> None:
    model, several = small(), pairs(2)
    left, query = model.read(several.source), torch.randn(2, 6)
    found, weights = model.look(query, left)
    for row in range(2):
        n = int(several.source_mask[row].sum())
        drive = model.of_query.weight @ query[row]
        scores = torch.stack(
            [(drive + model.of_key.weight @ left.values[row, j]).tanh() @ model.score for j in range(n)]
        )
        expected = scores.exp() / scores.exp().sum()
        torch.testing.assert_close(weights[row, :n], expected)
        torch.testing.assert_close(found[row], sum(expected[j] * left.values[row, j] for j in range(n)))


def test_a_dot_look_equals_its_loops() -> None:
    model, several = small(attention="dot"), pairs(1)
    left, query = model.read(several.source), torch.randn(1, 6)
    scores = [(model.of_query.weight @ query[0]) @ key / 5**0.5 for key in left.keys[0]]
    torch.testing.assert_close(model.look(query, left)[1][0], torch.stack(scores).softmax(0))


def test_without_attention_only_the_summary_is_seen() -> None:
    model, several = small(attention="none"), pairs()
    left = model.read(several.source)
    other = left._replace(values=torch.randn_like(left.values))
    query = torch.randn(4, 6)
    assert torch.equal(model.look(query, left)[0], model.look(query, other)[0])
    assert torch.equal(model.look(query, left)[0], left.summary)


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_the_writer_does_not_see_the_token_it_is_to_write(attention: str) -> None:
    model, several = small(attention=attention), pairs()
    changed = several.target.clone()
    changed[:, 2] = (changed[:, 2] + 1) % TASK.vocabulary
    before, after = (model(several.source, target).logits for target in (several.target, changed))
    assert torch.equal(before[:, :3], after[:, :3])
    assert not torch.allclose(before[:, 3], after[:, 3])


@pytest.mark.parametrize("cell", CELLS)
def test_greedy_writing_feeds_back_what_was_written(cell: str) -> None:
    model, several = small(cell=cell), pairs()
    written = model.greedy(several.source, 6)
    forced = model(several.source, written.logits.argmax(-1))
    torch.testing.assert_close(written.logits, forced.logits)
    torch.testing.assert_close(written.weights, forced.weights)


def test_after_the_end_a_row_is_padded() -> None:
    model, several = small(), pairs()
    with torch.no_grad():
        model.output.weight.zero_()
        model.output.bias.copy_(torch.arange(TASK.vocabulary) == END)
    tokens = model.greedy(several.source, 4).tokens
    assert tokens.tolist() == [[END, PAD, PAD, PAD]] * 4


def test_all_weights_are_trained() -> None:
    for attention in ATTENTIONS:
        model, several = small(attention=attention), pairs()
        model(several.source, several.target).logits.square().sum().backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())
        assert model.size() == sum(p.numel() for p in model.parameters())


def test_what_it_cannot_read_is_refused() -> None:
    model, several = small(), pairs()
    with pytest.raises(TypeError, match="source tokens that are whole numbers"):
        model(several.source.double(), several.target)
    with pytest.raises(ValueError, match="target tokens from 0 to 7"):
        model(several.source, several.target + 9)
    with pytest.raises(ValueError, match="as many sources as targets, got 4 and 3"):
        model(several.source, several.target[:3])
    with pytest.raises(ValueError, match="at least one token in each source"):
        model.read(torch.tensor([[PAD, PAD], [START, 4]]))
    with pytest.raises(ValueError, match="only at its end"):
        model.read(torch.tensor([[4, PAD, 4]]))
    with pytest.raises(ValueError, match="at least one step"):
        model.greedy(several.source, 0)
    with pytest.raises(ValueError, match="expected attention none, additive, dot"):
        Seq2SeqConfig(attention="hard")
    with pytest.raises(ValueError, match="expected cell gru, lstm"):
        Seq2SeqConfig(cell="rnn")
    with pytest.raises(ValueError, match="hidden_size >= 1"):
        Seq2SeqConfig(hidden_size=0)
