"""Choose the headline of a page, and remove the name of its site from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.parsing.blocks import squash, width
from crawler.reading.metadata import PageMetadata
from crawler.reading.page_furniture import SECTION_NAME

_SHORTEST = 12  # characters; a shorter text is not a whole headline
_SHORTEST_LABEL = 5  # characters of a host's label that are not in other words by chance
_CUT = ("...", "…")
_FEW_WORDS = 3  # words of a name that contains the host's label
_TWO_LEVELS = 2  # labels of `hafenblatt.de`; a host with more may be below `co.uk`
_COUNTRY = 2  # letters of a country's top-level domain, below which `co` and `com` are no names
_ENDS = (
    re.compile(r".\s[|｜–—·•»-]\s([^|｜–—·•»]{2,60})$"),
    re.compile(r"^([^|｜–—·•»:]{2,60}?)\s[|｜–—·•»-]\s."),
)
_SHORTEST_UNSPACED = 6  # characters of Chinese and Japanese, which need half as many
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_APPENDED = re.compile(r"[.。]?\s*(?:[|｜│–—·•»«›_-]|：|::)|\s*[(\[（【［]")
_APPENDED_SECTION = re.compile(r"\s:\s")  # behind an `h1`; behind another heading it is the colon of a headline
_SITE_BEHIND = re.compile(r"\s*(?:[|｜│–—·•»«›_-]|：|::)\s*(.+)")
_MENUS = frozenset("menu mainmenu navigation search suche home news blog error header newsletter".split())
_SEPARATOR = r"\s*(?:\s[|｜│–—·•»«›-]\s|[：_]|:\s|::)\s*"
# The name of the site may contain a separator, and so may the headline.
_LAST = [re.compile(rf"^(.+{few}){_SEPARATOR}([^|｜：_»]{{2,60}})$") for few in ("?", "")]
_FIRST = re.compile(r"^([^|｜：»:]{2,60}?)\s*(?:\s[|｜–—·»-]\s|[：:]{1,2}\s|\s»\s)\s*(.+)$")


@dataclass(frozen=True, slots=True)
class Headlines:
    """The headline of a page, and the headings that may be it.

    Attributes:
        chosen: The headline; empty if there is none.
        shown: The headings that may be the headline, without menus and site names.
    """

    chosen: str
    shown: Sequence[str]


def read_headlines(facts: PageMetadata) -> Headlines:
    """Choose the headline of a page, and list its headings, with the names of its site found once."""
    names = _site_keys(facts)
    shown = _shown_heads(facts, names)
    return Headlines(_choose(facts, names, shown) or facts.spare_head, shown)


def _choose(facts: PageMetadata, names: set[str], shown: list[str]) -> str:
    """Choose the headline from metadata, else from headings, else from `title`.

    The `title` element is often written for search engines, so a heading is preferred.
    """
    known = [*shown, *facts.claimed_titles]  # another claim may be the same headline without the section
    if claims := [cut for title in facts.claimed_titles if (cut := _without_site(title, known, names))]:
        claims = [next((head for head in facts.heads if _has_section(claim, head)), claim) for claim in claims]
        return _shown_instead(facts, claims, shown) or _whole(claims[0], shown)
    likely = [head for head in shown if _is_long(head)]
    repeated = _without_site_heads([head for head in likely if head in facts.page_title], facts.page_title)
    by_title = _without_site(facts.page_title, shown, names)
    if not repeated and likely and _is_label(likely[0], by_title):
        return by_title
    return next(iter((*repeated, *likely, by_title, *shown)), "")


def _without_site_heads(heads: list[str], page_title: str) -> list[str]:
    """Drop the first heading if it ends the title behind another heading, or begins it before a colon.

    It is the name of the site in pages whose title is `Headline | Site` or `Site: Headline`.
    """
    if not heads:
        return heads
    first, others = heads[0], heads[1:]
    behind = page_title.endswith(first) and any(page_title.startswith(head) for head in others)
    before = page_title.startswith(f"{first}:") and any(page_title.endswith(head) for head in others)
    return others if behind or before else heads


def _shown_heads(facts: PageMetadata, names: set[str]) -> list[str]:
    """List the headings that may be the headline, without menus and site names."""
    others = names | {name * 2 for name in names} | _MENUS  # a name beside the same name as a picture's text
    return [head for head in (*facts.heads, *facts.subheads) if squash(head) not in others]


def contradicts_page(tree: LexborHTMLParser, title: str, facts: PageMetadata) -> bool:
    """Return whether a headline is the site's name, or shares no word with the page's own title.

    Args:
        tree: The page.
        title: The headline that the rules of an outlet found.
        facts: The metadata of the page.
    """
    key, told = squash(title), facts.meta("og:title", "twitter:title")
    if not key or not told:
        return False
    if key in {squash(name) for name in facts.site_names} and key != squash(told):
        return True
    if set(title.casefold().split()) & set(told.casefold().split()):
        return False
    heads = (squash(node.text(deep=True)) for node in tree.css("h1,h2,h3"))
    return any(len(head) >= _SHORTEST and head in squash(told) for head in heads)


def _shown_instead(facts: PageMetadata, claims: Sequence[str], shown: Sequence[str]) -> str:
    """Return the only `h1` of a page whose metas have another headline; empty if the metas are better.

    Such metas are written for search engines and shares. A page with JSON-LD is left alone: there,
    metadata are the work of the editors. A short heading is a section.
    """
    heads = [head for head in facts.heads if head in shown and _is_long(head)]
    if len(heads) != 1 or width(heads[0]) <= SECTION_NAME or facts.nodes:
        return ""
    key = squash(heads[0])
    keys = [squash(claim) for claim in claims]
    known = {squash(head) for head in shown[1:]}
    return "" if any(key in claim or claim in key or claim in known for claim in keys) else heads[0]


def _whole(claim: str, shown: Sequence[str]) -> str:
    """Return the heading that a headline cut short with dots begins; the headline itself if there is none."""
    stem = squash(claim) if claim.endswith(_CUT) and len(claim) > _SHORTEST else ""
    return next((head for head in shown if stem and squash(head).startswith(stem)), claim)


def _is_label(head: str, title: str) -> bool:
    """Return whether a heading is a short label that has no word of the longer page title."""
    if width(head) > SECTION_NAME or width(title) <= 2 * width(head):
        return False
    return set(head.casefold().split()).isdisjoint(title.casefold().split())


def _site_keys(facts: PageMetadata) -> set[str]:
    """Return the names of the site, as `squash` writes them.

    Some pages repeat their headline as `og:site_name`. A name that is both an `h1` and the whole page title is no name.
    """
    named = {squash(name) for name in facts.site_names} - ({squash(facts.page_title)} & set(map(squash, facts.heads)))
    named.update(map(squash, (*_host_names(facts.url), *_parts_with_host(facts))))
    return named - {""}


def _without_site(title: str, heads: Iterable[str], names: set[str]) -> str:
    """Remove the name of the site from a headline; return an empty text if nothing else is left."""
    for head in heads:
        if _is_long(head) and title.startswith(head) and _APPENDED.match(title[len(head) :]):
            return head
        rest = _SITE_BEHIND.fullmatch(title.removeprefix(head))
        if rest and title.startswith(head) and squash(rest[1]) in names:
            return head
    while shorter := _without_suffix(title, names):
        title = shorter
    if (found := _FIRST.match(title)) and _is_long(found[2]) and squash(found[1]) in names:
        title = found[2]
    return "" if squash(title) in names else title


def _has_section(title: str, head: str) -> bool:
    """Return whether a title is a heading followed by a section: `Headline : Sport`."""
    return _is_long(head) and title.startswith(head) and _APPENDED_SECTION.match(title, len(head)) is not None


def _without_suffix(title: str, names: set[str]) -> str:
    """Return a headline without the name of the site behind it; empty if there is none."""
    matches = (pattern.match(title) for pattern in _LAST)
    return next((found[1] for found in matches if found and _is_long(found[1]) and squash(found[2]) in names), "")


def _is_long(text: str) -> bool:
    return len(text) >= (_SHORTEST_UNSPACED if _UNSPACED.search(text) else _SHORTEST)


def _parts_with_host(facts: PageMetadata) -> list[str]:
    """Return the ends of titles that have the host's own label: `Hafenblatt online` at `hafenblatt.de`."""
    label = squash(_own_label(facts.url))
    if len(label) < _SHORTEST_LABEL:
        return []
    ends = (pattern.search(title) for title in facts.titles for pattern in _ENDS)
    parts = [found[1] for found in ends if found and len(found[1].split()) <= _FEW_WORDS]
    return [part for part in parts if squash(part).startswith(label) or squash(part).endswith(label)]


def _own_label(url: str) -> str:
    """Return the label of a host that its owner chose: `hafenblatt` of `www.hafenblatt.co.uk`."""
    labels = (urlsplit(url).hostname or "").split(".")
    second_level = len(labels) > _TWO_LEVELS and len(labels[-1]) == _COUNTRY and len(labels[-2]) <= _COUNTRY + 1
    return labels[-3] if second_level else labels[-_TWO_LEVELS:][0]


def _host_names(url: str) -> tuple[str, ...]:
    """Return the forms in which a host's name may follow a headline: `example.com`, `Example`."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = host.split(".")
    return (host, labels[0], ".".join(labels[-2:]), labels[-2] if len(labels) > 1 else "")
