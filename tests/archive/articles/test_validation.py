"""Imported records and rows are accepted only if they are valid."""

from datetime import UTC, date, datetime

import pytest
from factories import make_record
from hypothesis import given
from hypothesis import strategies as st

from archive.articles.validation import record_problem, row_problem
from archive.store.writer import ArchiveWriter


def test_a_sound_record_is_accepted():
    """A valid record has no problem, with or without an address."""
    assert "" == record_problem(make_record())
    assert "" == record_problem(make_record(url=None))


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"id": "xyz"}, "16 hex digits"),
        ({"outlet": "a b"}, "without blanks"),
        ({"outlet": ""}, "without blanks"),
        ({"url": "javascript:alert(1)"}, "it should be like"),
        ({"url": "https://a.vn/" + "a" * 3000}, "3013 characters"),
        ({"day": date(1, 1, 1)}, "the date is 0001-01-01"),
        ({"day": date(9999, 12, 31)}, "the date is 9999-12-31"),
        ({"published_at": datetime(9999, 12, 31, 23, 59, tzinfo=UTC)}, "published_at: the date is 9999-12-31"),
        ({"modified_at": datetime(2026, 1, 1)}, "modified_at: 2026-01-01T00:00:00 has no offset"),  # noqa: DTZ001
    ],
)
def test_an_unsound_record_is_refused_with_a_reason(facts, problem):
    """Each fault is named, with what would be right."""
    assert problem in record_problem(make_record(**facts))


@given(
    st.dictionaries(
        st.sampled_from(
            ["byline", "date", "first_seen_at", "published_at", "title", "words", "noarchive", "url", "kind"]
        ),
        st.one_of(
            st.none(), st.text(), st.integers(), st.binary(), st.floats(), st.sampled_from(["[[]]", "[1]", "{}"])
        ),
    )
)
def test_no_value_of_a_stranger_breaks_the_check(values):
    """The check returns text for any row, and every row that passes becomes a record that can be archived."""
    from archive.articles.rows import record_row, row_record

    row = record_row(make_record()) | {"first_seen_at": "2026-02-04T12:25:00.000Z"}
    types = {name: ("INTEGER" if isinstance(value, int) else "TEXT", value is None) for name, value in row.items()}

    if not row_problem("articles", row | values, types):
        assert "" == record_problem(row_record(row | values))


@pytest.mark.parametrize("day", [date(1600, 1, 1), date(2199, 12, 31)])
def test_the_first_and_the_last_day_can_be_archived(tmp_path, day):
    """Articles of the first and the last accepted day can be grouped, searched and shown."""
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        assert "new" == archive.save_document(make_record(day=day), datetime(2026, 2, 4, tzinfo=UTC))
        assert [day] == [record.document.date for record in archive.reader.records()]
