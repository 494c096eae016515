"""Check the rules of a draft against known facts of an article. Runs in worker processes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from archive.errors import Failure
from archive.record import Record
from crawler.drafting.rule_trials import agreement
from crawler.outlets.model import Outlet
from crawler.page import Page
from crawler.parsing.blocks import squash
from crawler.reading.article import GENERIC
from crawler.reading.extract import read_page
from crawler.reading.page_content import PageContent

_SAME_TEXT = 0.9  # F1 of the words; above it two readings count as the same text


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """The result of the rules of a draft on one page.

    Attributes:
        url: The page's address.
        by_rule: A rule found the text.
        title: The headline is the known one, or the one in the page's metadata.
        day: The day is the known one, or the one in the page's metadata.
        text: The best F1 of the words, against the known text and the generic reading; 0 to 1.
        known: The archive has the article from an earlier page.
        problem: Why the page could not be read; empty if it was read.
    """

    url: str
    by_rule: bool = False
    title: bool = False
    day: bool = False
    text: float = 0.0
    known: bool = False
    problem: str = ""

    @property
    def agrees(self) -> bool:
        """Whether the rules read the page correctly."""
        return self.by_rule and self.title and self.day and self.text >= _SAME_TEXT


def check_rules(page: Page, outlet: Outlet, now: datetime, known: Record | None = None) -> RuleCheck:
    """Read a page by the rules of a draft, and compare the result.

    Args:
        page: A page of an article.
        outlet: The draft.
        now: The current time, UTC.
        known: The article as archived from an earlier page; None if it is not archived.
    """
    found = read_page(page, outlet, now)
    if isinstance(found, Failure):
        return RuleCheck(page.url, known=known is not None, problem=str(found))
    generic = read_page(page, outlet.model_copy(update={"reading": ()}), now)
    check = RuleCheck(page.url, by_rule=found.article.rules != GENERIC, known=known is not None)
    if known:
        text, title, day = known.document.text, known.document.title, known.document.date
        check = _add_comparison(check, found, text, {title}, day)
    if not isinstance(generic, Failure):
        own_day = generic.when.day if generic.when else None
        check = _add_comparison(check, found, generic.text, {generic.title, *generic.facts.titles}, own_day)
    return check


def _add_comparison(check: RuleCheck, found: PageContent, text: str, titles: set[str], day: object) -> RuleCheck:
    """Add one comparison to a check; the better result counts."""
    return replace(
        check,
        title=check.title or squash(found.title) in set(map(squash, titles)),
        day=check.day or (found.when is not None and found.when.day == day),
        text=max(check.text, agreement(found.text, text)),
    )


def reads_alike(page: Page, outlet: Outlet, draft: Outlet, now: datetime) -> bool:
    """Return whether a draft reads a page exactly like the outlet's rules in force."""
    before, after = read_page(page, outlet, now), read_page(page, draft, now)
    if isinstance(before, Failure) or isinstance(after, Failure):
        return isinstance(before, Failure) and isinstance(after, Failure)
    day = [found.when.day if found.when else None for found in (before, after)]
    return (before.title, before.text, day[0]) == (after.title, after.text, day[1])
