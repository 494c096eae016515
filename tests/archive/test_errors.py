"""The table of reasons and their consequences."""

from archive.errors import REASONS, Reason, one_line


def test_every_reason_has_a_row():
    """Every reason has a row in the table; without a row it would have no severity."""
    assert set(Reason) == set(REASONS)


def test_a_host_that_cannot_be_reached_is_blamed_unless_the_network_is_down():
    """A reason for a broken connection counts against the host, except while the local network is down."""
    offline = {reason for reason, traits in REASONS.items() if traits.means_no_connection}

    assert {Reason.UNREACHABLE, Reason.TIMEOUT} == offline
    assert all(REASONS[reason].blames_host and REASONS[reason].excused_offline for reason in offline)


def test_a_missing_page_is_sought_in_web_archives():
    """A backfill looks up every missing page in a web archive."""
    missing = {reason for reason, traits in REASONS.items() if traits.page_missing}

    assert missing
    assert missing <= {reason for reason, traits in REASONS.items() if traits.try_web_archive}


def test_a_reason_is_shown_without_underscores():
    """People see the words of a reason, not its form in the database."""
    assert "not an article" == Reason.NOT_AN_ARTICLE.label


def test_an_error_is_told_in_one_line() -> None:
    """Line ends become blanks, a long message is cut, and an empty one gives way to the name of its class."""
    assert one_line(ValueError("a\n  b")) == "a b"
    assert one_line(ValueError("abc"), 2) == "ab"
    assert one_line(TimeoutError()) == "TimeoutError"
