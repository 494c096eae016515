"""When an article counts as taken down."""

from datetime import UTC, datetime, timedelta

import pytest

from archive.articles.deletions import CONFIRMED_AFTER, is_gone, is_missing
from archive.errors import Failure, Reason

NOW = datetime(2026, 2, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reason", "moved_to", "missing"),
    [
        (None, "", False),
        (Reason.GONE, "", True),
        (Reason.ERROR_PAGE, "", True),
        (Reason.HOME_PAGE, "http://bao.example/", True),
        (Reason.LISTING, "http://bao.example/thoi-su", True),
        (Reason.FOREIGN, "http://cho.example/mua", True),
        (Reason.LISTING, "", False),
        (Reason.TIMEOUT, "", False),
        (Reason.BLOCKED, "", False),
        (Reason.PAYWALLED, "", False),
    ],
)
def test_what_is_missing(reason, moved_to, missing):
    """An address that answers that nothing is there is missing; one that cannot be had, or read, is not."""
    assert missing == is_missing(Failure(reason) if reason else None, moved_to)


@pytest.mark.parametrize(
    ("missed_at", "gone"),
    [
        (None, False),
        (NOW, False),
        (NOW - CONFIRMED_AFTER + timedelta(seconds=1), False),
        (NOW - CONFIRMED_AFTER, True),
        (NOW - timedelta(days=30), True),
    ],
)
def test_what_is_gone(missed_at, gone):
    """The first miss makes nothing gone, and neither does a second one within hours."""
    assert gone == is_gone(missed_at, NOW)
