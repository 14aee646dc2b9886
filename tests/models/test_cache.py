"""The unigram model and the cache: probabilities, losses word by word, and clear errors."""

import pytest
import torch

from memlib.models.baselines.cache import cache_losses, cached, unigram


def words_of(count, vocabulary, seed):
    return torch.randint(vocabulary, (count,), generator=torch.Generator().manual_seed(seed))


def test_unigram_counts_and_leaves_no_word_out():
    tokens = torch.tensor([2, 0, 2, 2])
    torch.testing.assert_close(unigram(tokens, 4, 0.5), torch.tensor([1.5, 0.5, 3.5, 0.5]).double() / 6)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("window", [1, 7, 100])
def test_losses_are_those_of_the_mixture_at_each_word(share, window):
    tokens = words_of(40, 9, 1)
    base = unigram(words_of(200, 9, 2), 9)
    found = cache_losses(base, tokens, share, window)
    for here, word in enumerate(tokens.tolist()):
        p = cached(base, tokens[max(0, here - window) : here], share)
        torch.testing.assert_close(p.sum(), torch.tensor(1.0).double())
        torch.testing.assert_close(found[here], -p[word].log())


def test_an_empty_cache_is_the_unigram_model():
    base = unigram(words_of(50, 6, 3), 6)
    torch.testing.assert_close(cached(base, torch.tensor([], dtype=torch.long), 0.4), base)


def test_clear_errors():
    base = unigram(words_of(50, 6, 4), 6)
    with pytest.raises(ValueError, match="share from 0 to 1"):
        cached(base, torch.tensor([1]), 1.5)
    with pytest.raises(ValueError, match="share from 0 to 1"):
        cache_losses(base, torch.tensor([1]), -0.1, 5)
    with pytest.raises(ValueError, match="window of at least 1, got 0"):
        cache_losses(base, torch.tensor([1]), 0.1, 0)
    with pytest.raises(ValueError, match="above 0, got 0"):
        unigram(torch.tensor([1]), 3, 0)
    with pytest.raises(ValueError, match="word numbers below 3, got 5"):
        unigram(torch.tensor([5]), 3)
