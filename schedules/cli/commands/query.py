"""`khobao search`, `show`, `why` and `status`: the archive and its ledger, asked."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import click

from archive.articles.model import Article
from archive.errors import KhobaoError
from archive.ledger.model import Why
from archive.record import dumps
from archive.search.model import Filters
from archive.search.query import MOST_CHARACTERS
from crawler.outlets.article_urls import canonical
from schedules.cli.lookups import find_article
from schedules.cli.params import Day
from schedules.cli.session import Session, command


@command(name="search")
@click.argument("query", nargs=-1, required=True)
@click.option("--outlet", help="Only of this outlet.")
@click.option("--since", type=Day(), help="From this day on.")
@click.option("--until", type=Day(), help="Up to this day.")
@click.option("--section", help="Only of this section.")
@click.option("--kind", help="Only of this kind: article, photo, video, live, emagazine, opinion.")
@click.option("--recent", is_flag=True, help="The newest first, not the best.")
@click.option("--all", "everything", is_flag=True, help="Look at every text, however long that takes.")
@click.option("--limit", type=click.IntRange(min=1, max=1000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a hit.")
def search_command(
    session: Session,
    query: tuple[str, ...],
    outlet: str | None,
    since: date | None,
    until: date | None,
    section: str | None,
    kind: str | None,
    recent: bool,
    everything: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Find articles: all the words, "a phrase", begin*, AND, OR, NOT.

    A word with its marks finds just that word; one without them finds every word it may stand for (da nang: Đà Nẵng).
    Articles with the words side by side come first, then those with them as typed, in the headline, and the newest.
    """
    text = " ".join(query)
    if len(text) > MOST_CHARACTERS:
        session.note(f"the query has {len(text)} characters; the first {MOST_CHARACTERS} are searched for")
    with session.reader() as archive:
        filters = Filters(outlet, since, until, section, kind)
        found = archive.search(text, filters, limit, recent=recent, clock=None if everything else time.thread_time)
    for hit in found.hits:
        if as_json:
            session.answer(asdict(hit))
        else:
            session.tell(f"{hit.id}  {hit.date}  {hit.outlet}  {hit.title}\n    {hit.snippet}")
    if not found.hits and not as_json:
        session.tell("nothing found")
    if found.back_to:
        session.note(f"all headlines were looked at, and texts back to {found.back_to}; --all looks at every text")


@command(name="show")
@click.argument("name", metavar="ID|URL")
@click.option("--json", "as_json", is_flag=True, help="Every field.")
def show_command(session: Session, name: str, as_json: bool) -> None:
    """One article, as its dated document."""
    with session.reader() as archive:
        article = find_article(archive, name)
    if as_json:
        session.answer(_facts(article))
    else:
        session.tell(dumps(article.record.document))


def _facts(article: Article) -> dict[str, Any]:
    facts = asdict(article)
    record: dict[str, Any] = facts.pop("record")
    document: dict[str, Any] = record.pop("document")
    return document | record | facts | {"document": dumps(article.record.document)}


@command(name="why")
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Every fact, as one JSON object.")
def why_command(session: Session, url: str, as_json: bool) -> None:
    """Why an address is in the archive, or why not: all that the ledger has on it."""
    with session.reader() as archive:
        why = archive.why(canonical(url) or url)
    if why is None:
        raise KhobaoError(f"{url}: never seen; no source that was polled lists it (khobao add archives it)")
    if as_json:
        session.answer(asdict(why))
    else:
        session.tell("\n".join(_story(why)))


def _story(why: Why) -> list[str]:
    """What happened to an address, a line each, oldest first."""
    known = why.address
    lines = [known.url, f"  outlet      {known.outlet}"]
    where = f"in {known.source}" if known.source else "given by hand, or met on the way to another"
    lines.append(f"  discovered  {_time(known.discovered_at)}  {where}")
    if known.title_hint or known.published_raw:
        lines.append(f"  announced   {known.title_hint}" + (f" ({known.published_raw})" if known.published_raw else ""))
    lines += [f"  asked       {_request(request)}" for request in why.requests]
    lines += [f"  kept        {c['file']} at {c['offset']}, {c['length']} bytes" for c in why.captures]
    lines.append(f"  state       {_state(known.state, known.reason)}")
    if known.next_due_at:
        lines.append(f"  due again   {_time(known.next_due_at)}")
    if why.article:
        a = why.article
        lines.append(f"  article     {a['id']}  {a['date']}  {a['title']} (revision {a['revision']})")
    lines += [f"  missing     {_absence(stone)}" for stone in why.tombstones]
    lines += [f"  imported    {i['imported_at']}  from {i['place']} ({i['format']})" for i in why.imports]
    lines += [f"  also at     {url}" for url in why.aliases]
    return lines


def _absence(stone: Mapping[str, Any]) -> str:
    confirmed = f"gone, as confirmed {stone['confirmed_at']}" if stone["confirmed_at"] else "to be confirmed"
    back = f", back {stone['back_at']}" if stone["back_at"] else ""
    return f"{stone['missed_at']}  {stone['reason']}: {confirmed}{back}"


def _request(facts: Mapping[str, Any]) -> str:
    came = f"{facts['asked_at']}  {facts['status'] or '-'}  {facts['outcome']}"
    why = "".join(f": {facts[name]}" for name in ("reason", "detail") if facts[name])
    return f"{came}{why}  ({facts['size']} bytes, {facts['milliseconds']} ms, run {facts['run']})"


def _state(state: str, reason: str) -> str:
    meaning = {
        "due": "waits to be asked for",
        "archived": "archived",
        "alias": "another address of an article that is dealt with under its first one",
        "rejected": "read, and no article of this archive",
        "failed": "could not be had",
    }[state]
    return meaning + (f": {reason}" if reason else "")


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z" if moment else "-"
