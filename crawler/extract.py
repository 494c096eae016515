"""Read one fetched page: bytes and an outlet's rules in, a dated record or the reason why there is none out."""

from __future__ import annotations

from datetime import datetime

from archive.errors import Failure
from archive.record import Record
from crawler.outlet import Outlet
from crawler.page import Page

READER = "1"  # changes whenever the same page may be read differently


def read_article(page: Page, outlet: Outlet, now: datetime) -> Record | Failure:
    """Read the article that a page holds.

    Args:
        page: What was fetched or found in a file; its candidate says what a source said of it.
        outlet: Whose page it is; without `reading` rules the generic reader alone reads it.
        now: The instant of reading, timezone-aware; an article from later than a day after it is refused.

    Returns:
        The record, or why the page is not an article that can be archived.
    """
    raise NotImplementedError
