"""Draft new rules for an outlet after a redesign: evidence -> suggestions -> rules -> checks.

The archive has the text of the old articles. Their pages in the new design show where each part is now. The draft is
checked on these pages, on pages captured since the redesign, and on pages of the old design.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from archive.errors import Failure
from archive.record import CaptureRef, Record
from archive.statistics.redesign_evidence import (
    CapturedArticle,
    captured_again,
    captured_before,
    captured_since,
    known_articles,
)
from archive.store.reader import ArchiveReader
from crawler.drafting.rule_check import RuleCheck, check_rules, reads_alike
from crawler.drafting.rule_trials import Suggestions, suggest
from crawler.drafting.url_pattern import learn_pattern
from crawler.fetching.fetcher import Fetcher
from crawler.outlets.article_urls import article_match
from crawler.outlets.model import Outlet, Reading
from crawler.page import Fetched, Page
from crawler.reading.extract import read_article
from crawler.workers.pool import WorkerPool
from schedules.drafting.draft import choose_rules
from schedules.monitoring.redesign import Redesign
from schedules.pipeline.captured_page import captured_page

FEWEST = 30  # pages in the new design that are needed to put rules in force
AGREEMENT = 0.95  # share of these pages that the new rules must read correctly
_SEARCHED = 400  # captures in the old design, newest first
_KNOWN = 24  # articles known from the old design whose pages are wanted in the new one
_NEW = 60  # articles captured since the redesign
_OLD = 30  # pages of the old design that must read as before
_OLD_FORMS = 0.5  # share of new addresses; if fewer fit the patterns in force, a pattern is learned
_KEYS = ("title", "standfirst", "body", "byline", "published", "section", "tags", "drop")


@dataclass(frozen=True, slots=True)
class HealingTools:
    """The tools of healing.

    Attributes:
        archive: The archive, open for reading.
        fetcher: Fetches pages at the usual rate; None to fetch nothing.
        workers: The worker processes.
        captures: The folder of the captures.
        limit: The largest decompressed size of a page, in bytes.
        now: The clock.
    """

    archive: ArchiveReader
    fetcher: Fetcher | None
    workers: WorkerPool
    captures: Path
    limit: int
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page in the new design, with its article if the archive has it from the old design."""

    page: Page
    known: Record | None = None


@dataclass(frozen=True, slots=True)
class Healing:
    """New rules for an outlet, and their evidence.

    Attributes:
        outlet: The outlet with the new rules.
        redesign: What changed.
        changes: The changed values of the declaration, as its file states them.
        fits: For each key of `Reading`: the new selectors, with the number of pages that each fits.
        checks: How the new rules read each page in the new design.
        old: For each page of the old design: whether it is read as before.
    """

    outlet: Outlet
    redesign: Redesign
    changes: Mapping[str, object]
    fits: Mapping[str, Mapping[str, int]]
    checks: tuple[RuleCheck, ...]
    old: tuple[bool, ...] = field(default=())

    @property
    def agreeing(self) -> int:
        """The number of pages in the new design that the new rules read correctly."""
        return sum(check.agrees for check in self.checks)

    @property
    def is_proven(self) -> bool:
        """Whether the rules may be put in force."""
        enough = len(self.checks) >= FEWEST and self.agreeing >= AGREEMENT * len(self.checks)
        return enough and sum(self.old) >= AGREEMENT * len(self.old)

    def __str__(self) -> str:
        old = f", {sum(self.old)} of {len(self.old)} older pages read as before" if self.old else ""
        return f"the new rules agree on {self.agreeing} of {len(self.checks)} pages{old}"


async def heal(tools: HealingTools, outlet: Outlet, redesign: Redesign) -> Healing | str:
    """Draft new rules for an outlet, and check them.

    Args:
        tools: What healing needs.
        outlet: The outlet with the rules in force.
        redesign: The change, and its time.

    Returns:
        The new rules with their evidence; a sentence if there are no pages to draft them from.
    """
    pages = await _known_pages(tools, outlet, redesign) + await _new_pages(tools, outlet, redesign)
    if not pages:
        return "no page in the new design is captured, and none could be fetched"
    fits = choose_rules([one.rules for one in await _suggestions(tools, outlet, pages)])
    if "body" not in fits:
        return f"no element holds the text on most of the {len(pages)} pages in the new design"
    patterns = _patterns(outlet, [one.page.url for one in pages])
    last_day = redesign.since.astimezone(outlet.zone).date() - timedelta(days=1)
    draft, changes = put_rules_in_force(outlet, {key: tuple(found) for key, found in fits.items()}, last_day, patterns)
    checks = [await tools.workers.run(check_rules, one.page, draft, tools.now(), one.known) for one in pages]
    told = [
        RuleCheck(one.page.url, problem=str(check)) if isinstance(check, Failure) else check
        for one, check in zip(pages, checks, strict=True)
    ]
    return Healing(draft, redesign, changes, fits, tuple(told), await _old_checks(tools, outlet, draft, redesign))


