"""What can go wrong with a data set, in one class; and the extras that an import may need."""

from importlib import import_module
from typing import Any


class DataError(RuntimeError):
    """A data set could not be found, fetched, verified or unpacked. The message says what to do."""


def need(module: str, extra: str) -> Any:
    """Import an optional module, or name the extra that brings it.

    Args:
        module: the module's name, for example ``pooch``.
        extra: the extra of memlib that installs it, for example ``data``.

    Raises:
        DataError: the module is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise DataError(
            f"{module} is not installed. It comes with the extra '{extra}': pip install 'memlib[{extra}]'"
        ) from error
