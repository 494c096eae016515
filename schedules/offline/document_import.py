"""Import articles from files; each gets the id that it has when khobao reads it itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive.errors import KhobaoError
from archive.exchange.model import ForeignArticle, ImportedItem
from archive.ledger.imports import Origin
from archive.record import Document, Record, article_id
from archive.store.writer import ArchiveWriter
from crawler.outlets.article_urls import article_key, canonical
from crawler.outlets.catalogue import bare_outlet, outlet_for
from crawler.outlets.model import Outlet
from schedules.offline.site_names import name_outlet
from schedules.pipeline.context import outlet_facts

Outcome = Literal["new", "unchanged", "clash", "not read"]


@dataclass(frozen=True, slots=True)
class ItemResult:
    """The result of importing one item of a file.

    Attributes:
        place: The file, and the line or the number in it.
        outcome: `new`; `unchanged`; `clash` if the archive has the article with another text; `not read`.
        detail: Why it was not imported, in one line; empty if it was.
    """

    place: str
    outcome: Outcome
    detail: str = ""


def import_item(
    archive: ArchiveWriter, found: ImportedItem, catalogue: Mapping[str, Outlet], run: int, now: datetime
) -> ItemResult:
    """Archive an item of a file, and record its origin.

    Args:
        archive: The archive, open for writing.
        found: The item.
        catalogue: Every declared outlet, by id.
        run: The id of the run in the ledger.
        now: The current time, UTC.
    """
    if found.item is None:
        return ItemResult(found.place, "not read", found.problem)
    try:
        record = make_record(found, found.item, catalogue) if isinstance(found.item, ForeignArticle) else found.item
    except KhobaoError as error:
        return ItemResult(found.place, "not read", str(error))
    origin = Origin(run, found.format, found.place, found.digest, found.facts)
    outcome = archive.save_document(record, now, origin)
    if outcome != "clash" and record.outlet in catalogue:  # so that pages show its name and its local times
        archive.runs.declare([outlet_facts(catalogue[record.outlet])])
    elif outcome != "clash" and isinstance(found.item, ForeignArticle) and record.url and found.format == "fundus":
        name_outlet(archive, bare_outlet(record.url), found.item.outlet)  # news-please gives only the host
    clash = f"clashes with the archived article {record.id}, which is kept unchanged"
    return ItemResult(found.place, outcome, clash if outcome == "clash" else "")


def make_record(found: ImportedItem, item: ForeignArticle, catalogue: Mapping[str, Outlet]) -> Record:
    """Build the record of an article from another tool, with the id that khobao gives it.

    If its outlet is declared, the date is that of the time of publication in the outlet's timezone. Otherwise the date
    of the other tool is used.

    Raises:
        FormatError: The article has no headline.
    """
    url = canonical(item.url)
    outlet = (outlet_for(catalogue, url) or bare_outlet(url)) if url else None
    name = outlet.id if outlet else (item.outlet or found.format)
    key = article_key(outlet, url) if outlet and url else f"sha256:{found.digest}"
    day = item.day
    if outlet and item.published_at and outlet.timezone != "UTC":  # the timezone of an undeclared outlet is unknown
        day = item.published_at.astimezone(outlet.zone).date()
    document = Document(day, item.title, item.text)
    standfirst = Document(day, item.title, item.standfirst).text
    return Record(
        id=article_id(name, key),
        outlet=name,
        url=url,
        document=document,
        standfirst=standfirst if standfirst and document.text.startswith(standfirst) else "",
        byline=item.byline,
        tags=item.tags,
        published_at=item.published_at,
        date_source="document",
        date_raw=item.raw,
        language=item.language or (outlet.language if outlet else ""),
        reader=found.format,
    )
