"""What a text in a table says: the same text written otherwise, a number, a date; and when two answers are the same.

Why is this hard? Some texts and what becomes of them::

    normalise("“Café” (film) [2]")      'cafe'
    number("$1,250.50 million")         1250.5         number("4th, Western")     4
    date("October 4, 2016")             (2016, 10, 4)  date("Feb 2012")           (2012, 2, None)
    same("12,467", "12467")             True           same("4 October 2016", "2016-10-04")   True

An answer may hold several values in any order. It is right if there are as many, and each is found.

Source: pasupat2015, Sec. 5
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

KINDS = ("number", "date", "text")
# A column is of numbers or dates if at least this share of its filled cells is.
SHARE = 0.7
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
# How a text ends that may have to be shortened.
END = tuple(')]."*†‡#^')
PLAIN = str.maketrans(dict.fromkeys("‘’´", "'") | dict.fromkeys("“”", '"') | dict.fromkeys("‐‑‒–—−", "-"))
AMOUNT = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[-+]?\.\d+"
WHOLE = re.compile(rf"(?:{AMOUNT})")
LEADING = re.compile(rf"[^\w+.-]*({AMOUNT})")
MONTH = rf"({'|'.join(name[:3] for name in MONTHS)})[a-z]*\.?"
DATES = (
    (re.compile(r"(\d{3,4})-(\d\d?)-(\d\d?)"), "ymd"),
    (re.compile(rf"(\d\d?)(?:st|nd|rd|th)? {MONTH},? (\d{{4}})"), "dmy"),
    (re.compile(rf"{MONTH} (\d\d?)(?:st|nd|rd|th)?,? (\d{{4}})"), "mdy"),
    (re.compile(rf"{MONTH},? (\d{{4}})"), "my"),
    (re.compile(rf"(\d\d?)(?:st|nd|rd|th)? {MONTH}"), "dm"),
    (re.compile(rf"{MONTH} (\d\d?)(?:st|nd|rd|th)?"), "md"),
)

Date = tuple[int | None, int | None, int | None]


@lru_cache(maxsize=1 << 17)
def normalise(text: str) -> str:
    """The text without accents, case, quotes around it, references and remarks in brackets at its end, and a last dot.

    A text that would vanish, such as ``(a)``, keeps its brackets.

    Args:
        text: of a cell or an answer.
    """
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.translate(PLAIN))
        text = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    kept = " ".join(text.replace("`", "'").split())
    while kept[-1:] in END:
        before = kept
        for pattern in (r"\s*\[[^\]]*\]$", r"\s*[*†‡#^]+$", r"\s*\([^()]*\)$", r"\.$"):
            shorter = re.sub(pattern, "", kept)
            kept = shorter or kept
        if len(kept) > 2 and kept[0] == kept[-1] == '"' and '"' not in kept[1:-1]:
            kept = kept[1:-1]
        if kept == before:
            break
    return kept.lower().strip()


@lru_cache(maxsize=1 << 17)
def exact_number(text: str) -> float | None:
    """The number that the whole text is, thousands apart by commas or not; None where it is more than that."""
    plain = normalise(text).replace(" ", "")
    return float(plain.replace(",", "")) if WHOLE.fullmatch(plain) else None


@lru_cache(maxsize=1 << 17)
def number(text: str) -> float | None:
    """The number that a text begins with, after signs such as $, whatever follows; None where there is none."""
    found = LEADING.match(normalise(text))
    return float(found.group(1).replace(",", "")) if found else None


@lru_cache(maxsize=1 << 17)
def date(text: str) -> Date | None:
    """Year, month and day, those that are told; at least a month must be, since a year alone is a number.

    Args:
        text: such as ``2016-10-04``, ``4 October 2016``, ``Oct 4, 2016``, ``October 2016`` or ``4 October``.
    """
    plain = normalise(text)
    for pattern, order in DATES:
        if (found := pattern.fullmatch(plain)) is None:
            continue
        told: dict[str, int | None] = dict.fromkeys("ymd")
        for letter, group in zip(order, found.groups(), strict=True):
            told[letter] = _month(group) if letter == "m" and not group.isdigit() else int(group)
        if 1 <= (told["m"] or 0) <= 12 and 1 <= (told["d"] or 1) <= 31:
            return told["y"], told["m"], told["d"]
    return None


def _month(name: str) -> int:
    return next(place for place, month in enumerate(MONTHS, start=1) if month.startswith(name[:3]))


def on_a_line(when: Date) -> float:
    """A date as a number that grows with time: years, months as twelfths, days as parts of these. No year counts 0."""
    year, month, day = when
    return (year or 0) + ((month or 1) - 1) / 12 + ((day or 1) - 1) / 372


def kind(texts: Sequence[str]) -> str:
    """Of a column: "date" or "number" if most of its filled cells are, else "text".

    Args:
        texts: of its cells.
    """
    filled = [text for text in texts if normalise(text)]
    for name, reads in (("date", date), ("number", number)):
        if filled and sum(reads(text) is not None for text in filled) >= SHARE * len(filled):
            return name
    return "text"


def derived(texts: Sequence[str]) -> tuple[str, list[float | None]]:
    """A column's kind and its cells' numbers: of dates as `on_a_line` gives them; None where a cell has none.

    Args:
        texts: of its cells.
    """
    found = kind(texts)
    if found == "date":
        return found, [None if (when := date(text)) is None else on_a_line(when) for text in texts]
    return found, [number(text) if found == "number" else None for text in texts]


def same(one: str, other: str) -> bool:
    """Whether two values are the same: as normalised texts, as numbers, or as dates.

    Args:
        one: a value.
        other: a value.
    """
    if normalise(one) == normalise(other):
        return True
    numbers = exact_number(one), exact_number(other)
    if numbers[0] is not None and numbers[1] is not None:
        return abs(numbers[0] - numbers[1]) < 1e-6
    when = date(one)
    return when is not None and when == date(other)


def right(predicted: Sequence[str], target: Sequence[str]) -> bool:
    """Whether an answer is right: as many different values, each of the target's found.

    Args:
        predicted: values, in any order; one that comes twice counts once.
        target: the values asked for.
    """
    left = list(dict.fromkeys(map(normalise, predicted)))
    wanted = list(dict.fromkeys(map(normalise, target)))
    given = [next(text for text in predicted if normalise(text) == plain) for plain in left]
    asked = [next(text for text in target if normalise(text) == plain) for plain in wanted]
    return len(given) == len(asked) and all(any(same(one, other) for other in given) for one in asked)
