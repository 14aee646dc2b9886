"""Words and their ids, through torchtext 0.6: the only module of memlib that imports it.

torchtext gives the vocabulary, the splitting of text and the padding. What it would download, cache as a pickle, or
shuffle by Python's own generator is not used: data sets come from `memlib.data`, word vectors from
`memlib.tasks.word_vectors`, batches from `memlib.training.Epochs`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from memlib.data import need
from memlib.tasks.entailment_pairs import Pair, all_of
from memlib.tasks.word_vectors import WordVectors, glove_file, read_vectors

__all__ = ["PAD", "UNKNOWN", "Vocabulary", "WordVectors", "glove_file", "of_pairs", "read_vectors"]

_data, _vocab = need("torchtext.data", "text"), need("torchtext.vocab", "text")

PAD, UNKNOWN = "<pad>", "<unk>"


class Vocabulary:
    """Words and their ids: 0 fills up batches, 1 stands for every unknown word, then come the other special tokens.

    Build one with `build`, or with `from_words` from a list that was kept.

    Args:
        vocab: torchtext's vocabulary, with padding and unknown word at places 0 and 1.
        lower: put tokens in lower case before they are looked up.
        tokenise: from a text to its tokens; the tokens that blanks part when None.
    """

    def __init__(
        self, vocab: "_vocab.Vocab", lower: bool = False, tokenise: Callable[[str], list[str]] | None = None
    ) -> None:
        if vocab.itos[:2] != [PAD, UNKNOWN]:
            raise ValueError(f"expected {PAD} and {UNKNOWN} as the words 0 and 1, got {vocab.itos[:2]}.")
        self.vocab, self.lower = vocab, lower
        self.field = _data.Field(
            lower=lower, tokenize=tokenise, batch_first=True, include_lengths=True, pad_token=PAD, unk_token=UNKNOWN
        )
        self.field.vocab = vocab

    @classmethod
    def build(
        cls,
        *splits: Iterable[Sequence[str]],
        min_frequency: int = 1,
        max_size: int | None = None,
        specials: Sequence[str] = (),
        lower: bool = False,
        tokenise: Callable[[str], list[str]] | None = None,
    ) -> "Vocabulary":
        """Collect the words of one or more splits, the most frequent first, equally frequent ones by the alphabet.

        Args:
            splits: of tokenised sentences. Words of a test split may go in where vectors from elsewhere know them.
            min_frequency: words that come less often in all splits together are unknown.
            max_size: at most so many words, special tokens not counted.
            specials: more special tokens, for example a delimiter: ids 2, 3, ....
            lower: as in the class; the splits are put in lower case too.
            tokenise: as in the class.

        Raises:
            ValueError: no words are left, or a special token comes twice.
        """
        if min_frequency < 1 or (max_size is not None and max_size < 1):
            raise ValueError(f"expected min_frequency and max_size of at least 1, got {min_frequency} and {max_size}.")
        marks = [PAD, UNKNOWN, *specials]
        if len(set(marks)) < len(marks):
            raise ValueError(f"expected special tokens that are all different, got {', '.join(marks)}.")
        words = (word.lower() if lower else word for split in splits for sentence in split for word in sentence)
        vocab = _vocab.Vocab(Counter(words), max_size=max_size, min_freq=min_frequency, specials=marks)
        if len(vocab) == len(marks):
            raise ValueError(f"no word comes {min_frequency} times or more: the vocabulary would be empty.")
        return cls(vocab, lower, tokenise)

    @classmethod
    def from_words(
        cls, words: Sequence[str], lower: bool = False, tokenise: Callable[[str], list[str]] | None = None
    ) -> "Vocabulary":
        """A vocabulary with exactly these words in this order, such as an earlier one's ``words``.

        Raises:
            ValueError: a word comes twice, or the first two are not the padding and the unknown word.
        """
        if len(set(words)) < len(words):
            raise ValueError("expected words that are all different.")
        return cls(_vocab.Vocab(Counter(), specials=list(words)), lower, tokenise)

    def __len__(self) -> int:
        """How many ids there are, the special tokens included."""
        return len(self.vocab)

    def __contains__(self, word: str) -> bool:
        return word in self.vocab.stoi

    @property
    def words(self) -> list[str]:
        """The words by id: plain text, so that a checkpoint can hold them."""
        return list(self.vocab.itos)

    def tokens(self, text: str | Sequence[str]) -> list[str]:
        """The tokens of a text, or of one that is tokenised already; in lower case if this vocabulary is."""
        return list(self.field.preprocess(text if isinstance(text, str) else list(text)))

    def ids(self, tokens: Sequence[str]) -> list[int]:
        """The ids of a sentence's tokens; unknown words give 1."""
        # Not torchtext's `numericalize`: it adds every unknown word to the table that it looks into.
        return [self.vocab[token] for token in self.tokens(tokens)]

    def sentence(self, ids: Iterable[int]) -> list[str]:
        """The words of ids, without the padding."""
        return [self.vocab.itos[one] for one in ids if one != 0]

    def batch(self, sentences: Sequence[str | Sequence[str]]) -> tuple[Tensor, Tensor]:
        """Ids of sentences side by side, filled up on the right with 0.

        Args:
            sentences: texts or token sequences, at least one.

        Returns:
            Ids [batch, time] and lengths [batch], both long.

        Raises:
            ValueError: there is no sentence, or an empty one.
        """
        rows = [self.tokens(sentence) for sentence in sentences]
        if not rows or not all(rows):
            raise ValueError("batch: expected at least one sentence, and at least one token in each.")
        padded, lengths = self.field.pad(rows)
        return torch.tensor([[self.vocab[word] for word in row] for row in padded]), torch.tensor(lengths)


def of_pairs(
    *splits: Iterable[Pair], min_frequency: int = 1, max_size: int | None = None, lower: bool = False
) -> Vocabulary:
    """The vocabulary of the sentences of pairs, premises and hypotheses alike.

    Raises:
        TypeError: a split is something else than pairs.
        ValueError: as in `Vocabulary.build`.
    """
    told = [all_of(Pair, split, "of_pairs", "a list of Pair for each split") for split in splits]
    sentences = ([side for pair in split for side in (pair.premise, pair.hypothesis)] for split in told)
    return Vocabulary.build(*sentences, min_frequency=min_frequency, max_size=max_size, lower=lower)
