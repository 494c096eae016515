"""A backfill request, and how the ledger stores it."""

from datetime import date

import pytest
from factories import NOW

from archive.ledger.backfill_model import BackfillRun
from schedules.backfill.model import BackfillRequest
from schedules.timing.date_range import DateRange

DATES = DateRange(date(2024, 1, 10), date(2024, 1, 12))
REQUESTS = [
    BackfillRequest(("bao", "tin"), DATES),
    BackfillRequest(("bao",), DATES, wayback=True),
    BackfillRequest(("bao",), DateRange(), urls="/tin/urls.txt"),
    BackfillRequest(("bao",), DATES, "audit", pages=False),
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_is_read_back_from_the_ledger(request_):
    """The arguments of a run give the same request again, open ends included."""
    run = BackfillRun(1, request_.kind, "stopped", False, NOW, None, request_.arguments())

    assert request_ == BackfillRequest.from_run(run)


def test_requests_of_older_archives_have_open_ends():
    """The days that khobao 0.1 wrote for open ends are read as open ends."""
    arguments = {"outlets": ["bao"], "since": "1970-01-01", "until": "2999-12-31", "urls": "/tin/urls.txt"}

    assert REQUESTS[2] == BackfillRequest.from_run(BackfillRun(1, "backfill", "stopped", False, NOW, None, arguments))
