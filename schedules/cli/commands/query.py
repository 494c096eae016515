"""Run `khobao search`, `show` and `why`: query the archive and its ledger."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import click

from archive.articles.model import Article
from archive.errors import KhobaoError, UsageError
from archive.exchange.citations import FORMATS, Citation
from archive.ledger.model import AddressHistory
from archive.printable import printable
from archive.record import dumps
from archive.search.model import Filters, SearchHit
from archive.search.query import MOST_CHARACTERS, parse_query
from archive.statistics.healings import last_healings
from archive.store.names import recent_sections
from archive.store.reader import ArchiveReader
from schedules.cli.lookups import canonical_or_name, check_outlet, find_article
from schedules.cli.params import KINDS, Day, Name, check_days, suggest
from schedules.cli.session import Session, command
from schedules.cli.spans import utc


@command(name="search")
@click.argument("query", nargs=-1, required=True)
@click.option("--outlet", metavar="ID", help="Only articles of this outlet.")
@click.option("--since", type=Day(), help="Only articles of this day or later.")
@click.option("--until", type=Day(), help="Only articles of this day or earlier.")
@click.option("--section", metavar="NAME", help="Only articles of this section.")
@click.option("--kind", type=Name(KINDS), help="Only articles of this kind.")
@click.option("--anywhere", is_flag=True, help="Also find articles with the words apart from each other.")
@click.option("--recent", is_flag=True, help="Newest first instead of best first.")
@click.option("--all", "everything", is_flag=True, help="Search every text, without a time limit.")
@click.option(
    "--limit", type=click.IntRange(min=1, max=1000), default=20, show_default=True, help="The largest number of hits."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per hit.")
def search_command(
    session: Session,
    query: tuple[str, ...],
    outlet: str | None,
    since: date | None,
    until: date | None,
    section: str | None,
    kind: str | None,
    anywhere: bool,
    recent: bool,
    everything: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Find articles that contain the words.

    Words that are adjacent in the query must be adjacent in the article, like the syllables of a Vietnamese word. If
    there is no such article, articles that contain all of the words are found. begin* finds words with this beginning;
    AND, OR and NOT combine words. A word without diacritics finds every spelling (da nang finds Đà Nẵng); a word with
    diacritics finds only itself.

    The best hits come first: words side by side, words as typed, words in the headline, then the newest.
    """
    text = " ".join(query)
    check_days(since, until)
    check_quotes(text)
    if len(text) > MOST_CHARACTERS:
        session.note(f"the query has {len(text)} characters; only the first {MOST_CHARACTERS} are used")
    filters = Filters(outlet, since, until, section, kind)
    with session.reader() as archive:
        check_outlet(session, archive, outlet)
        options: dict[str, Any] = {"recent": recent, "clock": None if everything else time.thread_time}
        found = archive.search(text, filters, limit, phrases=not anywhere, **options)
        apart = None if found.hits or anywhere else archive.search(text, filters, limit, **options)
        if apart and apart.hits:
            session.note("no article has these words side by side; these articles contain all of them")
            found = apart
        if not found.hits:
            check_section(archive, section)
    if as_json:
        for hit in found.hits:
            session.print_json(asdict(hit))
    else:
        _print_hits(session, found.hits, text)
    if found.back_to:
        session.note(f"searched all headlines, and texts back to {found.back_to}; --all searches every text")


def check_quotes(query: str) -> None:
    """Refuse a query with an unclosed quotation mark.

    Raises:
        UsageError: A quotation mark is not closed.
    """
    if query.count('"') % 2:
        raise UsageError(f"{query!r}: a quotation mark is not closed; write a phrase as '\"two words\"'")


def check_section(archive: ArchiveReader, section: str | None) -> None:
    """Refuse a section that no recent article has.

    Raises:
        UsageError: No article has it; the line names the nearest section.
    """
    if section is None:
        return
    known = recent_sections(archive)
    if section not in known:
        raise UsageError(f"--section {section}: no recent article has this section; {suggest(section, known)}")


def _print_hits(session: Session, hits: Sequence[SearchHit], query: str) -> None:
    """Print hits; on a terminal, highlight the words of the query."""
    if not hits:
        session.print("nothing found")
    for hit in hits:
        if sys.stdout.isatty() and session.color:
            _print_highlighted(session, hit, query)
        else:
            session.print(f"{hit.id}  {hit.date}  {hit.outlet}  {hit.title}\n    {hit.snippet}")


def _print_highlighted(session: Session, hit: SearchHit, query: str) -> None:
    from rich.padding import Padding
    from rich.text import Text

    title, snippet = Text(printable(hit.title), style="bold"), Text(printable(hit.snippet))
    for text in (title, snippet):
        for start, end in matches(text.plain, query):
            text.stylize("yellow", start, end)
    session.out.print(Text.assemble((hit.id, "cyan"), f"  {hit.date}  {hit.outlet}  ", title))
    session.out.print(Padding(snippet, (0, 0, 0, 4)))


def matches(text: str, query: str) -> Iterator[tuple[int, int]]:
    """Yield where the words of a query begin and end in a text."""
    parsed = parse_query(query)
    for term in parsed.required_terms if parsed else ():
        for word in term.single_words():
            for match in word.pattern().finditer(text):
                yield match.span()


