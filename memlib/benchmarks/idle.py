"""Is this machine busy with something else? Times measured beside other work are worth nothing."""

import os

SHARE = 0.5


class Busy(RuntimeError):
    """The machine does something else; the message says what to do."""


def load() -> float | None:
    """The load average of the last minute; None where the system does not tell (Windows)."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return None


def busy(average: float | None, cores: int | None = None) -> bool:
    """Whether the load average is above half the cores; an unknown one is not."""
    return average is not None and average > SHARE * (cores or os.cpu_count() or 1)


def ask(average: float | None) -> None:
    """Refuse to measure on a busy machine.

    Raises:
        Busy: the load average is above half the cores.
    """
    if busy(average):
        raise Busy(
            f"this machine is busy: its load average is {average:.2f}, above {SHARE:g} times its {os.cpu_count()} "
            "cores. Times measured beside other work are worth nothing. Stop what runs, wait a minute or two (a "
            "benchmark that has just ended counts too), then run it again. With --anyway it is measured all the same, "
            "and the record says so."
        )
