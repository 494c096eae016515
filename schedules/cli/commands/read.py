"""`khobao read`: read saved pages without archiving them."""

from __future__ import annotations

import asyncio
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
from crawler.worker_pool import Workers
from schedules.cli.session import Session, command
from schedules.pipeline.runtime import workers_of


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page in a file.

    Attributes:
        file: Its name, as it was given.
        path: Where it is.
        outlet: The outlet whose rules read it; an undeclared one where no declaration fits.
        url: The address it came from; empty where nobody said.
        content_type: As in the index; empty where nobody said.
    """

    file: str
    path: Path
    outlet: Outlet
    url: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of an index that cannot be read.

    Attributes:
        line: Its number in the file, from 1.
        problem: What is wrong, and what would be right.
    """

    line: int
    problem: str


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
    outlet = outlet_of(session.catalogue, url)
    rows = list(read_index(index, session.catalogue)) if index else [SavedPage(str(p), p, outlet, url) for p in pages]
    bad = [row for row in rows if isinstance(row, BadRow)]
    for row in bad:
        session.note(f"{index}, line {row.line}: {row.problem}; this row is skipped")
    failures = asyncio.run(_read_all(session, [row for row in rows if isinstance(row, SavedPage)], as_json))
    return 1 if bad or failures else 0


def read_index(index: Path, catalogue: Mapping[str, Outlet]) -> Iterator[SavedPage | BadRow]:
    """Yield the rows of an index of saved pages, in its order.

    Args:
        index: A file of UTF-8 text whose first line names its columns: `url`, `file`, perhaps `type`.
        catalogue: The declared outlets by id.

    Raises:
        UsageError: The file cannot be read, or its first line lacks a column.
    """
    try:
        header, *lines = index.read_text(encoding="utf-8-sig", errors="replace").split("\n")
    except OSError as error:
        raise UsageError(f"{index}: cannot be read: {error}") from None
    columns = header.strip("\r").split("\t")
    if not {"url", "file"} <= set(columns):
        raise UsageError(f"{index}, line 1: the columns url and file are required, parted by a tab")
    for number, line in enumerate(lines, start=2):
        if line.strip():
            row = dict(zip(columns, line.strip("\r").split("\t"), strict=False))
            yield _saved_page(row, number, index.parent, catalogue)


def _saved_page(row: Mapping[str, str], line: int, folder: Path, catalogue: Mapping[str, Outlet]) -> SavedPage | BadRow:
    url, file = row.get("url", ""), row.get("file", "")
    if not url or not file:
        return BadRow(line, "a row needs an address and a file, parted by a tab")
    try:
        return SavedPage(file, folder / file, outlet_of(catalogue, url), url, row.get("type", ""))
    except UsageError as error:
        return BadRow(line, str(error))


async def _read_all(session: Session, saved: Sequence[SavedPage], as_json: bool) -> int:
    """Read pages in worker processes, print what each holds, and return how many could not be read."""
    failures = 0
    async with workers_of(session.settings) as workers:
        async for page, result in workers.each(saved, partial(_read_one, session, workers)):
            failures += isinstance(result, Failure)
            _tell(session, page, result, as_json)
    return failures


async def _read_one(session: Session, workers: Workers, saved: SavedPage) -> dict[str, object] | Failure:
    content = load(saved.path, int(session.settings.network.max_page_megabytes * 1e6))
    if isinstance(content, Failure):
        return content
    page = Page(saved.url or f"http://localhost/{saved.path.name}", content, saved.content_type)
    return await workers.run(read_saved, page, saved.outlet, datetime.now(UTC))


def outlet_of(catalogue: Mapping[str, Outlet], url: str) -> Outlet:
    """Return the outlet whose page an address is; an undeclared one where no declaration fits."""
    return outlet_for(catalogue, url) or bare_outlet(url or "http://localhost/")


def load(path: Path, most: int) -> bytes | Failure:
    """Return the bytes of a saved page, unpacked; a failure where it cannot be read or is too large."""
    try:
        raw = path.read_bytes()
        content = zlib.decompressobj(wbits=31).decompress(raw, most + 1) if path.suffix == ".gz" else raw
    except (OSError, zlib.error) as error:
        return Failure(Reason.UNREACHABLE, f"{path}: {error}")
    if len(content) > most:
        return Failure(Reason.TOO_LARGE, f"{path}: more than {most} bytes")
    return content


def _tell(session: Session, page: SavedPage, result: dict[str, object] | Failure, as_json: bool) -> None:
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


def _tell_document(session: Session, page: SavedPage, facts: dict[str, object]) -> None:
    if not facts["date"]:
        session.note(f"{page.file}: nothing on the page says when it was published; --json prints what there is")
        return
    document = Document(date.fromisoformat(str(facts["date"])), str(facts["title"]), str(facts["text"]))
    session.tell(dumps(document) + "\n")