@command(name="show")
@click.argument("name", metavar="ID|URL")
@click.option("--json", "as_json", is_flag=True, help="Print every field as one JSON object.")
@click.option("--format", "form", type=click.Choice(tuple(FORMATS)), help="Print its citation instead.")
def show_command(session: Session, name: str, as_json: bool, form: str | None) -> None:
    """Print one article as its dated document, or its citation; NAME is its id or its address."""
    with session.reader() as archive:
        article = find_article(archive, name)
        names = {status.id: status.name for status in archive.status()} if form else {}
    if form:
        session.print_document(FORMATS[form](_citation(article, names)).rstrip("\r\n"))
    elif as_json:
        session.print_json(_fields(article))
    else:
        session.print_document(dumps(article.record.document))


def _citation(article: Article, names: Mapping[str, str]) -> Citation:
    record = article.record
    return Citation(
        record.id,
        record.document.title,
        record.byline,
        names.get(record.outlet, record.outlet),
        record.document.date,
        record.url or "",
        record.language,
        record.section,
        record.published_at.isoformat() if record.published_at else None,
    )


def _fields(article: Article) -> dict[str, Any]:
    fields = asdict(article)
    record: dict[str, Any] = fields.pop("record")
    document: dict[str, Any] = record.pop("document")
    return document | record | fields | {"document": dumps(article.record.document)}


@command(name="why")
@click.argument("name", metavar="URL|ID")
@click.option("--json", "as_json", is_flag=True, help="Print every fact as one JSON object.")
def why_command(session: Session, name: str, as_json: bool) -> None:
    """Explain why an address is archived or not, with everything that the ledger knows about it.

    For an article's id, explain the address from which the article was archived.
    """
    with session.reader() as archive:
        url = canonical_or_name(name)
        why = archive.why(url) or _why_article(archive, name)
        healing = last_healings(archive.query).get(why.address.outlet) if why else None
    if why is None and "://" not in name:
        raise KhobaoError(f"{name}: no such article or address; write an address with http:// or https://")
    if why is None:
        raise KhobaoError(f"{name}: unknown; no source that was polled lists it (`khobao add {name}` archives it)")
    if as_json:
        session.print_json(asdict(why) | {"healing": healing and asdict(healing)})
    else:
        session.print("\n".join([*_history(why), *([f"  redesign    {healing}"] if healing else [])]))


def _why_article(archive: ArchiveReader, name: str) -> AddressHistory | None:
    """Explain the address of an article with this id."""
    article = archive.article(name)
    return archive.why(article.record.url) if article and article.record.url else None


def _history(why: AddressHistory) -> Iterator[str]:
    """Yield the facts that the ledger has about an address, one line each."""
    known = why.address
    place = f"in {known.source}" if known.source else "given by a person, or linked from another page"
    yield known.url
    yield f"  outlet      {known.outlet}"
    yield f"  discovered  {utc(known.discovered_at)}  {place}"
    if known.title_hint or known.published_raw:
        yield f"  announced   {known.title_hint}" + (f" ({known.published_raw})" if known.published_raw else "")
    yield from (f"  requested   {_request(request)}" for request in why.requests)
    yield from (f"  captured    {c['file']} at {c['offset']}, {c['length']} bytes" for c in why.captures)
    yield f"  state       {_state(known.state, known.reason)}"
    if known.next_due_at:
        yield f"  due again   {utc(known.next_due_at)}"
    if why.article:
        a = why.article
        yield f"  article     {a['id']}  {a['date']}  {a['title']} (revision {a['revision']})"
        if a["rules"]:
            yield f"  read by     {_rules(a['rules'])}"
        if a["confidence"]:
            yield f"  confidence  {a['confidence']}"
        yield from (f"  doubt       {doubt}" for doubt in json.loads(a["doubts"] or "[]"))
    yield from (f"  missing     {_absence(tombstone)}" for tombstone in why.tombstones)
    yield from (f"  imported    {i['imported_at']}  from {i['place']} ({i['format']})" for i in why.imports)
    yield from (f"  also at     {url}" for url in why.aliases)


def _rules(rules: str) -> str:
    """Describe the rules that read an article, from the column `rules`."""
    if rules == "generic":
        return "the generic reader; the outlet has no rules, or they did not fit this page"
    return "the outlet's rules" + ("" if rules == "today" else f" {rules}")


def _absence(tombstone: Mapping[str, Any]) -> str:
    confirmed = f"deleted, confirmed {tombstone['confirmed_at']}" if tombstone["confirmed_at"] else "to be confirmed"
    back = f", back {tombstone['back_at']}" if tombstone["back_at"] else ""
    return f"{tombstone['missed_at']}  {tombstone['reason']}: {confirmed}{back}"


def _request(facts: Mapping[str, Any]) -> str:
    outcome = f"{facts['asked_at']}  {facts['status'] or '-'}  {facts['outcome']}"
    reason = "".join(f": {facts[name]}" for name in ("reason", "detail") if facts[name])
    return f"{outcome}{reason}  ({facts['size']} bytes, {facts['milliseconds']} ms, run {facts['run']})"


def _state(state: str, reason: str) -> str:
    meaning = {
        "due": "waiting to be requested",
        "archived": "archived",
        "alias": "another address of an article that is archived under its first address",
        "rejected": "read, and not archived",
        "failed": "could not be fetched",
    }[state]
    return meaning + (f": {reason}" if reason else "")
