"""WARC files of invented pages for lakes, and readings of them without the program."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet
from factories import make_article_html, make_outlet, make_plain_record
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.errors import Failure, Reason
from archive.lake.inputs import find_inputs
from archive.lake.layout import Reading, ReadingFilters, add_reader, open_lake
from archive.lake.parts import finish_reading, part_writer
from archive.lake.schema import PageReading
from crawler.outlets.model import Outlet
from schedules.lake.dask_engine import Cluster
from schedules.lake.file_task import FileResult, ReadJob, WorkerLimits
from schedules.lake.lake_reading import ReadingResult, read_into_lake
from schedules.lake.planning import plan_reading, save_plan

HOST = "https://ho.example"
START = datetime(2024, 2, 5, tzinfo=UTC)
OUTLETS = {"ho": make_outlet("ho", "Báo Hồ", HOST, article=r"-(?P<key>\d{7})(?:/page/\d+)?\.html$")}
_TEXT = (
    "Bản tin số {n} kể rằng phiên chợ bên hồ đã họp từ sáng sớm, đông hơn mọi năm.",
    "Ban quản lý cho biết số ghe thuyền neo dọc bờ kè là {n}, phần lớn đến từ các tỉnh lân cận.",
    "Phiên kế tiếp sẽ họp vào chủ nhật, có thêm khu ẩm thực và bến đò miễn phí cho học sinh.",
)
Page = tuple[str, str, datetime]  # address, HTML, time of the fetch


def address(number: int) -> str:
    """The address of an article."""
    return f"{HOST}/phien-cho-{number:07}.html"


def page(number: int, *, more: str = "", head: str = "", days: int = 0) -> Page:
    """The page of an article.

    Args:
        number: Of the article.
        more: A further paragraph.
        head: Further elements of the head.
        days: How many days after the others it was fetched.
    """
    published = datetime(2024, 1, 1 + number % 28, 3, tzinfo=UTC).isoformat()
    paragraphs = [*(text.format(n=number) for text in _TEXT), *([more] if more else [])]
    html = make_article_html(f"Phiên chợ bên hồ {number}", paragraphs, published, head)
    return address(number), html, START + timedelta(days=days)


def records(pages: Iterable[Page], *, packed: bool = True) -> list[bytes]:
    """A WARC record for each page."""
    made = []
    for url, html, fetched_at in pages:
        out = io.BytesIO()
        writer = WARCWriter(out, gzip=packed)
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        date = {"WARC-Date": fetched_at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        body = html.encode()
        record = writer.create_warc_record(url, "response", io.BytesIO(body), len(body), "", date, http_headers=headers)
        writer.write_record(record)
        made.append(out.getvalue())
    return made


def write_warc(path: Path, pages: Iterable[Page], *, packed: bool = True) -> Path:
    """Write a WARC file of pages."""
    path.write_bytes(b"".join(records(pages, packed=packed)))
    return path


def read_lake(
    lake: Path | str,
    *files: Path | str,
    engine: Cluster | int = 1,
    outlets: dict[str, Outlet] | None = None,
    filters: ReadingFilters | None = None,
    reader: str = "1 test",
    imports: Sequence[str] = (),
    seconds: float = 20,
    report: Callable[[FileResult], None] = lambda _: None,
) -> ReadingResult:
    """Read files into a lake as `khobao lake read` does."""
    folder = open_lake(str(lake), create=True)
    limits = WorkerLimits(seconds, 700_000_000, 5_000, 10_000_000, tuple(imports))
    job = ReadJob(str(lake), reader, OUTLETS if outlets is None else outlets, filters or ReadingFilters(), limits)
    paths = [str(file) for file in files]
    plan = plan_reading(folder, find_inputs(paths), job.reader, job.filters)
    add_reader(folder, job.reader)
    save_plan(folder, paths, job.reader, job.filters)
    return read_into_lake(job, plan, engine, report, lambda _: None)


def add_part(lake: Path, name: str, *captures, reader: str = "1 test") -> None:
    """Add a part with captures to a lake.

    Args:
        lake: The lake.
        name: Of the file that they come from.
        captures: Each the number of an article, the day of its fetch after the first, and facts of its record.
        reader: What read it.
    """
    folder = open_lake(str(lake), create=True)
    add_reader(folder, reader)
    with part_writer(name) as writer:
        for offset, (key, days, facts) in enumerate(captures):
            record = make_plain_record(key, **facts)
            writer.add(PageReading(offset, record.url, START + timedelta(days=days), record.outlet, record.id, record))
        writer.add(PageReading(99, "https://vntin.example/", START, "vntin", "", Failure(Reason.HOME_PAGE)))
        finish_reading(folder, Reading(name, len(captures), "", reader), writer)


def rows(lake: Path, kind: str = "parts") -> list[dict]:
    """The rows of every file in a folder of a lake."""
    files = sorted((lake / kind).rglob("*.parquet"))
    return [row for file in files for row in pyarrow.parquet.read_table(file, partitioning=None).to_pylist()]


def tree(lake: Path) -> dict[str, bytes]:
    """Every file of a lake, by its name."""
    return {path.relative_to(lake).as_posix(): path.read_bytes() for path in lake.rglob("*") if path.is_file()}
