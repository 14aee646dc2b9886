"""Variants of catbAbI's stories: split into one question each, or without a person at a certain place.

Both serve claims that the paper makes and leaves untested.

Source: schlag2021, Sec. 1; schlag2021, App. C
"""

from collections.abc import Callable, Iterable, Iterator

from memlib.tasks.catbabi import ASK, Sample, Samples


def sentences(words: list[str]) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends: a statement with its full stop, a question with its answer."""
    begin = 0
    for place, word in enumerate(words):
        end = place + 1 if word == "." else place + 2 if word == ASK else None
        if end is not None:
            yield begin, end
            begin = end


def split(samples: Samples) -> Samples:
    """One story for each question: the statements above it, and the question; the other questions left out.

    That is how others prepare bAbI; stories without a question are gone.

    Source: schlag2021, App. C
    """
    found: list[Sample] = []
    for task, words in samples:
        told: list[str] = []
        for begin, end in sentences(words):
            sentence = words[begin:end]
            if ASK in sentence:
                found.append((task, told + sentence))
            else:
                told += sentence
    return Samples(found, f"{samples.source}, one question a story", samples.simulated)


def composed(pair: Iterable[str]) -> Callable[[list[str]], list[int]]:
    """From a story's words to the question marks of those questions that, with their answers, hold all of some words.

    Args:
        pair: the words, such as a person and a place.
    """
    wanted = set(pair)

    def places(words: list[str]) -> list[int]:
        return [end - 2 for begin, end in sentences(words) if words[end - 2] == ASK and wanted <= {*words[begin:end]}]

    return places


def without(samples: Samples, pair: Iterable[str]) -> Samples:
    """Only the stories of which no sentence holds all of these words: this composition is never seen.

    Args:
        samples: the stories.
        pair: the words, such as a person and a place.

    Source: schlag2021, Sec. 1
    """
    wanted = set(pair)
    kept = (
        (task, words)
        for task, words in samples
        if not any(wanted <= {*words[begin:end]} for begin, end in sentences(words))
    )
    return Samples(kept, f"{samples.source}, without {' and '.join(sorted(wanted))} in a sentence", samples.simulated)
