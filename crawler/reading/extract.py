"""Read a fetched page into a dated record, or into a failure with its reason."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.metadata import version
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser

from archive.errors import Failure, Reason
from archive.record import Document, Record, article_id
from crawler.outlets.article_urls import article_key, looks_like_article
from crawler.outlets.model import Outlet
from crawler.page import Page
from crawler.parsing.blocks import squash
from crawler.parsing.composition import compose
from crawler.parsing.dates import DateStyle, date_order_of_language
from crawler.parsing.html_tree import UNSEEN, drop, parse
from crawler.parsing.site_timezones import date_order_of_host, guess_timezone, language_of_host
from crawler.reading import live_blog, rejection
from crawler.reading.article import GENERIC, Article, read_declared, read_generic, with_entry_times
from crawler.reading.authors import as_given, choose_people
from crawler.reading.bylines import Byline, read_byline
from crawler.reading.completeness import is_fuller, rules_miss_most
from crawler.reading.confidence import RULES_DO_NOT_FIT, date_doubts
from crawler.reading.embedded_state import described_article, shipped_article
from crawler.reading.header import Header, read_header
from crawler.reading.headline import contradicts_page, read_headlines
from crawler.reading.metadata import PageMetadata, read_metadata
from crawler.reading.page_content import PageContent, append_page
from crawler.reading.printed_bylines import printed_byline
from crawler.reading.printed_dates import printed_times, text_days
from crawler.reading.publication_date import (
    PublicationDate,
    decide_publication,
    is_doubtful,
    read_modification,
    with_last_resort,
)

_SHOWN = 200  # characters; if a page shows less text, its scripts are searched for more
READER = "2"  # changes whenever the same page may be read differently


def read_article(page: Page, outlet: Outlet, now: datetime, further: Sequence[Page] = ()) -> Record | Failure:
    """Read the article of a page.

    Args:
        page: The page, from the network or a file, with the candidate that led to it.
        outlet: The page's outlet; without `reading` rules only the generic reader is used.
        now: The current time, with a timezone; an article from more than a day later is refused.
        further: The further pages of the same article, in order; their texts are appended.

    Returns:
        The record, or why the page is not an article that can be archived.
    """
    found = read_page(page, outlet, now)
    if isinstance(found, Failure):
        return found
    for other in further:
        more = read_page(other, outlet, now)
        found = found if isinstance(more, Failure) else append_page(found, more)
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
        byline=found.people.authors,
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
        reader=reader_of(outlet),
        rules=found.article.rules,
        doubts=(*found.article.doubts, *date_doubts(found.when)),
    )


def forbids_showing(robots: str) -> bool:
    """Return whether an `X-Robots-Tag` for all robots or ours forbids showing an archived copy.

    Google's rules: https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag
    """
    rules = (part.strip().lower() for part in robots.split(","))
    return any(rule.removeprefix("khobao:").strip() == "noarchive" for rule in rules)


def reader_of(outlet: Outlet) -> str:
    """Return the version of an outlet's reader: `2 trafilatura-2.3.1 rules-5f3a9c1b`.

    It changes whenever the same bytes may be read differently: with our reader, trafilatura, or the declaration.
    """
    return f"{READER} trafilatura-{_trafilatura()} rules-{outlet.digest}"


@cache
def _trafilatura() -> str:
    return version("trafilatura")


def read_saved(page: Page, outlet: Outlet, now: datetime) -> dict[str, object] | Failure:
    """Return what `khobao read` prints of a page, dated or not; arguments as in `read_article`."""
    found = read_page(page, outlet, now)
    return found if isinstance(found, Failure) else found.as_json()


def read_page(page: Page, outlet: Outlet, now: datetime) -> PageContent | Failure:
    """Read an article that may lack a date or a headline; arguments as in `read_article`.

    Returns:
        The content; a failure if the page is not an article.
    """
    text = compose(page.text)
    if "<" not in text:
        return Failure(Reason.EMPTY, f"{page.url}: no markup in {len(page.content)} bytes")
    tree = parse(text)
    if isinstance(tree, Failure):
        return tree
    facts = read_metadata(tree, page.url)
    drop(tree, UNSEEN)  # its scripts were read already, and contain no visible text
    if refusal := rejection.refuse_address(page.url):
        return refusal
    found = _read(page, outlet, tree, facts, now)
    if (
        isinstance(found, PageContent)
        and found.article.rules != GENERIC
        and _rules_are_doubtful(tree, found.article, facts)
    ):
        found = _read_without_rules(page, outlet, text, facts, now, found)
    if not _has_text(found):
        found = _read_state(page, outlet, text, facts, now) or found
    if isinstance(found, Failure) or found.article.rules != GENERIC:
        return found
    if found.when is None:
        found = _with_described(page, found, outlet, text, now)
    lines = (line for block in found.article.page for line in block.text.split("\n"))
    return replace(found, when=with_last_resort(found.when, text, lines, facts, now))


def _has_text(found: PageContent | Failure) -> bool:
    """Return whether a page shows its text, or was refused for another reason than missing text."""
    if isinstance(found, Failure):
        return found.reason is not Reason.NO_TEXT
    return len(found.text) >= _SHOWN


def _rules_are_doubtful(tree: LexborHTMLParser, article: Article, facts: PageMetadata) -> bool:
    """Return whether the rules may have matched the wrong elements, as old rules do after a redesign."""
    return rules_miss_most(tree, article.blocks, article.standfirst) or contradicts_page(tree, article.title, facts)


def _read_without_rules(
    page: Page, outlet: Outlet, text: str, facts: PageMetadata, now: datetime, found: PageContent
) -> PageContent:
    """Read a page by the generic reader, because the outlet's rules may have matched wrong elements.

    Returns:
        What the generic reader found if that is far more text or another headline; otherwise what the rules found.
    """
    tree = parse(text)
    if isinstance(tree, Failure):
        return found
    drop(tree, UNSEEN)
    generic = _read(page, outlet.model_copy(update={"reading": ()}), tree, facts, now)
    if isinstance(generic, Failure):
        return found
    own_names = set(map(squash, (outlet.name, *outlet.names, *facts.site_names)))
    if squash(generic.title) in own_names and squash(found.title) not in own_names:
        return found  # the page's metadata has no headline, so the rules know the page better
    is_cut = is_fuller(generic.article.blocks, found.article.blocks)
    if not is_cut and squash(generic.title) == squash(found.title):
        return found
    return replace(generic, article=replace(generic.article, doubts=(*generic.article.doubts, RULES_DO_NOT_FIT)))


def _read_state(page: Page, outlet: Outlet, text: str, facts: PageMetadata, now: datetime) -> PageContent | None:
    """Read the article that a page contains for its scripts to show; None if there is none."""
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
    found = _read(page, outlet.model_copy(update={"reading": ()}), tree, facts, now, shipped.published)
    return None if isinstance(found, Failure) else found


def _with_described(page: Page, found: PageContent, outlet: Outlet, text: str, now: datetime) -> PageContent:
    """Date an undated article by the scripts of its page, and add the authors that they name."""
    whole = parse(text)
    told = None if isinstance(whole, Failure) else described_article(whole, (found.title, *found.facts.titles))
    if told is None:
        return found
    style = _date_style(outlet, found.facts)
    when = decide_publication(found.facts, (told.published,), page.candidate, (), page.url, style, now)
    people = found.people if found.people.authors else read_byline(told.authors, found.facts.site_names)
    return replace(found, when=None if isinstance(when, Failure) else when, people=people)


def _read(
    page: Page,
    outlet: Outlet,
    tree: LexborHTMLParser,
    facts: PageMetadata,
    now: datetime,
    shipped_time: str = "",
) -> PageContent | Failure:
    style = _date_style(outlet, facts)
    known = decide_publication(facts, (), None, (), page.url, style, now)
    rules = outlet.rules(known.day if isinstance(known, PublicationDate) else None)
    style = replace(style, order=rules.date_order or style.order)
    listed = page.candidate.title if page.candidate else ""
    article = read_declared(tree, facts, rules) if rules.body else None
    if article is None and rules.body and (refusal := rejection.refuse_template(facts, listed)):
        return refusal
    headlines = read_headlines(facts)

    @cache
    def header() -> Header:  # needed for the date or the byline, if the page's data and the rules lack them
        return read_header(tree, headlines.chosen, facts.titles, headlines.shown)

    declared = [words for words in (shipped_time, article.published if isinstance(article, Article) else "") if words]
    printed = printed_times(tree, header(), style) if is_doubtful(facts, declared, page.candidate, style) else []
    if isinstance(known, PublicationDate) and style.read_swapped(known.raw):
        printed += text_days(tree, style)
    if article is None:
        article = read_generic(tree, facts, rules, printed_byline(tree, header(), style.language), headlines)
    if isinstance(article, Failure):
        return article
    if entries := live_blog.entries(facts.article, style.zone, style.order):
        article = with_entry_times(article, entries)
    if refusal := rejection.refuse_text(facts, article, listed):
        return refusal
    when = known
    if declared or page.candidate or printed or rules.date_order:
        when = decide_publication(facts, declared, page.candidate, printed, page.url, style, now)
    if isinstance(when, Failure):
        return when
    people, signature = _people_of(article, facts, outlet)
    return PageContent(
        url=_own_address(page.url, facts.canonical, outlet),
        title=article.title or (page.candidate.title.strip() if page.candidate else ""),
        when=when,
        article=article,
        people=people,
        signature=signature,
        facts=facts,
        modified_at=read_modification(facts, style, now),
    )


def _people_of(article: Article, facts: PageMetadata, outlet: Outlet) -> tuple[Byline, str]:
    """Return the authors and credits of an article, and the signature that ends its text."""
    people = choose_people(article, facts, outlet)
    signature = article.signature or " - ".join(people.authors) or ", ".join(people.credits)
    if article.rules == GENERIC and not people.authors:  # record that no author is printed
        people = Byline(as_given(facts.authors), people.credits)
    return people, signature


def _date_style(outlet: Outlet, facts: PageMetadata) -> DateStyle:
    """Return how to parse dates: as the outlet declares, or by its country and language."""
    host = urlsplit(outlet.home).hostname or ""
    order = outlet.date_order or date_order_of_language(facts.language) or date_order_of_host(host)
    language = facts.language or outlet.language
    if not language or language[:2].lower() == "en":  # templates declare English whatever the language of the text is
        language = language_of_host(host) or language
    return DateStyle(_zone(outlet, facts), order, language)


def _zone(outlet: Outlet, facts: PageMetadata) -> ZoneInfo | None:
    """Return the outlet's timezone, or else that of its country or language; None if unknown."""
    if outlet.reading or outlet.timezone != "UTC":
        return outlet.zone
    name = guess_timezone(urlsplit(outlet.home).hostname or "", facts.language)
    return ZoneInfo(name) if name else None


def _own_address(url: str, canonical: str, outlet: Outlet) -> str:
    """Return the canonical address if it is an article of the outlet; otherwise the page's address.

    For an undeclared outlet, it is used if it looks like an article. So AMP and mobile pages, and addresses with extra
    queries, belong to the article that they mirror.
    """
    host = urlsplit(canonical).hostname or ""
    if host not in outlet.all_hosts:
        return url
    if outlet.article:
        return canonical if article_key(outlet, canonical) == article_key(outlet, url) else url
    return canonical if looks_like_article(canonical) else url
