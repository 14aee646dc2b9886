"""A solver of tasks 1 and 2 that shares nothing with memlib: it looks at the words alone."""

WALKS = {"moved", "went", "journeyed", "travelled"}
GETS = {"got", "took", "grabbed", "picked"}


def solve(sentences: list[str], question: str) -> str | None:
    at: dict[str, str | None] = {}
    held_by: dict[str, str] = {}
    for sentence in sentences:
        who, verb, *rest = sentence.rstrip(".").split()
        if verb in WALKS:
            at[who] = rest[-1]
            continue
        thing = next(word for word in reversed(rest) if word != "there")
        if verb in GETS:
            held_by[thing] = who
        else:
            assert held_by.pop(thing) == who
            at[thing] = at.get(who)
    name = question.rstrip("?").split()[-1]
    return at.get(held_by.get(name, name))
