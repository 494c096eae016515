"""The table of reasons: what follows from each of them."""

from archive.errors import REASONS, Reason


def test_every_reason_has_a_row():
    """A new reason without a row in the table would have no severity, so the table must be complete."""
    assert set(Reason) == set(REASONS)


def test_a_host_that_cannot_be_reached_is_blamed_unless_the_network_is_down():
    """A reason that tells of a broken connection counts against the host, and is excused while we are offline."""
    offline = {reason for reason, traits in REASONS.items() if traits.means_no_connection}

    assert {Reason.UNREACHABLE, Reason.TIMEOUT} == offline
    assert all(REASONS[reason].blames_host and REASONS[reason].excused_offline for reason in offline)


def test_a_missing_page_is_sought_in_web_archives():
    """Whatever says that a page is not there lets a backfill look for it elsewhere."""
    missing = {reason for reason, traits in REASONS.items() if traits.page_missing}

    assert missing
    assert missing <= {reason for reason, traits in REASONS.items() if traits.try_web_archive}


def test_a_reason_is_read_without_underscores():
    """People read the words of a reason, not its spelling in the database."""
    assert "not an article" == Reason.NOT_AN_ARTICLE.label
