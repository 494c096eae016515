"""Read one fetched page: bytes and an outlet's rules in, a dated record or the reason why there is none out."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.metadata import version
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser

from archive.errors import Failure, Reason
from archive.record import Document, Record, article_id
from crawler.outlets.article_urls import article_key, looks_like_article
from crawler.outlets.model import Outlet, Reading
from crawler.page import Page
from crawler.parsing.blocks import squash
from crawler.parsing.charset import as_written
from crawler.parsing.dates import order_of
from crawler.parsing.html_tree import UNSEEN, drop, parse
from crawler.parsing.site_timezones import zone_of
from crawler.reading import live_blog as live
from crawler.reading import rejection as gate
from crawler.reading.agencies import agency
from crawler.reading.article import GENERIC, Article, read_declared, read_generic, told_live
from crawler.reading.bylines import People, credited, read_people
from crawler.reading.embedded_state import shipped_article
from crawler.reading.metadata import Facts, read_facts
from crawler.reading.publication_date import Published, modification, printed_moments, publication
from crawler.reading.rules_check import fuller_article, is_short_for_its_page

_SHOWN = 200  # characters of a text; of a page that shows less, the scripts may have more
READER = "1"  # changes whenever the same page may be read differently


@dataclass(frozen=True, slots=True)
class Found:
    """All that was found on the page of an article, which may lack a date or a headline.

    Attributes:
        url: The address the page calls its own, where that is one of the outlet's; else the one it came from.
        title: The headline.
        when: When it was published; None where nothing says so.
        article: The parts of its text.
        people: Authors and credits.
        signature: Byline and credits as they end the text: as printed, or else put together from the names.
        facts: What the page says of itself.
        modified_at: The instant of its last change, UTC.
    """

    url: str
    title: str
    when: Published | None
    article: Article
    people: People
    signature: str
    facts: Facts
    modified_at: datetime | None

    @property
    def text(self) -> str:
        """Standfirst, paragraphs with captions, and signature, parted by blank lines."""
        parts = (self.article.standfirst, *self.article.paragraphs, self.signature)
        return "\n\n".join(part for part in parts if part)

    def as_json(self) -> dict[str, object]:
        """The values that `khobao read --json` prints: no date and no instant are None, lists are lists."""
        return {
            "url": self.url,
            "title": self.title,
            "date": self.when.day.isoformat() if self.when else None,
            "published_at": self.when.instant.isoformat() if self.when and self.when.instant else None,
            "text": self.text,
            "standfirst": self.article.standfirst,
            "body": "\n\n".join(self.article.body),
            "byline": list(self.people.names),
            "credits": list(self.people.credits),
            "tags": list(self.tags),
            "section": self.section,
            "captions": list(self.article.captions),
            "kind": self.kind,
        }

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags as the page shows them, or else as its data have them."""
        return self.article.tags or tuple(self.facts.tags)

    @property
    def section(self) -> str:
        """The section it is filed under."""
        return self.article.section or self.facts.section

    @property
    def kind(self) -> str:
        """What kind of article it is."""
        captions = sum(len(caption.split()) for caption in self.article.captions)
        return gate.kind_of(self.url, self.facts, self.section, captions, len(self.text.split()))


def read_article(page: Page, outlet: Outlet, now: datetime, further: Sequence[Page] = ()) -> Record | Failure:
    """Read the article that a page holds.

    Args:
        page: What was fetched or found in a file; its candidate says what a source said of it.
        outlet: Whose page it is; without `reading` rules the generic reader alone reads it.
        now: The instant of reading, timezone-aware; an article from later than a day after it is refused.
        further: The further pages of the same article, in order, whose texts follow that of the first.

    Returns:
        The record, or why the page is not an article that can be archived.
    """
    found = read_page(page, outlet, now)
    if isinstance(found, Failure):
        return found
    for other in further:
        more = read_page(other, outlet, now)
        found = found if isinstance(more, Failure) else joined(found, more)
    if not found.title:
        return Failure(Reason.NO_TITLE, f"{page.url}: no headline on the page")
    if found.when is None:
        return Failure(Reason.NO_DATE, f"{page.url}: nothing on the page says when it was published")
    return Record(
        id=article_id(outlet.id, article_key(outlet, found.url)),
        outlet=outlet.id,
        url=found.url,
        document=Document(found.when.day, found.title, found.text),
        standfirst=found.article.standfirst,
        captions=found.article.captions,
        signature=found.signature,
        byline=found.people.names,
        credits=found.people.credits,
        tags=found.tags,
        section=found.section,
        published_at=found.when.instant,
        date_source=found.when.source,
        date_raw=found.when.raw,
        modified_at=found.modified_at,
        language=found.facts.language or outlet.language,
        kind=found.kind,
        noarchive=found.facts.noarchive or forbids_showing(page.robots),
        reader=f"{reader_of(outlet)} {found.article.rules}",
    )


