"""A clock that is set back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from archives import LATER, NOW, PAGE, SITE, make_poll

from archive.ledger.model import HostFacts, RobotsKept
from archive.store.writer import Archive

YEAR = timedelta(days=365)


@pytest.mark.parametrize("back", [timedelta(hours=-9), timedelta(), timedelta(minutes=59)])
def test_a_clock_that_goes_on_changes_nothing(archive: Archive, back: timedelta) -> None:
    """Nor does one that is set right by less than an hour, or an archive in which nothing was alive yet."""
    archive.settle_source(make_poll(next_due_at=LATER))

    assert archive.set_back(NOW) is None
    archive.beat(1, {}, NOW)
    assert archive.set_back(NOW - back) is None
    assert LATER == archive.sources("vntin")[0].next_due_at


def test_what_was_due_later_is_due_by_as_much_sooner(archive: Archive) -> None:
    """Sources, pages, hosts that rest and rules that hold for a while: none waits for what is a year away now."""
    then = NOW - YEAR
    archive.settle_source(make_poll(next_due_at=LATER))
    archive.claim_address(PAGE, NOW, LATER)
    archive.save_host(HostFacts("vntin.example", 1.0, NOW, resting_until=LATER))
    archive.save_robots(RobotsKept(SITE, 200, "", NOW, LATER))
    archive.beat(1, {}, NOW)

    assert YEAR == archive.set_back(then)
    (host,), robots, page = archive.hosts(), archive.robots(SITE), archive.address(PAGE)
    assert robots
    assert page
    soon = LATER - YEAR
    assert [soon] * 4 == [
        archive.sources("vntin")[0].next_due_at,
        page.next_due_at,
        host.resting_until,
        robots.expires_at,
    ]
    assert archive.set_back(then) is None
    assert set() == archive.resting_sources(soon)


def test_a_sign_of_life_never_goes_back(archive: Archive) -> None:
    """One that is given after the clock was set back does not hide that it was."""
    archive.beat(1, {}, NOW)
    archive.beat(1, {}, NOW - YEAR)

    assert YEAR == archive.set_back(NOW - YEAR)
