"""The archive tells how the newest pages of an outlet were read."""

from datetime import timedelta

from keeping import START, Crawl, id_of

from archive.statistics.reading_history import newest_readings
from archive.store.writer import ArchiveWriter

BY_RULES = {"rules": "today", "reader": "1 trafilatura-2.3.1 rules-5f3a9c1b"}


def test_each_page_is_told_with_its_parts(tmp_path):
    """A headline that no rule found, a text that no rule found, and a missing byline are told apart."""
    with ArchiveWriter.create_or_open(tmp_path / "a.db") as archive:
        crawl = Crawl(archive, tmp_path / "captures")
        crawl.see("1", "Một.", byline=("Minh Khôi",), **BY_RULES)
        crawl.see("2", "Hai.", byline=("Minh Khôi",), doubts=("title: no rule of the outlet found it",), **BY_RULES)
        crawl.see("3", "Ba.", byline=(), doubts=("date: weak",), **BY_RULES | {"rules": "generic"})
        crawl.end()
        read = newest_readings(archive.reader, "bao", crawl.now)

    assert [id_of(key) for key in "123"] == [page.article for page in read]
    assert [True, False, True] == [page.title for page in read]
    assert [True, True, False] == [page.text for page in read]
    assert [True, True, False] == [page.byline for page in read]


def test_articles_before_a_healing_count_as_read_by_rules(tmp_path):
    """What was read before new rules came into force says nothing about these rules."""
    with ArchiveWriter.create_or_open(tmp_path / "a.db") as archive:
        crawl = Crawl(archive, tmp_path / "captures")
        crawl.see("1", "Một.", doubts=("title: no rule of the outlet found it",), **BY_RULES)
        healing = archive.runs.begin_run("heal", {}, crawl.now)
        archive.runs.end_run(healing, "done", {"bao": {"state": "in force"}}, crawl.now + timedelta(minutes=1))
        crawl.see("2", "Hai.", doubts=("title: no rule of the outlet found it",), **BY_RULES)
        crawl.end()
        read = newest_readings(archive.reader, "bao", START + timedelta(days=1))

    assert [True, False] == [page.title for page in read]
