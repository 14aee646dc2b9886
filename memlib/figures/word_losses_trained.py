"""The figure of losses word by word with the two trained language models, where their weights are at hand."""

import json

import torch

from memlib.experiments.language_runs import model_of, word_losses
from memlib.figures.word_losses import WordLossesWidget
from memlib.ledger.pretrained import Pretrained, WeightsError, pretrained
from memlib.models.language_model import LanguageModel
from memlib.tasks import recurring_names
from memlib.tasks.language import EOS

SIDES = {"lstm": "LSTM", "fwm": "FWM"}
# The test text's seed, as `recurring_names.text` has it, and how much of it is read before the passage begins.
_SEED, _READ, _STORIES = 2, 400, 2


def trained(**start: int | str) -> WordLossesWidget:
    """Two stories of the test text under the LSTM and the FWM of the records.

    Both read 400 words before, with their states carried along.

    Args:
        start: ``word`` and ``shade``, as in `WordLossesWidget`.

    Raises:
        WeightsError: the weights of one of them are not at hand, with the command that trains them; or the two do not
            belong together.
        RecordError: a record is broken or contradicts its experiment.
    """
    found = {side: pretrained(f"recurring-names/{side}") for side in SIDES}
    vocabularies = {one.metadata.get("vocabulary", "") for one in found.values()}
    sizes = {one.record["settings"]["names"] for one in found.values()}
    if len(vocabularies | {""}) != 2 or len(sizes) > 1:
        raise WeightsError(
            "the weights of recurring-names/lstm and recurring-names/fwm do not know the same words: train both with "
            "the same profile: memlib run recurring-names/fwm --profile full --fresh --keep-weights"
        )
    vocabulary = json.loads(vocabularies.pop() or vocabularies.pop())
    told = recurring_names.tell(4 * _READ, _SEED, recurring_names.names(sizes.pop()))
    number = {word: i for i, word in enumerate(vocabulary)}
    ids = torch.tensor([[number[word] for word in told.words]])
    ends = [i + 1 for i in range(1, len(told.words)) if told.words[i - 1] == told.words[i] == EOS and i > _READ]
    part = slice(ends[0], ends[_STORIES] - 1)
    losses = [word_losses(_model(one, len(vocabulary)), ids)[0] for one in found.values()]
    # The first word of a text has no loss.
    left, right = (torch.cat([one.new_zeros(1), one])[part] for one in losses)
    updates = {f"{one.record['budget']['updates']:,}" for one in found.values()}
    return WordLossesWidget.from_losses(
        told.words[part],
        left,
        right,
        torch.tensor(told.marks[part]),
        names=(SIDES["lstm"], SIDES["fwm"]),
        about=f"The two models are those of the records {' and '.join(one.record['name'] for one in found.values())}: "
        f"an LSTM with a plain layer, and one with a Fast Weight Memory of equal size, after {' and '.join(updates)} "
        "updates. The passage is from the generated test text.",
        **start,
    )


def _model(found: Pretrained, vocabulary: int) -> LanguageModel:
    model = model_of(found.record["settings"], vocabulary)
    model.load_state_dict(found.weights)
    return model.eval()
