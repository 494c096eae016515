"""A system clock that is set back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import LATER, NOW, PAGE, SITE, make_poll

from archive.ledger.model import HostFacts, StoredRobots
from archive.store.writer import ArchiveWriter

YEAR = timedelta(days=365)


@pytest.mark.parametrize("back", [timedelta(hours=-9), timedelta(), timedelta(minutes=59)])
def test_a_clock_that_goes_on_changes_nothing(archive: ArchiveWriter, back: timedelta) -> None:
    """Nothing is shifted if the clock goes on, is set back by less than an hour, or no run was alive yet."""
    archive.ledger.record_poll(make_poll(next_due_at=LATER))

    assert archive.ledger.shift_due_times(NOW) is None
    archive.runs.record_heartbeat(1, {}, NOW)
    assert archive.ledger.shift_due_times(NOW - back) is None
    assert LATER == archive.reader.sources("vntin")[0].next_due_at


def test_due_times_are_shifted_back(archive: ArchiveWriter) -> None:
    """Due times of sources, pages, hosts and robots.txt are shifted back with the clock."""
    then = NOW - YEAR
    archive.ledger.record_poll(make_poll(next_due_at=LATER))
    archive.ledger.claim_address(PAGE, NOW, LATER)
    archive.ledger.save_host(HostFacts("vntin.example", 1.0, NOW, resting_until=LATER))
    archive.ledger.save_robots(StoredRobots(SITE, 200, "", NOW, LATER))
    archive.runs.record_heartbeat(1, {}, NOW)

    assert YEAR == archive.ledger.shift_due_times(then)
    (host,), robots, page = archive.reader.hosts(), archive.reader.robots(SITE), archive.reader.address(PAGE)
    assert robots
    assert page
    soon = LATER - YEAR
    assert [soon] * 4 == [
        archive.reader.sources("vntin")[0].next_due_at,
        page.next_due_at,
        host.resting_until,
        robots.expires_at,
    ]
    assert archive.ledger.shift_due_times(then) is None
    assert set() == archive.reader.sources_not_due(soon)


def test_a_heartbeat_never_goes_back(archive: ArchiveWriter) -> None:
    """A heartbeat after the clock was set back does not hide that it was."""
    archive.runs.record_heartbeat(1, {}, NOW)
    archive.runs.record_heartbeat(1, {}, NOW - YEAR)

    assert YEAR == archive.ledger.shift_due_times(NOW - YEAR)
