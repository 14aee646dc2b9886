"""Reversal: the pairs, and the metrics on cases worked by hand."""

import pytest
import torch

from memlib.tasks.reversal import Reversal, batch
from memlib.tasks.sequence_pairs import END, FIRST, NOWHERE, PAD, SequencePairs, accuracy, alignment_agreement, padded


def test_targets_are_the_sources_backwards(generator: torch.Generator) -> None:
    task = Reversal(letters=4, longest=9, shortest=2)
    pairs = batch(task, 200, generator)
    lengths = set()
    for source, target, alignment in zip(*pairs, strict=True):
        letters = [t for t in source.tolist() if t != PAD]
        n = len(letters)
        lengths.add(n)
        assert source.tolist() == letters + [PAD] * (len(source) - n)
        assert all(FIRST <= t < task.vocabulary for t in letters)
        assert target.tolist() == letters[::-1] + [END] + [PAD] * (len(target) - n - 1)
        assert alignment.tolist() == [*range(n - 1, -1, -1)] + [NOWHERE] * (len(target) - n)
    assert lengths == set(range(2, 10))
    assert set(pairs.source.unique().tolist()) == {PAD, *range(FIRST, task.vocabulary)}


def test_a_seed_repeats_and_a_length_is_kept() -> None:
    first, second = (batch(Reversal(), 5, torch.Generator().manual_seed(1), 6) for _ in range(2))
    assert torch.equal(first.source, second.source)
    assert first.source.shape == (5, 6)
    assert first.target.shape == (5, 7)
    assert first.source_mask.all()


def test_sizes_that_make_no_task_are_refused(generator: torch.Generator) -> None:
    with pytest.raises(ValueError, match="longest as a whole number of at least 5, got 4"):
        Reversal(longest=4, shortest=5)
    with pytest.raises(ValueError, match="letters as a whole number of at least 2"):
        Reversal(letters=1)
    with pytest.raises(ValueError, match="size as a whole number of at least 1"):
        batch(Reversal(), 0, generator)
    with pytest.raises(TypeError, match="length as a whole number"):
        batch(Reversal(), 1, generator, 2.5)  # type: ignore[arg-type]


@pytest.fixture
def pairs() -> SequencePairs:
    """Two targets, of three letters and of one."""
    return SequencePairs(
        padded([[5, 6, 7], [8]]),
        padded([[7, 6, 5, END], [8, END]]),
        padded([[2, 1, 0, NOWHERE], [0, NOWHERE]], NOWHERE),
    )


def test_accuracy_by_hand(pairs: SequencePairs) -> None:
    written = torch.tensor([[7, 6, 3, END], [8, END, 4, 4]])
    # Three of four letters; the first row has a mistake, and what follows the second row's end does not count.
    assert accuracy(written, pairs) == {"accuracy": 75.0, "whole": 50.0}
    # A wrong end is no wrong letter, but a mistake in the row.
    written[1, 1] = 3
    assert accuracy(written, pairs) == {"accuracy": 75.0, "whole": 0.0}
    with pytest.raises(ValueError, match=r"expected tokens \(2, 4\)"):
        accuracy(written[:, :3], pairs)


def test_agreement_by_hand(pairs: SequencePairs) -> None:
    weights = torch.full((2, 4, 3), 0.2)
    for row, step, place in [(0, 0, 2), (0, 1, 0), (0, 2, 0), (0, 3, 1), (1, 0, 0), (1, 1, 2)]:
        weights[row, step, place] = 0.6
    # Of the four letters, the second of the first row is looked for in the wrong place.
    assert alignment_agreement(weights, pairs) == 75.0
    with pytest.raises(ValueError, match=r"expected weights \(2, 4, 3\)"):
        alignment_agreement(weights[:, :2], pairs)
