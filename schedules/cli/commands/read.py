"""Run `khobao read`: read saved pages without archiving them."""

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
from crawler.workers.pool import WorkerPool
from schedules.cli.params import PathArgument
from schedules.cli.session import Session, command
from schedules.pipeline.runtime import make_workers, max_page_bytes


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page in a file.

    Attributes:
        file: The file name, as given.
        path: The path of the file.
        outlet: The outlet whose rules apply, or an outlet without rules.
        url: The address of the page; empty if unknown.
        content_type: The Content-Type of the page; empty if unknown.
    """

    file: str
    path: Path
    outlet: Outlet
    url: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of an index that cannot be used.

    Attributes:
        line: Its line number in the file, from 1.
        problem: What is wrong, and what would be right.
    """

    line: int
    problem: str


@command(name="read")
@click.argument("pages", nargs=-1, type=PathArgument(), metavar="PAGE...")
@click.option("--url", default="", help="The address the page came from.")
@click.option("--index", type=PathArgument(), metavar="FILE", help="A TSV file with the columns url, file and type.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per page.")
def read_command(session: Session, pages: tuple[Path, ...], url: str, index: Path | None, as_json: bool) -> int:
    """Read saved pages without archiving them; print the dated document, or every field with --json.

    A file whose name ends in .gz is decompressed. The rules of a declared outlet apply if the address is the outlet's.
    """
    if bool(pages) == bool(index):
        raise UsageError("name pages to read, for example `khobao read page.html`, or list them with --index FILE")
    if url and len(pages) != 1:
        raise UsageError("--url needs exactly one page; list several with --index FILE")
    outlet = outlet_of(session.catalogue, url)
    rows = list(read_index(index, session.catalogue)) if index else [SavedPage(str(p), p, outlet, url) for p in pages]
    bad = [row for row in rows if isinstance(row, BadRow)]
    for row in bad:
        session.note(f"{index}, line {row.line}: {row.problem}; this row is skipped")
    saved = [row for row in rows if isinstance(row, SavedPage)]
    all_read = asyncio.run(_read_all(session, saved, as_json=as_json))
    return 0 if all_read and not bad else 1


def read_index(index: Path, catalogue: Mapping[str, Outlet]) -> Iterator[SavedPage | BadRow]:
    """Yield the rows of an index of saved pages, in order.

    Args:
        index: UTF-8 text. Its first line names the columns, separated by tabs: `url`, `file`, optionally `type`.
        catalogue: The declared outlets by id.

    Raises:
        UsageError: The file cannot be read, or its first line lacks a column.
    """
    try:
        header, *lines = index.read_text(encoding="utf-8-sig", errors="replace").split("\n")
    except OSError as error:
        raise UsageError(f"{index}: cannot be read: {error.strerror}") from None
    columns = header.strip("\r").split("\t")
    if not {"url", "file"} <= set(columns):
        raise UsageError(f"{index}, line 1: the columns url and file are required, separated by a tab")
    for number, line in enumerate(lines, start=2):
        if line.strip():
            row = dict(zip(columns, line.strip("\r").split("\t"), strict=False))
            yield _saved_page(row, number, index.parent, catalogue)


def _saved_page(row: Mapping[str, str], line: int, folder: Path, catalogue: Mapping[str, Outlet]) -> SavedPage | BadRow:
    url, file = row.get("url", ""), row.get("file", "")
    if not url or not file:
        return BadRow(line, "a row needs an address and a file, separated by a tab")
    try:
        return SavedPage(file, folder / file, outlet_of(catalogue, url), url, row.get("type", ""))
    except UsageError as error:
        return BadRow(line, str(error))


async def _read_all(session: Session, saved: Sequence[SavedPage], *, as_json: bool) -> bool:
    """Read and print every page; return whether each could be printed."""
    all_read = True
    async with make_workers(session.settings) as workers:
        async for page, result in workers.each(saved, partial(_read_one, session, workers)):
            all_read &= _print(session, page, result, as_json=as_json)
    return all_read


async def _read_one(session: Session, workers: WorkerPool, saved: SavedPage) -> dict[str, object] | Failure:
    content = load(saved.path, max_page_bytes(session.settings))
    if isinstance(content, Failure):
        return content
    page = Page(saved.url or f"http://localhost/{saved.path.name}", content, saved.content_type)
    return await workers.run(read_saved, page, saved.outlet, datetime.now(UTC))


def outlet_of(catalogue: Mapping[str, Outlet], url: str) -> Outlet:
    """Return the outlet that an address belongs to, or one without rules."""
    return outlet_for(catalogue, url) or bare_outlet(url or "http://localhost/")


def load(path: Path, limit: int) -> bytes | Failure:
    """Read a saved page and decompress it, up to a limit in bytes."""
    try:
        with path.open("rb") as file:
            raw = file.read(limit + 1)
        content = zlib.decompressobj(wbits=31).decompress(raw, limit + 1) if path.suffix == ".gz" else raw
    except OSError as error:
        return Failure(Reason.UNREACHABLE, f"the file cannot be read: {error.strerror}")
    except zlib.error as error:
        return Failure(Reason.BAD_ENCODING, f"not gzip: {error}")
    if len(content) > limit:
        return Failure(Reason.TOO_LARGE, f"more than {limit} bytes")
    return content


def _print(session: Session, page: SavedPage, result: dict[str, object] | Failure, *, as_json: bool) -> bool:
    """Print a page, or why there is nothing to print; return whether it was read."""
    if isinstance(result, Failure):
        facts = {"file": page.file, "url": page.url, "error": result.reason.value, "detail": result.detail}
        if as_json:
            session.print_json(facts)
        else:
            session.warn(f"{page.file}: not an article: {result}")
        return False
    if as_json:
        session.print_json({"file": page.file} | result | ({} if page.url else {"url": ""}))
        return True
    return _print_document(session, page, result)


def _print_document(session: Session, page: SavedPage, facts: dict[str, object]) -> bool:
    if not facts["date"]:
        session.warn(f"{page.file}: no date on the page; --json prints the other fields")
        return False
    document = Document(date.fromisoformat(str(facts["date"])), str(facts["title"]), str(facts["text"]))
    session.print_document(dumps(document) + "\n")
    return True
