"""Drafting a declaration from a live site: front page -> sources -> article pattern -> sample pages -> rules -> trials.

A draft is a guess with its evidence: each source with what it lists, the pattern with what it matches, each rule with
the pages that it fits. A person reads it, looks at the report, and decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.discovery.autodiscovery import complete
from crawler.discovery.sources import read_source
from crawler.drafting.rule_trials import Suggestions, Trial, attempt, site_name, suggest, with_rules
from crawler.drafting.url_pattern import Learned, learn_pattern
from crawler.fetching.fetcher import Fetcher
from crawler.outlets.article_urls import article_key, canonical, is_article, is_own, looks_like_article
from crawler.outlets.catalogue import bare_outlet
from crawler.outlets.model import Outlet, Source
from crawler.page import Fetched, Listing, Page
from crawler.parsing.site_timezones import zone_of
from crawler.worker_pool import Workers
from schedules.pipeline.context import utc_now

_FEWEST = 0.5  # of the sample pages that a rule must fit
_MOST_DROPS = 8
_MOST_FEEDS = 12
_OF_FEEDS = re.compile(r"^/(?:rss|feeds?)(?:\.html?|/)?$", re.IGNORECASE)
_FEED = re.compile(r"/rss/[^/]+$|/feed/?$|\.(?:rss|xml|atom)$", re.IGNORECASE)
_MIRRORS = frozenset({"", "www", "m", "mobile", "amp"})
_HEADLINE = 25  # characters; the names of sections are shorter
_CHILDREN = 1  # sitemaps of an index that are looked into


@dataclass(frozen=True, slots=True)
class Probed:
    """A source that was asked.

    Attributes:
        source: The source.
        links: What it lists of the outlet, by canonical address.
        failure: Why it cannot be read, if so.
    """

    source: Source
    links: tuple[Candidate, ...] = ()
    failure: Failure | None = None

    @property
    def articles(self) -> list[str]:
        """Which of its links lead to articles: of a section, those that have the form or the headline of one."""
        if self.source.kind != "section":
            return [link.url for link in self.links]
        return [link.url for link in self.links if looks_like_article(link.url) or len(link.title) >= _HEADLINE]


@dataclass(frozen=True, slots=True)
class Draft:
    """A declaration that was drafted, and what speaks for it.

    Attributes:
        outlet: The draft, its rules and its sources included.
        probed: Every source that was tried, in the order of the attempts.
        learned: The pattern of its articles.
        fits: By key of `Reading`: the selectors that were chosen, with the number of sample pages that each fits.
        pages: How many sample pages could be read.
        trials: The sample pages, read by the draft.
    """

    outlet: Outlet
    probed: tuple[Probed, ...]
    learned: Learned
    fits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    pages: int = 0
    trials: tuple[Trial, ...] = ()


@dataclass(frozen=True, slots=True)
class Drafting:
    """What drafting needs: the network, processes that read, how many pages to try, and whom to tell of progress."""

    fetcher: Fetcher
    workers: Workers
    samples: int
    note: Callable[[str], None]


async def draft(tools: Drafting, address: str) -> Draft | Failure:
    """Draft a declaration of the site at an address, as if nothing were known of it.

    Args:
        tools: What it takes.
        address: The site's front page.

    Returns:
        The draft; a failure where the front page cannot be had.
    """
    outlet = await _explored(tools, address)
    if isinstance(outlet, Failure):
        return outlet
    probed = [await _probed(tools, outlet, source) for source in outlet.sources]
    probed += [await _probed(tools, outlet, source) for source in await _listed_feeds(tools, outlet, probed)]
    listed = [url for one in probed if one.source.kind != "section" for url in one.articles]
    shown = [url for one in probed if one.source.kind == "section" for url in one.articles]
    articles = list(dict.fromkeys(listed or shown))
    linked = {link.url for one in probed for link in one.links}
    learned = learn_pattern(articles, linked.difference(listed, shown))
    useful = tuple(one.source for one in probed if one.links)
    outlet = outlet.model_copy(update={"article": (learned.pattern,) if learned.pattern else (), "sources": useful})
    pages = await _sampled(tools, outlet, articles)
    suggested = await _suggested(tools, outlet, pages)
    fits = chosen([s.rules for s in suggested])
    outlet = outlet.model_copy(update=_told(outlet, suggested))
    outlet = with_rules(outlet, {key: tuple(selectors) for key, selectors in fits.items()})
    trials = [await tools.workers.run(attempt, page, outlet, utc_now()) for page in pages]
    told = tuple(t if isinstance(t, Trial) else Trial(p.url, failure=t) for p, t in zip(pages, trials, strict=True))
    return Draft(outlet, tuple(probed), learned, fits, len(suggested), told)


def _told(outlet: Outlet, suggested: Sequence[Suggestions]) -> dict[str, str]:
    """What most sample pages say of their site, where nothing else has: its name and its timezone."""
    names = [one.site for one in suggested if one.site]
    zones = [one.timezone for one in suggested if one.timezone]
    host = urlsplit(outlet.home).hostname or ""
    known = zone_of(host, outlet.language) or max(zones, key=zones.count, default=outlet.timezone)
    name = outlet.name if outlet.name not in host else max(names, key=names.count, default=outlet.name)
    return {"name": name, "timezone": known}


async def _explored(tools: Drafting, address: str) -> Outlet | Failure:
    """The site with the sources that its front page, its robots.txt and custom name, and an id of its own."""
    bare = bare_outlet(address)
    front = await tools.fetcher.fetch(address, outlet=bare)
    if not isinstance(front, Fetched):
        return front if isinstance(front, Failure) else Failure(Reason.EMPTY, address)
    rules = await tools.fetcher.rules(front.page.url, outlet=bare)
    sitemaps = () if isinstance(rules, Failure) else rules.sitemaps
    found = await tools.workers.run(complete, bare_outlet(front.page.url), front.page, sitemaps)
    name = await tools.workers.run(site_name, front.page)
    if isinstance(found, Failure) or isinstance(name, Failure):
        return found
    return found.model_copy(update={"id": short_name(found.home), "name": name or found.name})


def short_name(home: str) -> str:
    """An id for an outlet: the first name in its host that tells it from others."""
    labels = (urlsplit(home).hostname or "").split(".")
    return re.sub(r"[^a-z0-9_]", "_", next((label for label in labels if label not in _MIRRORS), "site"))


async def _probed(tools: Drafting, outlet: Outlet, source: Source) -> Probed:
    """Ask a source what it lists; of an index of sitemaps, ask one of those."""
    listing = await _listing(tools, outlet, source)
    if isinstance(listing, Failure):
        tools.note(f"{source.kind} {source.url}: {listing}")
        return Probed(source, failure=listing)
    candidates: list[Candidate] = [*listing.candidates]
    for child in listing.children[-_CHILDREN:]:
        inner = await _listing(tools, outlet, Source(kind="sitemap", url=child.url))
        candidates += inner.candidates if isinstance(inner, Listing) else ()
    links: dict[str, Candidate] = {}
    for candidate in candidates:
        if (url := canonical(candidate.url)) and is_own(outlet, url):
            links.setdefault(url, replace(candidate, url=url))
    tools.note(f"{source.kind} {source.url}: {len(links)} links")
    return Probed(source, tuple(links.values()))


async def _listed_feeds(tools: Drafting, outlet: Outlet, probed: Sequence[Probed]) -> list[Source]:
    """The feeds that a page of feeds lists, where the front page links to one: that is how many outlets name theirs."""
    linked = [link.url for one in probed for link in one.links if _OF_FEEDS.search(urlsplit(link.url).path)]
    known = {one.source.url for one in probed if one.links}
    found: dict[str, Source] = {}
    for url in linked[:1]:
        shown = await _probed(tools, outlet, Source(kind="section", url=url))
        feeds = (link.url for link in shown.links if _FEED.search(urlsplit(link.url).path))
        found |= {feed: Source(kind="feed", url=feed) for feed in feeds if feed not in known}
    return list(found.values())[:_MOST_FEEDS]


async def _listing(tools: Drafting, outlet: Outlet, source: Source) -> Listing | Failure:
    answer = await tools.fetcher.fetch(source.url, outlet=outlet, accept="list")
    if not isinstance(answer, Fetched):
        return answer if isinstance(answer, Failure) else Failure(Reason.EMPTY, "nothing came back")
    return await tools.workers.run(read_source, answer.page, source, outlet, utc_now())


async def _sampled(tools: Drafting, outlet: Outlet, articles: Sequence[str]) -> list[Page]:
    """Pages of articles, as many as are wanted, from all over the list."""
    matching = {article_key(outlet, url): url for url in articles if is_article(outlet, url)}
    pages: list[Page] = []
    for url in spread(list(matching.values()), 2 * tools.samples):
        if len(pages) < tools.samples:
            answer = await tools.fetcher.fetch(url, outlet=outlet, accept="page")
            pages += [answer.page] if isinstance(answer, Fetched) else []
            tools.note(f"page {url}" + (f": {answer}" if isinstance(answer, Failure) else ""))
    return pages


def spread(items: Sequence[str], most: int) -> list[str]:
    """At most so many items, evenly from first to last."""
    if len(items) <= most:
        return list(items)
    return [items[i * len(items) // most] for i in range(most)]


async def _suggested(tools: Drafting, outlet: Outlet, pages: Iterable[Page]) -> list[Suggestions]:
    found = [await tools.workers.run(suggest, page, outlet, utc_now()) for page in pages]
    return [one for one in found if isinstance(one, Suggestions)]


def chosen(suggested: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[str, dict[str, int]]:
    """The rules that fit most of the sample pages, the best first, each with the number of pages that it fits.

    Args:
        suggested: Of each page: by key of `Reading`, selectors with how well they fit.
    """
    fits: dict[str, dict[str, int]] = {}
    for key in ("title", "standfirst", "body", "byline", "section", "tags", "drop"):
        pages = [page[key] for page in suggested if page.get(key)]
        sums: Counter[str] = Counter()
        counts = Counter(selector for page in pages for selector in page)
        for page in pages:
            sums.update(page)
        fewest = max(_FEWEST * len(pages), 2 if key == "drop" else 1)  # what is dropped goes from every page
        usual = [selector for selector, count in counts.items() if count >= fewest]
        usual.sort(key=lambda selector: (-sums[selector], selector.isalnum(), len(selector), selector))
        if usual:
            picked = usual[:_MOST_DROPS] if key == "drop" else _covering(usual, pages)
            fits[key] = {selector: counts[selector] for selector in picked}
    return fits


def _covering(ranked: Sequence[str], pages: Sequence[Mapping[str, float]]) -> list[str]:
    """The best selector, and each further one that fits a page on which none of those before it does."""
    picked: list[str] = []
    for selector in ranked:
        if any(selector in page and not any(better in page for better in picked) for page in pages):
            picked.append(selector)
    return picked
