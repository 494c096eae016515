"""Name the extra to install if one of its libraries is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from archive.errors import MissingExtra


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """Turn a failed import in the block into an error that says what to install.

    Args:
        extra: The extra of khobao that installs the libraries.

    Raises:
        MissingExtra: A library is not installed.
    """
    try:
        yield
    except ImportError as error:
        name = (error.name or "a library").partition(".")[0]
        raise MissingExtra(f"{name} is not installed", extra) from None
