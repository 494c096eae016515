"""The background is the sum of its weeks, whenever and however often they are counted."""

from datetime import date, timedelta

import pytest
from factories import NOW, make_plain_record

from archive.terms.background import read_frequencies, read_totals
from archive.terms.counting import count_terms

MONDAY = date(2026, 2, 2)


@pytest.fixture
def add(archive):
    """Archive articles of a week."""

    def keep(key, text, day=MONDAY):
        archive.save_document(make_plain_record(key, title="Tin", text=text, day=day), NOW)

    return keep


def count(archive, most=100):
    """Count the weeks that need it, as the service does."""
    weeks = archive.terms.weeks_to_count(most)
    for week in weeks:
        texts = [text for chunk in archive.terms.sampled_texts(week) for text in chunk]
        archive.terms.save_week_counts(week, count_terms(texts))
    return [week.week for week in weeks]


def terms(archive):
    """Everything that is counted."""
    return archive.db.execute("SELECT term, occurrences, articles FROM terms ORDER BY term").fetchall()


def test_a_week_that_has_grown_is_counted_again_and_no_other(archive, add):
    """Counts stay right when articles are added, and an unchanged week is not read again."""
    for key in range(4):
        add(f"{key}", "giá vàng", MONDAY + timedelta(days=key * 2))

    assert [MONDAY] == count(archive)
    assert [] == count(archive)
    add("9", "giá vàng")
    assert [MONDAY] == count(archive)

    found = read_frequencies(archive.db, ["giá vàng"])
    assert (5, 5, 5) == (*vars_of(found["giá vàng"]), read_totals(archive.db).sampled)


def vars_of(frequency):
    """Both numbers of a frequency."""
    return frequency.occurrences, frequency.articles


def test_the_order_in_which_weeks_are_counted_does_not_matter(archive, add):
    """Weeks counted one at a time give the same background as all at once; old and new ones are all reached."""
    for key in range(12):
        add(f"{key}", "mưa lớn ở Huế", MONDAY - timedelta(weeks=key // 2))
    while count(archive, 1):
        pass
    one_by_one = terms(archive)
    archive.db.execute("DELETE FROM weeks")
    archive.db.execute("DELETE FROM terms")
    archive.db.execute("DELETE FROM terms_by_week")

    assert 6 == len(count(archive))
    assert one_by_one == terms(archive)
    assert ("mưa lớn", 12, 12) in one_by_one


def test_copies_do_not_count(archive, add):
    """A text that another outlet printed again is counted once."""
    text = "\n\n".join(f"Đoạn {n} nói rằng nước lên nhanh trên sông và dân đã sơ tán kịp thời." for n in range(12))
    archive.save_document(make_plain_record("1", title="Lũ lên nhanh trên sông", text=text, day=MONDAY), NOW)
    archive.save_document(make_plain_record("1", "song", title="Lũ lên nhanh trên sông", text=text, day=MONDAY), NOW)
    assert 1 == archive.db.execute("SELECT count(*) FROM copies").fetchone()[0]
    week = archive.terms.weeks_to_count(1)[0]

    assert 1 == sum(map(len, archive.terms.sampled_texts(week)))


def test_what_rises_is_found(archive, add):
    """A word of this week alone rises; a word of every week does not."""
    for week in range(4):
        for key in range(30):
            add(f"{week}{key:02}", "giá vàng" + (" rồi vỡ đê" if week == 0 else ""), MONDAY - timedelta(weeks=week))
    count(archive)

    found = [term.term for term in archive.reader.rising_terms().terms]

    assert "vỡ đê" in found
    assert "giá vàng" not in found


def test_what_is_typical_of_a_query_is_found(archive, add):
    """Words that stand in the articles of a query and hardly elsewhere are typical of it."""
    for key in range(100):
        add(f"{key}", "giá vàng tăng mạnh ở chợ" if key % 5 == 0 else "đội bóng thắng trận đầu")
    count(archive)

    found = archive.reader.typical_terms("giá vàng")

    assert (20, 100) == (found.sampled, found.compared_with)
    assert "tăng mạnh" in [term.term for term in found.terms]
    assert not {"giá vàng", "đội bóng"} & {term.term for term in found.terms}
