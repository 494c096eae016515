"""Draft a declaration: home page -> sources -> article pattern -> samples -> rules -> trials.

A draft is a guess with its evidence: the links of each source, the addresses that the pattern matches, the pages that
each rule fits. A person reads the draft and its report, and decides.
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
from crawler.drafting.rule_trials import Suggestions, Trial, site_name, suggest, try_rules, with_rules
from crawler.drafting.url_pattern import LearnedPattern, learn_pattern
from crawler.fetching.fetcher import Fetcher
from crawler.outlets.article_urls import article_key, canonical, is_article, is_own, looks_like_article
from crawler.outlets.catalogue import bare_outlet
from crawler.outlets.model import Outlet, Source
from crawler.page import Fetched, Listing, Page
from crawler.parsing.site_timezones import guess_timezone
from crawler.workers.pool import WorkerPool
from schedules.pipeline.context import utc_now
from schedules.pipeline.source_reading import fetch_listing

_FEWEST = 0.5  # share of the sample pages that a rule must fit
_MOST_DROPS = 8
_MOST_FEEDS = 12
_OF_FEEDS = re.compile(r"^/(?:rss|feeds?)(?:\.html?|/)?$", re.IGNORECASE)
_FEED = re.compile(r"/rss/[^/]+$|/feed/?$|\.(?:rss|xml|atom)$", re.IGNORECASE)
_MIRRORS = frozenset({"", "www", "m", "mobile", "amp"})
_HEADLINE = 25  # characters; section names are shorter
_CHILDREN = 1  # sitemaps of an index that are read


@dataclass(frozen=True, slots=True)
class SourceProbe:
    """A source and its links.

    Attributes:
        source: The source.
        links: Its links to the outlet, by canonical address.
        failure: Why it could not be read; None if it was read.
    """

    source: Source
    links: tuple[Candidate, ...] = ()
    failure: Failure | None = None

    @property
    def articles(self) -> list[str]:
        """Links to articles; on a section page, those with the form or the headline of an article."""
        if self.source.kind != "section":
            return [link.url for link in self.links]
        return [link.url for link in self.links if looks_like_article(link.url) or len(link.title) >= _HEADLINE]


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted declaration and its evidence.

    Attributes:
        outlet: The draft, with its rules and sources.
        probed: Every source that was tried, in the order of the attempts.
        learned: The pattern of its articles.
        fits: For each key of `Reading`: the chosen selectors, with the number of sample pages that each fits.
        pages: The number of readable sample pages.
        trials: The sample pages, read by the draft.
    """

    outlet: Outlet
    probed: tuple[SourceProbe, ...]
    learned: LearnedPattern
    fits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    pages: int = 0
    trials: tuple[Trial, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftTools:
    """The tools of drafting: the network, worker processes, the number of samples, a progress callback."""

    fetcher: Fetcher
    workers: WorkerPool
    samples: int
    note: Callable[[str], None]


async def draft(tools: DraftTools, address: str) -> Draft | Failure:
    """Draft a declaration of a site as if nothing were known about it.

    Args:
        tools: What drafting needs.
        address: The site's home page.

    Returns:
        The draft; a failure if the home page cannot be fetched.
    """
    outlet = await _explore_site(tools, address)
    if isinstance(outlet, Failure):
        return outlet
    probed = [await _probe_source(tools, outlet, source) for source in outlet.sources]
    probed += [await _probe_source(tools, outlet, source) for source in await _find_feeds(tools, outlet, probed)]
    listed = [url for one in probed if one.source.kind != "section" for url in one.articles]
    shown = [url for one in probed if one.source.kind == "section" for url in one.articles]
    articles = list(dict.fromkeys(listed or shown))
    linked = {link.url for one in probed for link in one.links}
    learned = learn_pattern(articles, linked.difference(listed, shown))
    useful = tuple(one.source for one in probed if one.links)
    outlet = outlet.model_copy(update={"article": (learned.pattern,) if learned.pattern else (), "sources": useful})
    pages = await _fetch_samples(tools, outlet, articles)
    suggested = await _suggest_rules(tools, outlet, pages)
    fits = choose_rules([s.rules for s in suggested])
    outlet = outlet.model_copy(update=_site_facts(outlet, suggested))
    outlet = with_rules(outlet, {key: tuple(selectors) for key, selectors in fits.items()})
    trials = [await tools.workers.run(try_rules, page, outlet, utc_now()) for page in pages]
    told = tuple(t if isinstance(t, Trial) else Trial(p.url, failure=t) for p, t in zip(pages, trials, strict=True))
    return Draft(outlet, tuple(probed), learned, fits, len(suggested), told)


def _site_facts(outlet: Outlet, suggested: Sequence[Suggestions]) -> dict[str, str]:
    """Return the site's name and timezone from its pages, if they are unknown."""
    names = [one.site for one in suggested if one.site]
    zones = [one.timezone for one in suggested if one.timezone]
    host = urlsplit(outlet.home).hostname or ""
    known = guess_timezone(host, outlet.language) or max(zones, key=zones.count, default=outlet.timezone)
    name = outlet.name if outlet.name not in host else max(names, key=names.count, default=outlet.name)
    return {"name": name, "timezone": known}


async def _explore_site(tools: DraftTools, address: str) -> Outlet | Failure:
    """Find the site's sources through its home page, robots.txt and common paths; give it an id."""
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
    """Derive an outlet's id from its host: the first label that is not a mirror's."""
    labels = (urlsplit(home).hostname or "").split(".")
    return re.sub(r"[^a-z0-9_]", "_", next((label for label in labels if label not in _MIRRORS), "site"))


async def _probe_source(tools: DraftTools, outlet: Outlet, source: Source) -> SourceProbe:
    """Fetch a source and read its links; follow one sitemap of an index."""
    listing = await _fetch_listing(tools, outlet, source)
    if isinstance(listing, Failure):
        tools.note(f"{source.kind} {source.url}: {listing}")
        return SourceProbe(source, failure=listing)
    candidates: list[Candidate] = [*listing.candidates]
    for child in listing.children[-_CHILDREN:]:
        inner = await _fetch_listing(tools, outlet, Source(kind="sitemap", url=child.url))
        candidates += inner.candidates if isinstance(inner, Listing) else ()
    links: dict[str, Candidate] = {}
    for candidate in candidates:
        if (url := canonical(candidate.url)) and is_own(outlet, url):
            links.setdefault(url, replace(candidate, url=url))
    tools.note(f"{source.kind} {source.url}: {len(links)} links")
    return SourceProbe(source, tuple(links.values()))


async def _find_feeds(tools: DraftTools, outlet: Outlet, probed: Sequence[SourceProbe]) -> list[Source]:
    """Find the feeds on a page of feeds that the home page links to."""
    linked = [link.url for one in probed for link in one.links if _OF_FEEDS.search(urlsplit(link.url).path)]
    known = {one.source.url for one in probed if one.links}
    found: dict[str, Source] = {}
    for url in linked[:1]:
        shown = await _probe_source(tools, outlet, Source(kind="section", url=url))
        feeds = (link.url for link in shown.links if _FEED.search(urlsplit(link.url).path))
        found |= {feed: Source(kind="feed", url=feed) for feed in feeds if feed not in known}
    return list(found.values())[:_MOST_FEEDS]


async def _fetch_listing(tools: DraftTools, outlet: Outlet, source: Source) -> Listing | Failure:
    """Fetch a source and read its links."""
    result = await fetch_listing(tools.fetcher, tools.workers, source, outlet, utc_now)
    return result.content or Failure(Reason.EMPTY, f"{source.url}: the response is empty")


async def _fetch_samples(tools: DraftTools, outlet: Outlet, articles: Sequence[str]) -> list[Page]:
    """Fetch sample pages, spread evenly over the listed articles."""
    matching = {article_key(outlet, url): url for url in articles if is_article(outlet, url)}
    pages: list[Page] = []
    for url in spread(list(matching.values()), 2 * tools.samples):
        if len(pages) < tools.samples:
            answer = await tools.fetcher.fetch(url, outlet=outlet, accept="page")
            pages += [answer.page] if isinstance(answer, Fetched) else []
            tools.note(f"page {url}" + (f": {answer}" if isinstance(answer, Failure) else ""))
    return pages


def spread(items: Sequence[str], most: int) -> list[str]:
    """Choose at most `most` items, evenly from first to last."""
    if len(items) <= most:
        return list(items)
    return [items[i * len(items) // most] for i in range(most)]


async def _suggest_rules(tools: DraftTools, outlet: Outlet, pages: Iterable[Page]) -> list[Suggestions]:
    found = [await tools.workers.run(suggest, page, outlet, utc_now()) for page in pages]
    return [one for one in found if isinstance(one, Suggestions)]


def choose_rules(suggested: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[str, dict[str, int]]:
    """Choose the rules that fit most sample pages, best first, with the number of pages that each fits.

    Args:
        suggested: For each page: by key of `Reading`, selectors with how well they fit.
    """
    fits: dict[str, dict[str, int]] = {}
    for key in ("title", "standfirst", "body", "byline", "published", "section", "tags", "drop"):
        pages = [page[key] for page in suggested if page.get(key)]
        sums: Counter[str] = Counter()
        counts = Counter(selector for page in pages for selector in page)
        for page in pages:
            sums.update(page)
        fewest = max(_FEWEST * len(pages), 2 if key == "drop" else 1)  # a `drop` rule removes elements on every page
        usual = [selector for selector, count in counts.items() if count >= fewest]
        usual.sort(key=lambda selector: (-sums[selector], selector.isalnum(), len(selector), selector))
        if usual:
            picked = usual[:_MOST_DROPS] if key == "drop" else _covering(usual, pages)
            fits[key] = {selector: counts[selector] for selector in picked}
    return fits


def _covering(ranked: Sequence[str], pages: Sequence[Mapping[str, float]]) -> list[str]:
    """Choose the best selector, and each further one that fits a page which no earlier one fits."""
    picked: list[str] = []
    for selector in ranked:
        if any(selector in page and not any(better in page for better in picked) for page in pages):
            picked.append(selector)
    return picked
