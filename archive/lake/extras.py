"""Say what to install where a library of an extra is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from archive.errors import UsageError


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """Import libraries of an extra in the block.

    Args:
        extra: The extra of khobao that installs them.

    Raises:
        UsageError: One is not installed; the line says what to install.
    """
    try:
        yield
    except ImportError as error:
        name = (error.name or "a library").partition(".")[0]
        raise UsageError(f"the lake needs {name}; install it with: pip install 'khobao[{extra}]'") from None
