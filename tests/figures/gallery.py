"""Every figure that lives on the page, in the states that fill it most; test_gallery_in_browser.py looks at them all.

A new figure gets these checks by its lines here.
"""

from collections.abc import Callable

import torch

from memlib.figures import (
    AddressingWidget,
    AlignmentWidget,
    AllocationWidget,
    ChainedReadsWidget,
    CrosstalkWidget,
    DualMemoryWidget,
    ForkWidget,
    HaltingWidget,
    HolographicWidget,
    NavigationWidget,
    NoticingWidget,
    OverwriteWidget,
    ProgramsWidget,
    StoryWidget,
    TapeWidget,
    WordLossesWidget,
)
from memlib.figures.base import Interactive
from memlib.models.pair_classifier import build
from tests.figures.test_chained_reads import model_of, words_of
from tests.figures.test_hops import figure as hops
from tests.figures.test_tape import tapes
from tests.figures.test_two_memories import figure as two_memories

PREMISE = "Two children in red coats are playing with a large dog in the snow"
HYPOTHESIS = "The grandchildren are sleeping indoors today"
GAME = [0, 1, 2, 0, 2, 1, 1, 0, 2, 1, 0, 2, 2, 1, 0] * 2

SPREAD = [
    *[("write", 0.3 + 0.05 * i) for i in range(12)],
    ("look", 2),
    ("free", 0),
    ("forward", 0.5),
    ("backward", 0.3),
]


def long_pair() -> DualMemoryWidget:
    """A model's figure with sentences as long as real ones."""
    torch.manual_seed(2)
    model = build("dual-am-gru-shared", 40, 80)
    return DualMemoryWidget.from_model(model, PREMISE.split(), HYPOTHESIS.split(), range(1, 15), range(15, 21), step=17)


def small_model(read: int = 0) -> ChainedReadsWidget:
    """The reads of a small model."""
    words = words_of()
    return ChainedReadsWidget.from_model(model_of(len(words)), words, read=read)


FIGURES: dict[str, Callable[[], Interactive]] = {
    "addressing": AddressingWidget,
    "addressing-blurred": lambda: AddressingWidget(likeness=0.3, strength=1.0, gate=0.5, move=-0.5),
    "alignment": AlignmentWidget,
    "alignment-hidden": lambda: AlignmentWidget(sentence=1, word=3, hidden=[2, 6], temperature=4.0),
    "allocation": AllocationWidget,
    "allocation-spread": lambda: AllocationWidget(actions=SPREAD, gate=0.7, slot=7, share=0.5),
    "crosstalk": lambda: CrosstalkWidget(stored=5),
    "holographic": lambda: HolographicWidget(items=4, copies=2, asked=2),
    "story": lambda: StoryWidget(step=5, person="John"),
    "dual-memory": lambda: DualMemoryWidget(step=12),
    "dual-memory-long": long_pair,
    "halting": HaltingWidget,
    "halting-chances": lambda: HaltingWidget(chances=[0.05, 0.15, 0.0, 0.25, 0.1, 0.3], rule="chance"),
    "hops": hops,
    "hops-out": lambda: hops(story=1, out=2),
    "overwrite": OverwriteWidget,
    "overwrite-grown": lambda: OverwriteWidget(times=9, strength=2.5, alike=0.3),
    "overwrite-alike": lambda: OverwriteWidget(times=7, strength=2.5, length=1.5, alike=0.9),
    "programs": ProgramsWidget,
    "programs-spread": lambda: ProgramsWidget(greater=3, lesser=2, both=3, either=1, column=4, pivot=6),
    "chained-reads": ChainedReadsWidget,
    "chained-reads-done": lambda: small_model(3),
    "fork": ForkWidget,
    "fork-drawn": lambda: ForkWidget(draws=111, baseline=-4.0),
    "navigation": NavigationWidget,
    "navigation-played": lambda: NavigationWidget(actions=GAME),
    "noticing": NoticingWidget,
    "noticing-turned": lambda: NoticingWidget(presses=[1, 7, 9, 22, 14, 1]),
    "tape": lambda: TapeWidget(tapes(), step=3),
    "tape-answering": lambda: TapeWidget(tapes(), tape=1, step=40),
    "two-memories": two_memories,
    "two-memories-asked": lambda: two_memories(queries=4, road=1, step=5, show="new"),
    "word-losses": WordLossesWidget,
    "word-losses-chosen": lambda: WordLossesWidget(word=30),
}