def put_rules_in_force(
    outlet: Outlet, rules: Mapping[str, tuple[str, ...]], last_day: date, patterns: tuple[str, ...] = ()
) -> tuple[Outlet, dict[str, object]]:
    """Put new rules before those in force, which become the rules for earlier days.

    Args:
        outlet: The outlet with the rules in force.
        rules: The new selectors, by key of `Reading`.
        last_day: The last day of the old design.
        patterns: Further patterns of article addresses.

    Returns:
        The outlet with the new rules, and the changed values for a declaration that extends the outlet.
    """
    old = outlet.rules(None)
    today = {key: _before(rules[key], getattr(old, key)) for key in _KEYS if rules.get(key)}
    reading = old.model_copy(update={**today, "end": ()})
    held = old.model_copy(update={"until": last_day, **_behind(old, reading)})
    earlier = [one.model_copy(update=_behind(one, reading)) for one in outlet.reading if one.until is not None]
    article = (*outlet.article, *patterns)
    changes: dict[str, object] = {"article": article} if patterns else {}
    changes["reading"] = {**today, **({"end": ()} if old.end else {})}
    if any(one.until == last_day for one in earlier):  # already healed on this day: keep the rules for earlier days
        return outlet.model_copy(update={"article": article, "reading": (reading, *earlier)}), changes
    changes[f"reading_until.{last_day}"] = {key: value for key in _KEYS if (value := getattr(old, key))} | (
        {"end": old.end} if old.end else {}
    )
    return outlet.model_copy(update={"article": article, "reading": (reading, held, *earlier)}), changes


def _before(first: tuple[str, ...], then: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *then)))


def _behind(rules: Reading, today: Reading) -> dict[str, tuple[str, ...]]:
    """Append today's selectors to those of earlier rules: outlets show old articles in new designs too."""
    keys = (*_KEYS, "caption", "credit", "strip")
    return {key: _before(getattr(rules, key), getattr(today, key)) for key in keys if getattr(rules, key)}


def _patterns(outlet: Outlet, urls: Sequence[str]) -> tuple[str, ...]:
    """Learn a pattern of the new addresses, if most of them do not match the patterns in force."""
    unknown = [url for url in urls if not article_match(outlet, url)]
    if not outlet.article or len(unknown) < _OLD_FORMS * len(urls):
        return ()
    learned = learn_pattern(unknown)
    return (learned.pattern,) if learned.pattern else ()


async def _known_pages(tools: HealingTools, outlet: Outlet, redesign: Redesign) -> list[NewPage]:
    """Load old articles that were captured in the new design; fetch some if these are too few."""
    old = {one.record.id: one for one in captured_before(tools.archive, outlet.id, redesign.since, _SEARCHED)}
    pages: list[NewPage] = []
    for again in captured_again(tools.archive, outlet.id, redesign.since, _KNOWN):
        known = await _known_record(tools, outlet, old.get(again.record.id))
        page = await _load(tools, again.ref) if known else None
        pages += [NewPage(page, known)] if page else []
    seen = {one.known.id for one in pages if one.known}
    for record in known_articles(tools.archive, outlet.id, redesign.since, 2 * _KNOWN):
        if tools.fetcher is None or len(pages) >= _KNOWN:
            break
        if record.id not in seen and record.url:
            answer = await tools.fetcher.fetch(record.url, outlet=outlet, accept="page")
            pages += [NewPage(answer.page, record)] if isinstance(answer, Fetched) else []
    return pages


async def _known_record(tools: HealingTools, outlet: Outlet, old: CapturedArticle | None) -> Record | None:
    """Read an article from its newest capture in the old design."""
    page = await _load(tools, old.ref) if old else None
    if page is None or old is None:
        return None
    record = await tools.workers.run(read_article, replace(page, candidate=old.candidate), outlet, tools.now())
    return record if isinstance(record, Record) else None


async def _new_pages(tools: HealingTools, outlet: Outlet, redesign: Redesign) -> list[NewPage]:
    captured = captured_since(tools.archive, outlet.id, redesign.since, _NEW)
    return [NewPage(page) for one in captured if (page := await _load(tools, one.ref))]


async def _old_checks(tools: HealingTools, outlet: Outlet, draft: Outlet, redesign: Redesign) -> tuple[bool, ...]:
    """Check that the draft reads pages of the old design like the rules in force."""
    checks = []
    for one in captured_before(tools.archive, outlet.id, redesign.since, _OLD):
        if page := await _load(tools, one.ref):
            same = await tools.workers.run(reads_alike, page, outlet, draft, tools.now())
            checks.append(same is True)
    return tuple(checks)


async def _load(tools: HealingTools, ref: CaptureRef) -> Page | None:
    loaded = await tools.workers.run(captured_page, tools.captures, ref, tools.limit)
    return None if isinstance(loaded, Failure) else loaded[0]


async def _suggestions(tools: HealingTools, outlet: Outlet, pages: Sequence[NewPage]) -> list[Suggestions]:
    """Find where each page has the parts of its article; prefer known articles if they suffice."""
    known = [one for one in pages if one.known]
    asked = known if len(known) >= _KNOWN / 2 else pages
    found = [await tools.workers.run(suggest, one.page, outlet, tools.now(), one.known) for one in asked]
    return [one for one in found if isinstance(one, Suggestions)]
