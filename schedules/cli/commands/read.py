"""`khobao read`: read saved pages without archiving them."""

from __future__ import annotations

import asyncio
import csv
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import click

from archive.errors import Failure, Reason, UsageError
from archive.record import Document, dumps
from crawler.outlets.catalogue import bare_outlet, outlet_for
from crawler.outlets.model import Outlet
from crawler.page import Page
from crawler.reading.extract import read_saved
from crawler.worker_pool import WorkerPool
from schedules.cli.session import Session, command
from schedules.pipeline.runtime import make_workers


@dataclass(frozen=True, slots=True)
class Saved:
    """A page in a file.

    Attributes:
        file: Its name, as it was given.
        path: Where it is.
        url: The address it came from; empty where nobody said.
        content_type: As in the index; empty where nobody said.
    """

    file: str
    path: Path
    url: str = ""
    content_type: str = ""


@command(name="read")
@click.argument("pages", nargs=-1, type=click.Path(path_type=Path), metavar="PAGE…")
@click.option("--url", default="", help="The address the page came from.")
@click.option("--index", type=click.Path(path_type=Path), help="A TSV file with the columns url, file and type.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a page.")
def read_command(session: Session, pages: tuple[Path, ...], url: str, index: Path | None, as_json: bool) -> int:
    """Read saved pages without archiving them: the dated document, or every field with --json.

    Files that end in .gz are unpacked. The rules of a declared outlet are used where the address is one of its own.
    """
    if bool(pages) == bool(index):
        raise UsageError("name pages to read, or a list of them with --index FILE")
    if url and len(pages) != 1:
        raise UsageError("--url goes with one page")
    saved = list(from_index(index)) if index else [Saved(str(path), path, url) for path in pages]
    return asyncio.run(_read_all(session, saved, as_json))


def from_index(index: Path) -> Iterator[Saved]:
    """The pages of an index, in its order.

    Raises:
        UsageError: It is not there, or lacks a column.
    """
    try:
        with index.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{index}: cannot be read: {error}") from None
    for number, row in enumerate(rows, start=2):
        if not row.get("url") or not row.get("file"):
            raise UsageError(f"{index}, line {number}: a line needs the columns url and file, parted by tabs")
        yield Saved(row["file"], index.parent / row["file"], row["url"], row.get("type") or "")


async def _read_all(session: Session, saved: Sequence[Saved], as_json: bool) -> int:
    failures = 0
    async with make_workers(session.settings) as workers:
        async for page, result in workers.each(saved, partial(_read_one, session, workers)):
            failures += isinstance(result, Failure)
            _tell(session, page, result, as_json)
    return 1 if failures else 0


async def _read_one(session: Session, workers: WorkerPool, saved: Saved) -> dict[str, object] | Failure:
    content = load(saved.path, int(session.settings.network.max_page_megabytes * 1e6))
    if isinstance(content, Failure):
        return content
    page = Page(saved.url or f"http://localhost/{saved.path.name}", content, saved.content_type)
    return await workers.run(read_saved, page, outlet_of(session.catalogue, saved.url), datetime.now(UTC))


def outlet_of(catalogue: Mapping[str, Outlet], url: str) -> Outlet:
    """The outlet whose page this is; an undeclared one where no declaration fits."""
    return outlet_for(catalogue, url) or bare_outlet(url or "http://localhost/")


def load(path: Path, most: int) -> bytes | Failure:
    """The bytes of a saved page, unpacked, at most so many."""
    try:
        raw = path.read_bytes()
        content = zlib.decompressobj(wbits=31).decompress(raw, most + 1) if path.suffix == ".gz" else raw
    except (OSError, zlib.error) as error:
        return Failure(Reason.UNREACHABLE, f"{path}: {error}")
    if len(content) > most:
        return Failure(Reason.TOO_LARGE, f"{path}: more than {most} bytes")
    return content


def _tell(session: Session, page: Saved, result: dict[str, object] | Failure, as_json: bool) -> None:
    if isinstance(result, Failure):
        facts = {"file": page.file, "url": page.url, "error": result.reason.value, "detail": result.detail}
        if as_json:
            session.answer(facts)
        else:
            session.note(f"{page.file}: not read as an article: {result}")
    elif as_json:
        session.answer({"file": page.file} | result | ({} if page.url else {"url": ""}))
    else:
        _tell_document(session, page, result)


def _tell_document(session: Session, page: Saved, facts: dict[str, object]) -> None:
    if not facts["date"]:
        session.note(f"{page.file}: nothing on the page says when it was published; --json prints what there is")
        return
    document = Document(date.fromisoformat(str(facts["date"])), str(facts["title"]), str(facts["text"]))
    session.tell(dumps(document) + "\n")
