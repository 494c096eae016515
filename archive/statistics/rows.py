"""Define the function type by which statistics query the archive, so that they need no store."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

# Takes SQL and the values of its named parameters; returns rows by column name.
RunQuery = Callable[..., Iterable[dict[str, Any]]]
