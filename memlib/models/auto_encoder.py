"""Auto-encoding with the Dual AM-RNN: write a sentence into a memory, then say it again from that memory alone.

The encoder is an AM-RNN; the decoder a Dual AM-RNN with weights of its own that reads the encoder's memory, starts
from an empty one beside it, and predicts each word from the one before. Weissenborn (2016, Sec. 5.3) found that the
encoder comes to write everything under one key. `key_similarity` measures that; added to the loss it is the remedy
tried here.

Source: weissenborn2016, Sec. 5.3
"""

import torch
from jaxtyping import Bool, Complex, Float, Int
from torch import Tensor, nn

from memlib.models.am_config import AMRNNConfig
from memlib.models.am_rnn import AMRNN, DualAMRNN
from memlib.models.recurrent import select
from memlib.models.steps import check_words

PAD = 0


class DualAutoEncoder(nn.Module):
    """Encoder and decoder over one vocabulary.

    Args:
        vocabulary_size: number of words; word 0 is padding, and stands before the first word.
        embedding_size: of the word vectors, which encoder and decoder share.
        hidden_size: H of both.
        copies: N_c.
        share_key: whether the decoder reads the encoder's memory with the key of its own.
        handed_over: whether the decoder gets the encoder's memory. Without it, it is a language model of the same size:
            the control.
    """

    def __init__(
        self,
        vocabulary_size: int,
        embedding_size: int,
        hidden_size: int,
        copies: int = 8,
        share_key: bool = False,
        handed_over: bool = True,
    ) -> None:
        super().__init__()
        self.handed_over = handed_over
        config = AMRNNConfig(embedding_size, hidden_size, copies, share_key=share_key)
        self.embedding = nn.Embedding(vocabulary_size, embedding_size, padding_idx=PAD)
        self.encoder = AMRNN(config)
        self.decoder = DualAMRNN(config)
        self.predict = nn.Linear(hidden_size, vocabulary_size)

    def encode(
        self, words: Int[Tensor, "batch time"], mask: Bool[Tensor, "batch time"]
    ) -> tuple[Complex[Tensor, "batch copies d"], Complex[Tensor, "batch time d"]]:
        """Write a sentence.

        Args:
            words: [batch, time], padded with 0 on the right.
            mask: [batch, time], True at words.

        Returns:
            The memory [batch, copies, H/2], and the key of each step [batch, time, H/2].

        Raises:
            TypeError: the words are no whole numbers.
            ValueError: a word is none, or the mask is no mask of them.
        """
        check_words(self, words, "words", self.embedding.num_embeddings)
        if mask.dtype != torch.bool or mask.shape != words.shape:
            raise ValueError(
                f"DualAutoEncoder: expected a mask of booleans {tuple(words.shape)}, got {mask.dtype} "
                f"{tuple(mask.shape)}."
            )
        xs = self.embedding(words)
        state = self.encoder.initial_state(words.shape[0])
        keys = []
        for t in range(words.shape[1]):
            keys.append(self.encoder.key(xs[:, t], state.output)[:, 0])
            _, new = self.encoder(xs[:, t], state)
            state = select(mask[:, t], new, state)
        return state.memory, torch.stack(keys, 1)

    def forward(
        self, words: Int[Tensor, "batch time"], mask: Bool[Tensor, "batch time"]
    ) -> tuple[Float[Tensor, "batch time vocabulary"], Complex[Tensor, "batch time d"]]:
        """Write a sentence and predict it word by word from the memory and the true word before.

        Args:
            words: [batch, time], padded with 0 on the right.
            mask: [batch, time], True at words.

        Returns:
            Logits [batch, time, vocabulary], and the encoder's keys [batch, time, H/2].
        """
        memory, keys = self.encode(words, mask)
        memory = memory if self.handed_over else torch.zeros_like(memory)
        before = torch.cat([torch.full_like(words[:, :1], PAD), words[:, :-1]], 1)
        state, outputs = self.decoder.beside(memory), []
        for x in self.embedding(before).unbind(1):
            y, state = self.decoder(x, state)
            outputs.append(y)
        return self.predict(torch.stack(outputs, 1)), keys


def key_similarity(keys: Complex[Tensor, "batch time d"], mask: Bool[Tensor, "batch time"]) -> Float[Tensor, ""]:
    """Mean cosine between the keys of different steps of a sentence: 1 when all are one key, near 0 when independent.

    The cosine of two complex vectors is the real part of their inner product over their lengths.

    Args:
        keys: [batch, time, H/2].
        mask: [batch, time], True at words.

    Returns:
        One number. Sentences of a single word do not count.

    Raises:
        ValueError: no sentence has two words.
    """
    unit = keys / keys.abs().square().sum(-1, keepdim=True).sqrt().clamp(min=1e-8)
    cosine = (unit @ unit.mH).real
    pairs = mask.unsqueeze(1) & mask.unsqueeze(2) & ~torch.eye(mask.shape[1], dtype=torch.bool, device=mask.device)
    if not pairs.any():
        raise ValueError("key_similarity: expected at least one sentence of two words or more.")
    return cosine[pairs].mean()
