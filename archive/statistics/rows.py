"""How statistics read the archive: a function that runs a query, so that they need no store."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

# Takes SQL and the values of its named parameters; gives rows by the names of their columns.
RunQuery = Callable[..., Iterable[dict[str, Any]]]
