"""Taking in articles that others have read: each gets the id that it has when we read it ourselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive.errors import KhobaoError
from archive.exchange.model import Foreign, Found
from archive.ledger.imports import Origin
from archive.record import Document, Record, article_id
from archive.store.writer import Archive
from crawler.outlets.article_urls import article_key, canonical
from crawler.outlets.catalogue import bare_outlet, outlet_for
from crawler.outlets.model import Outlet

Outcome = Literal["new", "unchanged", "clash", "not read"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one article that was found in a file."""

    place: str
    outcome: Outcome
    detail: str = ""


def take_in(archive: Archive, found: Found, catalogue: Mapping[str, Outlet], run: int, now: datetime) -> Taken:
    """Archive an article that was found in a file, with where it comes from.

    Args:
        archive: Open for writing.
        found: What was found.
        catalogue: Every declared outlet, by id.
        run: The run's id in the ledger.
        now: When.
    """
    if found.item is None:
        return Taken(found.place, "not read", found.problem)
    try:
        record = identified(found, found.item, catalogue) if isinstance(found.item, Foreign) else found.item
    except KhobaoError as error:
        return Taken(found.place, "not read", str(error))
    origin = Origin(run, found.format, found.place, found.digest, found.facts)
    outcome = archive.keep_document(record, now, origin)
    detail = f"clashes with the archived article {record.id}, which stays as it is" if outcome == "clash" else ""
    return Taken(found.place, outcome, detail)


def identified(found: Found, item: Foreign, catalogue: Mapping[str, Outlet]) -> Record:
    """The record of an article that another tool has read, with the id that it has when we read it ourselves.

    Where its outlet is declared, an instant gives the outlet's civil date; without an instant, its day is believed.

    Raises:
        FormatError: It has no headline.
    """
    url = canonical(item.url)
    outlet = (outlet_for(catalogue, url) or bare_outlet(url)) if url else None
    name = outlet.id if outlet else (item.outlet or found.format)
    key = article_key(outlet, url) if outlet and url else f"sha256:{found.digest}"
    day = (
        item.published_at.astimezone(outlet.zone).date()
        if outlet and item.published_at and _zoned(outlet)
        else item.day
    )
    document = Document(day, item.title, item.text)
    lead = Document(day, item.title, item.standfirst).text
    return Record(
        id=article_id(name, key),
        outlet=name,
        url=url,
        document=document,
        standfirst=lead if lead and document.text.startswith(lead) else "",
        byline=item.byline,
        tags=item.tags,
        published_at=item.published_at,
        date_source="document",
        date_raw=item.raw,
        language=item.language or (outlet.language if outlet else ""),
        reader=found.format,
    )


def _zoned(outlet: Outlet) -> bool:
    return outlet.timezone != "UTC"  # of a bare site nothing is known
