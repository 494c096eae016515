"""Converting values to rows and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from factories import LATER, NOW, make_poll, make_record
from hypothesis import given
from hypothesis import strategies as st

from archive.articles.rows import record_row, row_record
from archive.database.values import format_instant, parse_instant, storable
from archive.errors import Failure, Reason
from archive.ledger.rows import failure_row, poll_row
from archive.store.writer import ArchiveWriter

zones = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))
moments = st.datetimes(timezones=zones).filter(lambda at: 1950 <= at.year <= 2200)


@pytest.mark.slow
@given(moments, moments)
def test_instants_sort_as_text(one: datetime, other: datetime) -> None:
    """Stored instants sort by time to the millisecond, and read back as the same instants."""
    first, second = str(format_instant(one)), str(format_instant(other))

    assert (first < second) == (_cut(one) < _cut(other))
    assert _cut(one) == parse_instant(first)
    assert len("2026-02-04T12:25:00.000Z") == len(first)


def _cut(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


def test_no_instant_is_none() -> None:
    """A missing instant stays missing; an instant without a timezone is an error."""
    assert (None, None, None) == (format_instant(None), parse_instant(None), parse_instant(""))
    with pytest.raises(ValueError, match="an instant without a timezone: 2026-02-04 00:00:00"):
        format_instant(datetime(2026, 2, 4))  # noqa: DTZ001 - that is the mistake


def test_a_record_is_the_same_after_the_database(archive: ArchiveWriter) -> None:
    """Every field, set or empty, reads back from the database."""
    full = make_record()
    empty = make_record("200", url=None, standfirst="", captions=(), byline=(), tags=(), published_at=None, text="")
    for record in (full, empty):
        archive.save_document(record, NOW)

    assert {full.id: full, empty.id: empty} == {record.id: record for record in archive.reader.records()}


def test_a_row_has_each_column_once(archive: ArchiveWriter) -> None:
    """All columns that a record fills exist in the table, and convert back to the record."""
    row = record_row(make_record())
    columns = {told["name"] for told in archive.reader.query("PRAGMA table_xinfo(articles)")}

    assert set() == row.keys() - columns
    assert make_record() == row_record(row)


def test_half_a_surrogate_pair_is_storable() -> None:
    """A lone surrogate is stored as the replacement character; other text is unchanged."""
    assert {"a": "\ufffd", "b": 1, "c": None, "d": "đ"} == storable({"a": "\ud800", "b": 1, "c": None, "d": "đ"})


def test_a_failure_fills_reason_and_detail() -> None:
    """Both columns are empty if nothing failed."""
    assert {"reason": "gone", "detail": "404"} == failure_row(Failure(Reason.GONE, "404"))
    assert {"reason": "", "detail": ""} == failure_row(None)
    assert ("gone: 404", "gone") == (str(Failure(Reason.GONE, "404")), str(Failure(Reason.GONE)))


def test_a_poll_fills_its_columns() -> None:
    """A poll stores instants as text, and its failure as the reason."""
    row = poll_row(make_poll(failure=Failure(Reason.TIMEOUT, "10 s")))

    assert ("timeout", "10 s", format_instant(NOW), format_instant(LATER)) == (
        row["reason"],
        row["detail"],
        row["polled_at"],
        row["next_due_at"],
    )
