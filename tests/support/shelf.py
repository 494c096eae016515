"""An archive with data of every kind, for tests that read archives."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from factories import make_plain_record, make_visit

from archive.ledger.backfill_model import Coverage
from archive.ledger.model import OutletFacts
from archive.record import ArticleLink, Candidate, CaptureRef, Record, StoredCapture
from archive.search.watches import Watch
from archive.store.writer import ArchiveWriter
from archive.terms.counting import count_terms

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
NOON = datetime(2026, 2, 4, 5, tzinfo=UTC)


def record(key: str, outlet: str = "vntin", **facts) -> Record:
    """Build a record of 4 February 2026, with these facts."""
    day = facts.pop("date", date(2026, 2, 4))
    given = {
        "title": f"Tin số {key}",
        "text": "Đoạn một ở Đà Nẵng.\n\nĐoạn hai.",
        "day": day,
        "url": f"https://{outlet}.example/tin-{key}.html",
        "published_at": datetime(day.year, day.month, day.day, 1, tzinfo=UTC),
        "date_source": "meta",
        "date_raw": f"{day}T08:00:00+07:00",
        "section": "Thời sự",
        "byline": ("Ngọc Ánh",),
    } | facts
    return make_plain_record(key, outlet, **given)


def keep(archive: ArchiveWriter, kept: Record, now: datetime = NOON, capture: CaptureRef | None = None) -> str:
    """Archive a record as if its page had just been fetched; return its id."""
    assert kept.url is not None
    archive.ledger.discover(kept.outlet, "", [ArticleLink(kept.url, kept.id, Candidate(kept.url))], now)
    visit = make_visit(kept.url, asked_at=now, answered_at=now)
    archive.save_record(kept, visit, StoredCapture(capture, now) if capture else None)
    return kept.id


def fill(path: Path) -> None:
    """Make an archive: two outlets, two days, an edited article, a hostile one, one marked noarchive."""
    with ArchiveWriter.create_or_open(path) as archive:
        archive.runs.begin_run("crawl", {}, NOON)
        archive.runs.declare([OutletFacts("vntin", "VnTin", "https://vntin.example/"), OutletFacts("song", HOSTILE)])
        keep(
            archive,
            record("1", title="Ông Tập điện đàm", text="Có 12 người.\n\nHết."),
            capture=CaptureRef("a.warc", 3, 4, "sha1:X"),
        )
        keep(archive, record("1", title="Ông Tập điện đàm", text="Có 15 người.\n\nHết."), NOON.replace(hour=9))
        keep(
            archive,
            record(
                "2",
                standfirst="Sapo ở đây.",
                text="Sapo ở đây.\n\nThân bài.\n\nẢnh: Reuters\n\n- một\n\nNgọc Ánh",
                captions=("Ảnh: Reuters",),
                signature="Ngọc Ánh",
            ),
        )
        keep(
            archive,
            record(
                "3",
                "song",
                title=HOSTILE,
                text=f"{HOSTILE}\n\nHết.",
                tags=(HOSTILE,),
                section=HOSTILE,
                byline=(HOSTILE,),
                date=date(2026, 2, 5),
            ),
        )
        keep(archive, record("4", "song", title="Kín", text="Bí mật " * 80, noarchive=True))
        keep(archive, record("5", date=date(2026, 2, 3)))
        lost = Coverage(day=date(2026, 2, 3), announced=4, archived=1, missing=2, unseen=1, reasons={"gone": 2})
        whole = Coverage(day=date(2026, 2, 4), announced=2, archived=2)
        none = Coverage(day=date(2026, 2, 2), announced=3, missing=3, reasons={"due": 3})
        archive.watches.save([Watch("da-nang", "đà nẵng")], NOON)
        for week in archive.terms.weeks_to_count(9):
            archive.terms.save_week_counts(
                week, count_terms(text for texts in archive.terms.sampled_texts(week) for text in texts)
            )
        archive.runs.save_coverage("vntin", [none, lost, whole, Coverage(day=date(2026, 2, 1))], NOON)
    (path.parent / "captures").mkdir()
    (path.parent / "captures" / "a.warc").write_bytes(b"...WARC...")
