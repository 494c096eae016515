"""Counting all matches of a query by day and outlet."""

from datetime import UTC, date, datetime
from itertools import count

import pytest

from archive.record import Document, Record, article_id
from archive.search import counting
from archive.search.counting import count_articles, count_matches, list_matches
from archive.search.day_outlet_index import extend_index, read_index
from archive.search.query import parse_query
from archive.store.writer import ArchiveWriter

NOW = datetime(2026, 2, 6, tzinfo=UTC)
TEXTS = [
    ("vntin", 3, "Kinh tế tăng trưởng."),
    ("vntin", 3, "Tế lễ ở làng, theo kinh sách."),
    ("vntin", 4, "Nền kinh tế và kinh tế xanh."),
    ("song", 4, "Trời mưa."),
    ("song", 5, "Kinh tế."),
]


@pytest.fixture
def archive(tmp_path):
    """An archive of five articles, of two outlets and three days."""
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        for number, (outlet, day, text) in enumerate(TEXTS):
            save(archive, outlet, date(2026, 2, day), text, f"bài {number}")
        yield archive


def save(archive, outlet, day, text, key):
    """Archive a document; a known key makes a new revision."""
    record = Record(id=article_id(outlet, key), outlet=outlet, url=None, document=Document(day, key, text))
    archive.save_document(record, NOW)


def counted(archive, query, index=None):
    """Return the number of matches by day and outlet."""
    expression = parse_query(query).as_phrases().expression()
    index = index or read_index(archive.db)
    found = count_matches(archive.db, expression, index, seconds=1, clock=lambda: 0.0)
    assert found.complete
    return dict(found.by(tuple))


def test_words_side_by_side_are_counted_as_one_phrase(archive):
    """An article counts once, and only if the two syllables are side by side."""
    expected = {("2026-02-03", "vntin"): 1, ("2026-02-04", "vntin"): 1, ("2026-02-05", "song"): 1}

    assert expected == counted(archive, "kinh tế") == counted(archive, "kinh te")


def test_and_counts_words_anywhere(archive):
    """With AND between them, both syllables may be anywhere in the article."""
    assert {("2026-02-03", "vntin"): 2, ("2026-02-04", "vntin"): 1, ("2026-02-05", "song"): 1} == counted(
        archive, "kinh AND tế"
    )


def test_all_articles_are_the_sum_of_the_cells(archive):
    """The totals count every article of each day and outlet."""
    totals = count_articles(read_index(archive.db)).by(lambda cell: cell.outlet or None)

    assert {"vntin": 3, "song": 2} == dict(totals)


def test_the_index_follows_articles_that_are_added_moved_and_deleted(archive):
    """An extended index has the same cells as a new one."""
    index = read_index(archive.db)
    save(archive, "song", date(2026, 2, 7), "Kinh tế biển.", "mới")
    with archive._transaction() as db:  # like an edit that corrects the day
        db.execute("UPDATE articles SET date = '2026-02-01', revision = 2 WHERE title = 'bài 3'")
        db.execute(
            "INSERT INTO revisions (article, revision, seen_at, change)"
            " SELECT id, 2, '2026-02-06', 'material' FROM articles WHERE title = 'bài 3'"
        )
    extended = extend_index(archive.db, index)
    assert counted(archive, "kinh tế", extended) == counted(archive, "kinh tế")
    assert {("2026-02-01", "song"): 1} == counted(archive, "mưa", extended)
    with archive._transaction() as db:
        db.execute("DELETE FROM revisions WHERE article = (SELECT id FROM articles WHERE title = 'mới')")
        db.execute("DELETE FROM sketches WHERE article = (SELECT number FROM articles WHERE title = 'mới')")
        db.execute("DELETE FROM articles WHERE title = 'mới'")
    after = extend_index(archive.db, extended)

    assert count_articles(after).by(tuple) == count_articles(read_index(archive.db)).by(tuple)
    assert extend_index(archive.db, after) is after


def test_a_count_that_runs_out_of_time_says_so(archive, monkeypatch):
    """The latest articles are counted, and the result says from which article on."""
    monkeypatch.setattr(counting, "_SLICE", 2)
    ticks = count()
    expression = parse_query("kinh tế").as_phrases().expression()
    found = count_matches(archive.db, expression, read_index(archive.db), seconds=0, clock=lambda: next(ticks))

    assert (False, 4, 1) == (found.complete, found.counted_from, sum(found.numbers))


def test_matches_are_listed_from_the_last_to_arrive(archive, monkeypatch):
    """Numbers come newest first, only for wanted days and outlets, and no more than requested."""
    monkeypatch.setattr(counting, "_FIRST_SLICE", 1)
    expression = parse_query("kinh tế").as_phrases().expression()
    index = read_index(archive.db)

    assert [5, 3, 1] == list_matches(archive.db, expression, index, lambda cell: True, 9)
    assert [3, 1] == list_matches(archive.db, expression, index, lambda cell: cell.outlet == "vntin", 9)
    assert [5] == list_matches(archive.db, expression, index, lambda cell: True, 1)
