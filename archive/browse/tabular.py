"""Define tables that a page shows and offers as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet runs a cell that begins with one of these


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with named columns.

    Attributes:
        columns: Plain English names, the same in every language.
        rows: Rows with one value for each column.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]

    def csv(self) -> str:
        """Return the table as CSV (RFC 4180); texts that a spreadsheet would run are made harmless."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(self.columns)
        writer.writerows([_harmless(value) for value in row] for row in self.rows)
        return out.getvalue()


def _harmless(value: Any) -> Any:
    """Put an apostrophe before a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