def forbids_showing(robots: str) -> bool:
    """Whether an `X-Robots-Tag` asks not to show the page from an archive; one that names another robot does not.

    Google's rules for it: https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag
    """
    rules = (part.strip().lower() for part in robots.split(","))
    return any(rule.removeprefix("khobao:").strip() == "noarchive" for rule in rules)


def reader_of(outlet: Outlet) -> str:
    """What reads an outlet's pages: `1 trafilatura-2.3.1 rules-5f3a9c1b`; a record adds which of its rules read it.

    Whatever may change what is read of the same bytes changes this: our reader, trafilatura, the outlet's declaration.
    """
    return f"{READER} trafilatura-{_trafilatura()} rules-{outlet.digest}"


@cache
def _trafilatura() -> str:
    return version("trafilatura")


def joined(found: Found, more: Found) -> Found:
    """An article with what a further page has of it: the text that is not on the pages before, and who signs it."""
    seen = {block.key for block in found.article.blocks} | {squash(found.article.standfirst)}
    new = [block for block in more.article.blocks if block.key not in seen]
    people = People(
        tuple(dict.fromkeys((*found.people.names, *more.people.names))),
        tuple(dict.fromkeys((*found.people.credits, *more.people.credits))),
    )
    article = replace(found.article, blocks=[*found.article.blocks, *new])
    return replace(found, article=article, people=people, signature=more.article.signature or found.signature)


def read_saved(page: Page, outlet: Outlet, now: datetime) -> dict[str, object] | Failure:
    """What `khobao read` tells of a page, dated or not; the arguments are as in `read_article`."""
    found = read_page(page, outlet, now)
    return found if isinstance(found, Failure) else found.as_json()


def read_page(page: Page, outlet: Outlet, now: datetime) -> Found | Failure:
    """Read what a page holds of an article, be it without date or headline; the arguments are as in `read_article`.

    Returns:
        What was found; a failure where the page is no article.
    """
    text = as_written(page.content, page.content_type)
    if "<" not in text:
        return Failure(Reason.EMPTY, f"{page.url}: no markup in {len(page.content)} bytes")
    tree = parse(text)
    if isinstance(tree, Failure):
        return tree
    facts = read_facts(tree, page.url)
    drop(tree, UNSEEN)  # its scripts have been read, and no text is to be had from them
    if refusal := gate.refuse_address(page.url):
        return refusal
    found = _read(page, outlet, tree, facts, now, text)
    return found if _has_text(found) else _read_state(page, outlet, text, facts, now) or found


def _has_text(found: Found | Failure) -> bool:
    """Whether a page shows the text of an article itself, or is none whatever its scripts may show."""
    if isinstance(found, Failure):
        return found.reason is not Reason.NO_TEXT
    return len(found.text) >= _SHOWN


def _read_state(page: Page, outlet: Outlet, text: str, facts: Facts, now: datetime) -> Found | None:
    """Read an article whose text the page leaves to its scripts; None where they have none."""
    whole = parse(text)
    shipped = None if isinstance(whole, Failure) else shipped_article(whole, facts.article)
    if shipped is None:
        return None
    node = {"headline": shipped.title, "author": list(shipped.authors)}
    facts = replace(facts, article={**{key: value for key, value in node.items() if value}, **facts.article})
    tree = parse(
        f"<body><h1>{html.escape(next(iter(facts.titles), ''))}</h1><article>{shipped.markup}</article></body>"
    )
    if isinstance(tree, Failure):
        return None
    drop(tree, UNSEEN)
    found = _read(page, outlet.model_copy(update={"reading": ()}), tree, facts, now, text, shipped.published)
    return None if isinstance(found, Failure) else found


