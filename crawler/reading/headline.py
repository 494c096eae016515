"""Choose the headline of a page, and remove the name of its site from it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from crawler.parsing.blocks import squash
from crawler.reading.metadata import PageMetadata

_SHORTEST = 12  # characters; a shorter text is not a whole headline
_SHORTEST_UNSPACED = 6  # characters of Chinese and Japanese, which need half as many
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_APPENDED = re.compile(r"[.。]?\s*[|｜–—·»_-]|\s*[(\[]")
_SITE_BEHIND = re.compile(r"\s*[|｜–—·»_-]\s*(.+)")
_MENUS = frozenset("menu mainmenu navigation search suche home news blog error header newsletter".split())
_LAST = re.compile(r"^(.+?)\s*(?:\s[|｜–—·»-]\s|[：_]|:\s|::)\s*([^|｜：_»]{2,60})$")
_FIRST = re.compile(r"^([^|｜：»:]{2,60}?)\s*(?:\s[|｜–—·»-]\s|[：:]{1,2}\s|\s»\s)\s*(.+)$")


def choose_headline(facts: PageMetadata) -> str:
    """Choose the headline from metadata, else from headings, else from `title`.

    The `title` element is often written for search engines, so a heading is preferred.
    """
    names = _site_keys(facts)
    shown = shown_heads(facts)
    for title in facts.claimed_titles:
        if cut := _without_site(title, shown, names):
            return cut
    likely = [head for head in shown if _is_long(head)]
    repeated = [head for head in likely if head in facts.page_title]
    by_title = _without_site(facts.page_title, shown, names)
    return next(iter((*repeated, *likely, by_title, *shown)), "")


def shown_heads(facts: PageMetadata) -> list[str]:
    """List the headings that may be the headline, without menus and site names."""
    names = _site_keys(facts)
    return [head for head in (*facts.heads, *facts.subheads) if squash(head) not in names | _MENUS]


def _site_keys(facts: PageMetadata) -> set[str]:
    """Return the names of the site, as `squash` writes them.

    Some pages repeat their headline as `og:site_name`. A name that is both an `h1` and the whole page title is no name.
    """
    named = {squash(name) for name in facts.site_names} - ({squash(facts.page_title)} & set(map(squash, facts.heads)))
    return {name for name in (*named, *map(squash, _host_names(facts.url))) if name}


def _without_site(title: str, heads: Iterable[str], names: set[str]) -> str:
    """Remove the name of the site from a headline; return an empty text if nothing else is left."""
    for head in heads:
        if _is_long(head) and title.startswith(head) and _APPENDED.match(title[len(head) :]):
            return head
        rest = _SITE_BEHIND.fullmatch(title.removeprefix(head))
        if rest and title.startswith(head) and squash(rest[1]) in names:
            return head
    while (found := _LAST.match(title)) and _is_long(found[1]) and squash(found[2]) in names:
        title = found[1]
    if (found := _FIRST.match(title)) and _is_long(found[2]) and squash(found[1]) in names:
        title = found[2]
    return "" if squash(title) in names else title


def _is_long(text: str) -> bool:
    return len(text) >= (_SHORTEST_UNSPACED if _UNSPACED.search(text) else _SHORTEST)


def _host_names(url: str) -> tuple[str, ...]:
    """Return the forms in which a host's name may follow a headline: `example.com`, `Example`."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = host.split(".")
    return (host, labels[0], ".".join(labels[-2:]), labels[-2] if len(labels) > 1 else "")
