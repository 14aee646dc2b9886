"""What to look at after an error: by its words where they are known, else by its type."""

_BY_WORDS = (
    (
        "Boolean value of Tensor",
        "Python's `max`, `min`, `if`, `and` and `or` compare whole tensors, and a tensor of many entries is neither "
        "true nor false; `clamp` (or `torch.maximum`, `torch.where`) works entry by entry.",
    ),
    (
        "for complex types",
        "Complex numbers have no order: none is larger than another. Compare their moduli, `abs()`.",
    ),
    (
        "element tensors can be converted",
        "`int`, `float` and the functions of `math` take one number. Use torch's own, which work entry by entry.",
    ),
    (
        "not implemented for 'Bool'",
        "A comparison gives true and false; a product wants numbers. Make them with `.double()`.",
    ),
    (
        "out of bounds",
        "An index is too large: with n entries the last one has the number n - 1. Print the shapes just before that "
        "line, and the index.",
    ),
    ("dtype", "Print the dtypes just before that line: they must agree."),
)
_BY_TYPE: tuple[tuple[type[BaseException], str], ...] = (
    (NameError, "Look at the name in the message: it is misspelt, or nothing of that name was defined or imported."),
    (
        AttributeError,
        "Look at the name after the dot: it is misspelt, or this kind of object has nothing of that name.",
    ),
    (ImportError, "Nothing more is needed than torch and `memlib`. Look for a misspelt name in the import."),
    (
        TypeError,
        "Compare that line with the documentation of what it calls: how many arguments it takes, in which order, and "
        "of which kind.",
    ),
    (ZeroDivisionError, "For which inputs is the divisor 0, and what should come out for them?"),
    (OverflowError, "Which exponential or power on that line gets a large number?"),
    (TimeoutError, "A loop does not end. What if the condition that it waits for never comes true?"),
    (RecursionError, "The function calls itself again and again. Where does it stop?"),
    (SystemExit, "Return a result; do not leave Python."),
)


def hint_for(error: BaseException, tensors: bool) -> str:
    """What to do about an error that a student's function raised.

    Args:
        error: as it was caught.
        tensors: whether the function was given tensors, so that their shapes are worth a look.
    """
    named = isinstance(error, NameError | AttributeError | ImportError)
    if not named:
        for words, hint in _BY_WORDS:
            if words in str(error):
                return hint
    for kind, hint in _BY_TYPE:
        if isinstance(error, kind):
            return hint
    what = "shapes" if tensors else "numbers that go into it"
    return f"Print the {what} just before that line."
