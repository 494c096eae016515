"""Choose which sitemaps of an index to read: those that changed last or may list new articles. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.page import Child

_FIRST_LOOK = 50  # unread sitemaps of an index without dates that are read in one pass
_ARTICLES = re.compile(
    r"(?:^|[^a-z])(?:news|posts?|articles?|stor(?:y|ies)|tin|bai-?viet|noticias?|artikel|actualites?|latest|recent)(?:[^a-z]|$)"
)
_OTHERS = re.compile(
    r"(?:^|[^a-z])(?:categor(?:y|ies)|tags?|taxonom(?:y|ies)|authors?|users?|pages?|images?|videos?|products?|topics?|"
    r"sections?|danh-?muc|chuyen-?muc|tac-?gia|the-loai|attachments?|events?|tags?)(?:[^a-z]|$)"
)
_DAY = re.compile(r"((?:19|20)\d\d)[-_/]?(0[1-9]|1[0-2])?[-_/]?([0-2]\d|3[01])?(?!\d)")


@dataclass(frozen=True, slots=True)
class ChosenChildren:
    """The sitemaps of an index to read.

    Attributes:
        urls: Their addresses.
        note: What was left out and why, in one line; empty if nothing was.
    """

    urls: tuple[str, ...]
    note: str = ""


def choose_children(
    children: Sequence[Child], count: int, read: Collection[str] = (), fruitful: Sequence[str] = ()
) -> ChosenChildren:
    """Choose the sitemaps of an index.

    If the index says when they changed, the newest are chosen. Otherwise their names decide: `post` and `news` contain
    articles, `category` and `author` do not, and of names with a day the newest are chosen. Each of the others is read
    once; after that, those that listed articles most recently are read.

    Args:
        children: The sitemaps in the order of the index.
        count: How many are read in one pass, besides those that were never read.
        read: The addresses of those that were read before.
        fruitful: The addresses of those that listed articles, latest first.
    """
    dated = sorted((child for child in children if child.modified_at), key=_last_modified)
    if dated:
        chosen = [child.url for child in dated[-count:]]
        return ChosenChildren(tuple(chosen), _note(len(children) - len(chosen), "changed earlier"))
    urls = [child.url for child in children]
    named = [url for url in urls if _ARTICLES.search(_name(url)) and not _is_other(url)]
    wanted = named or [url for url in urls if not _is_other(url)] or urls
    left_out = _note(len(urls) - len(wanted), "hold no articles, as their names say")
    if days := {url: day for url in wanted if (day := _day_in(url))}:
        newest = sorted(days, key=lambda url: days[url])[-count:]
        undated = [url for url in wanted if url not in days]
        wanted, older = [*newest, *undated], len(days) - len(newest)
        left_out = "; ".join(filter(None, (left_out, _note(older, "are of earlier days, as their names say"))))
    unread = [url for url in wanted if url not in read]
    known = [url for url in fruitful if url in wanted] or [url for url in wanted[-count:] if url in read]
    chosen = [*unread[:_FIRST_LOOK], *known[:count]]
    waiting = _note(len(unread) - _FIRST_LOOK, "wait for the next pass")
    return ChosenChildren(tuple(dict.fromkeys(chosen)), "; ".join(filter(None, (left_out, waiting))))


def _last_modified(child: Child) -> float:
    return child.modified_at.timestamp() if child.modified_at else 0.0


def _name(url: str) -> str:
    return urlsplit(url).path.lower().rpartition("/")[2] + "?" + urlsplit(url).query.lower()


def _is_other(url: str) -> bool:
    """Return whether a name shows that there are no articles; its last such word counts (`post_tag`)."""
    name = _name(url).replace("_", "-")
    others = [found.start() for found in _OTHERS.finditer(name)]
    articles = [found.start() for found in _ARTICLES.finditer(name)]
    return bool(others) and max(others) > max(articles, default=-1)


def _day_in(url: str) -> str:
    found = _DAY.search(_name(url))
    return "".join(part or "" for part in found.groups()) if found else ""


def _note(count: int, why: str) -> str:
    return f"{count} sitemaps of the index were not read: they {why}" if count > 0 else ""
