"""The texts of a host are counted without reading the whole ledger."""

from keeping import Crawl

from archive.store.writer import ArchiveWriter


def test_counting_a_text_uses_its_index(tmp_path):
    """Whether other addresses gave a text is looked up in an index, because each page of a crawl asks it."""
    asked = []
    with ArchiveWriter.create_or_open(tmp_path / "a.db") as archive:
        crawl = Crawl(archive, tmp_path / "captures")
        crawl.see("1")
        crawl.end()
        archive.db.conn.set_trace_callback(asked.append)
        assert 1 == archive.reader.count_articles_with_text("0123", "a", 3)
        archive.db.conn.set_trace_callback(None)
        (query,) = [line for line in asked if "text_digest" in line]
        plan = [row["detail"] for row in archive.reader.query(f"EXPLAIN QUERY PLAN {query}")]

    assert any("addresses_by_text" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan
