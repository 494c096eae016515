"""When an article counts as deleted."""

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
def test_a_missing_page_is_recognised(reason, moved_to, missing):
    """An address is missing if its server says so, but not if it cannot be fetched or read."""
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
def test_an_article_is_gone_after_two_missing_visits(missed_at, gone):
    """An article is gone only after it was missing at two visits that are hours apart."""
    assert gone == is_gone(missed_at, NOW)