def _read(
    page: Page, outlet: Outlet, tree: LexborHTMLParser, facts: Facts, now: datetime, text: str, shipped_time: str = ""
) -> Found | Failure:
    zone = _zone(outlet, facts)
    order = outlet.date_order or order_of(facts.language)
    known = publication(facts, (), None, (), page.url, zone, order, now)
    exact = isinstance(known, Published) and known.instant is not None
    rules = outlet.rules(known.day if isinstance(known, Published) else None)
    order = rules.date_order or order
    stray = [] if exact else list(printed_moments(tree, zone, order))
    listed = page.candidate.title if page.candidate else ""
    article = read_declared(tree, facts, rules) if rules.body else None
    if article is None and rules.body and (refusal := gate.refuse_template(facts, listed)):
        return refusal
    if isinstance(article, Article) and is_short_for_its_page(article, tree):
        article = _checked(article, text, facts, rules)
    article = article or read_generic(tree, facts, rules)
    if isinstance(article, Failure):
        return article
    if entries := live.entries(facts.article, zone, order):
        article = told_live(article, entries)
    if refusal := gate.refuse_text(facts, article, listed):
        return refusal
    declared = [words for words in (article.published, shipped_time) if words]
    when = known
    if declared or page.candidate or stray or rules.date_order:
        when = publication(facts, declared, page.candidate, stray, page.url, zone, order, now)
    if isinstance(when, Failure):
        return when
    people = _people(article, facts, outlet)
    signature = article.signature or " - ".join(people.names) or ", ".join(people.credits)
    if article.rules == GENERIC and not people.names:  # so it is recorded, though nobody is printed
        people = People(_as_given(facts.authors), people.credits)
    return Found(
        url=_own_address(page.url, facts.canonical, outlet),
        title=article.title or (page.candidate.title.strip() if page.candidate else ""),
        when=when,
        article=article,
        people=people,
        signature=signature,
        facts=facts,
        modified_at=modification(facts, zone, order, now),
    )


def _checked(article: Article, text: str, facts: Facts, rules: Reading) -> Article:
    tree = parse(text)
    if isinstance(tree, Failure):
        return article
    drop(tree, UNSEEN)
    return fuller_article(article, tree, facts, rules)


def _zone(outlet: Outlet, facts: Facts) -> ZoneInfo | None:
    """The outlet's timezone; of one that nobody declared, that of its country or language; None where none is known."""
    if outlet.reading or outlet.timezone != "UTC":
        return outlet.zone
    name = zone_of(urlsplit(outlet.home).hostname or "", facts.language)
    return ZoneInfo(name) if name else None


def _people(article: Article, facts: Facts, outlet: Outlet) -> People:
    """Authors as the outlet's rules find them printed, or else as the page's data have them, and all the credits."""
    host = urlsplit(outlet.home).hostname or ""
    label = host.removeprefix("www.").partition(".")[0]
    own = (outlet.name, outlet.id, host, label, *outlet.names, *facts.site_names)
    printed, given = read_people([article.byline, article.signature], own), read_people(facts.authors, own)
    declared = article.rules != GENERIC
    names = (printed.names or given.names) if declared else (given.names or printed.names)
    if not declared and (agencies := [author for author in facts.authors if agency(author)]):
        names = (
            tuple(author for author in facts.authors if author in (*given.names, *agencies))
            if given.names
            else tuple(agencies)
        )
    credits_ = [*(printed.credits if declared or not given.credits else ()), *given.credits, *credited(article.credit)]
    return People(names, tuple(dict.fromkeys(credits_)))


def _as_given(authors: Sequence[str]) -> tuple[str, ...]:
    """The first author that the page's data name, be it the outlet itself, where nobody else is named."""
    return tuple(name for name in authors[:1] if not name.isdigit())


def _own_address(url: str, canonical: str, outlet: Outlet) -> str:
    """The address the page calls its own, where it is one of the outlet's articles; else the one it came from.

    Of an outlet that nobody declared, it is believed where it looks like an article's: so AMP and mobile pages, and
    those with odd queries, are the article that they mirror.
    """
    host = urlsplit(canonical).hostname or ""
    if host not in outlet.all_hosts:
        return url
    if outlet.article:
        return canonical if article_key(outlet, canonical) == article_key(outlet, url) else url
    return canonical if looks_like_article(canonical) else url
