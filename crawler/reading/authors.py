"""Choose the authors and credits of an article, from what its page prints and what its metadata state."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from crawler.outlets.model import Outlet
from crawler.reading.agencies import canonical_agency
from crawler.reading.article import GENERIC, Article
from crawler.reading.bylines import Byline, is_desk, read_byline, read_credits
from crawler.reading.metadata import PageMetadata
from crawler.reading.printed_bylines import is_signed

_ACCOUNT = re.compile(r"[a-z0-9._-]+")


def choose_people(article: Article, facts: PageMetadata, outlet: Outlet) -> Byline:
    """Choose the authors of an article, and collect all credits.

    Printed authors come first on declared outlets, or if the metadata name no person; otherwise those of the metadata
    do. If there is neither an author nor a credit, the user that `twitter:` metas name is the author.
    """
    host = urlsplit(outlet.home).hostname or ""
    label = host.removeprefix("www.").partition(".")[0]
    own = (outlet.name, outlet.id, host, label, *outlet.names, *facts.site_names)
    printed = read_byline([article.byline, article.signature], own)
    claims = [read_byline(claim, own) for claim in facts.author_claims] or [Byline()]
    given = next((claim for claim in claims if set(claim.authors) & set(printed.authors)), claims[0])
    declared = article.rules != GENERIC
    nobody = facts.names_organizations or (bool(given.authors) and all(map(_is_nobody, given.authors)))
    by_print = declared or (nobody and printed.authors)
    names = (printed.authors or given.authors) if by_print else (given.authors or printed.authors)
    if not declared and (agencies := [author for author in facts.authors if canonical_agency(author)]):
        names = (
            tuple(author for author in facts.authors if author in (*given.authors, *agencies))
            if given.authors
            else tuple(agencies)
        )
    whole = read_byline([article.byline], own).authors if is_signed(article.byline) else ()
    # A meta may name only the first author of the line; a single word in it may be a place or an office.
    if not declared and set(names) < set(whole) and all(" " in name for name in whole):
        names = whole
    if not declared and not names and canonical_agency(article.byline):
        names = (article.byline,)
    credits_ = [
        *(printed.credits if declared or not given.credits else ()),
        *given.credits,
        *read_credits(article.credit),
    ]
    if not declared and not names and not credits_:
        names = read_byline(facts.labelled_authors, own).authors
    return Byline(names, tuple(dict.fromkeys(credits_)))


def _is_nobody(name: str) -> bool:
    """Return whether a name is that of an office, or of an account: `cms-user`."""
    return is_desk(name) or _ACCOUNT.fullmatch(name) is not None


def as_given(authors: Sequence[str]) -> tuple[str, ...]:
    """Return the first author in the page's metadata, even if it is the outlet itself."""
    return tuple(name for name in authors[:1] if not name.isdigit())
