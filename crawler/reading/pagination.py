"""Find the further pages of an article, by the links on its pages."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from archive.errors import Failure, Reason
from archive.record import Record
from crawler.outlets.article_urls import canonical, is_own
from crawler.outlets.model import Outlet
from crawler.page import Page
from crawler.parsing.html_tree import parse

MOST_PARTS = 20  # pages of one article, including the first
_LINKS = 4_000  # links of one page that are examined
_NUMBERED = re.compile(r"^(?:page|paged|pg|p|part|trang)=(\d{1,2})$", re.IGNORECASE)
_MARKED = re.compile(
    r"(?:/(?:page|trang|part)/|[-_](?:page|trang|part|p)-?|[/_,])(\d{1,2})(?=(?:\.\w{2,5})?/?$)", re.IGNORECASE
)
_NEXT = re.compile(
    r"(?:trang )?(?:tiếp(?: theo)?|sau|kế)|next(?: page)?|weiter|suivante?|siguiente|[›»→>]+", re.IGNORECASE
)
_PARAMETERS = ("page", "paged", "pg", "p", "part", "trang")
# rel=next, or a query parameter for page 2. The pattern begins with the literal `=` and looks behind it: so the search
# skips from one `=` to the next, 40 times as fast as trying every position of the page (measured).
_HINT = re.compile(
    rf"""=(?:2\b(?:{"|".join(f"(?<=[?&;]{name}=2)" for name in _PARAMETERS)})"""
    r"""|next\b(?<=\brel=next)|["']next\b(?<=\brel=.next))""",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"[\w/,-]{1,7}\b")  # behind the address of the first page
_HREF = re.compile(r"""=(?:(?<=href=)|(?<=href\s=))\s{0,9}(?="([^"]*)|'([^']*)|([^\s"'>]+))""", re.IGNORECASE)
_FROM_ROOT = ("http", "/")
_PLAIN_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_NUMBER_AT_END = re.compile(r"(?<!\d)\d{1,2}(?:\.\w{2,5})?/?(?:[?#&]|$)|%3\d")  # %3d may be an encoded digit


@dataclass(frozen=True, slots=True)
class MultipageArticle:
    """An article of several pages.

    Attributes:
        record: The article of the first page, with the further pages that were passed.
        parts: The addresses of all further pages that these pages link to, in order.
    """

    record: Record
    parts: tuple[str, ...]


def read_first_page(
    page: Page, outlet: Outlet, now: datetime, further: Sequence[Page] = ()
) -> Record | MultipageArticle | Failure:
    """Read an article like `read_article`, and list its further pages."""
    from crawler.reading.extract import read_article

    if begin := _first_of(page):
        return Failure(Reason.NOT_AN_ARTICLE, f"a further page of {begin}, and read with it")
    record = read_article(page, outlet, now, further)
    if isinstance(record, Failure):
        return record
    linked = {
        page_number(page.url, url): url for one in (page, *further) for url in find_further_pages(one, page.url, outlet)
    }
    return MultipageArticle(record, tuple(linked[n] for n in sorted(linked)[: MOST_PARTS - 1])) if linked else record


def find_further_pages(page: Page, first: str, outlet: Outlet) -> tuple[str, ...]:
    """Return the further pages of an article that one of its pages links to, in order.

    Args:
        page: The page.
        first: The address of the article's first page.
        outlet: The outlet; its further pages are on its own hosts.
    """
    text = page.text
    stem = re.sub(r"\.\w{2,5}$|/$", "", urlsplit(first).path)
    if not _HINT.search(text) and not _has_suffix(text, stem):
        return ()
    if not any(_number_of(link, page, first, outlet) > 1 for link in _numbered_links(text, stem)):
        return ()  # most pages with a hint: not parsing them saves a sixteenth of the reading (measured)
    tree = parse(text)
    if isinstance(tree, Failure):
        return ()
    found: dict[int, str] = {}
    for node in tree.css("link[rel=next][href],a[href]")[:_LINKS]:
        attributes = node.attributes
        words = " ".join(node.text(deep=True).split()) if node.tag == "a" else ""
        pointing = (attributes.get("rel") or "").lower() == "next" or _NEXT.fullmatch(words)
        if not pointing and not re.search(r"^\D{0,6}\d{1,2}$", words):
            continue
        link = attributes.get("href") or ""
        number = _number_of(link, page, first, outlet)
        if number > 1 and (url := canonical(link, page.url)):
            found.setdefault(number, url)
    return tuple(found[number] for number in sorted(found)[: MOST_PARTS - 1])


def _has_suffix(text: str, stem: str) -> bool:
    """Return whether a text contains an address that begins with a stem and has a few more characters."""
    at = text.find(stem)
    while at >= 0:
        if _SUFFIX.match(text, at + len(stem)):
            return True
        at = text.find(stem, at + 1)
    return False


def _numbered_links(text: str, stem: str) -> Iterator[str]:
    """Yield the links that end a path or a parameter with a small number, without parsing.

    Args:
        text: The page.
        stem: The path of the first page. Links from the root that lack its last name lead elsewhere and are left out.
    """
    last = stem.rpartition("/")[2]
    name = last if _PLAIN_NAME.fullmatch(last) else ""  # another name may be escaped in links
    for quoted, single, bare in _HREF.findall(text):
        link = html.unescape(quoted or single or bare).strip()
        if _NUMBER_AT_END.search(link) and (name in link or not link.startswith(_FROM_ROOT)):
            yield link


def _number_of(link: str, page: Page, first: str, outlet: Outlet) -> int:
    """Return the page number of a link on a page of an article; 0 if it leads elsewhere."""
    url = canonical(link, page.url)
    return page_number(first, url) if url and is_own(outlet, url) else 0


def _first_of(page: Page) -> str:
    """Return the address of the first page if this is a further page; otherwise an empty text."""
    parts = urlsplit(page.url)
    if not _MARKED.search(parts.path) and not any(map(_NUMBERED.match, parts.query.split("&"))):
        return ""
    tree = parse(page.text)
    if isinstance(tree, Failure):
        return ""
    for node in tree.css("link[rel=canonical][href],link[rel=prev][href],a[href]")[:_LINKS]:
        url = canonical(node.attributes.get("href") or "", page.url)
        said = node.tag == "link" or " ".join(node.text(deep=True).split()) == "1"
        if said and url and page_number(url, page.url) > 1:
            return url
    return ""


def page_number(first: str, url: str) -> int:
    """Return the page number of an address that otherwise equals the first page's; 0 for others."""
    own, other = urlsplit(canonical(first) or first), urlsplit(url)
    if own.hostname != other.hostname:
        return 0
    kept = [pair for pair in own.query.split("&") if pair and not _is_first(pair)]
    pairs = [pair for pair in other.query.split("&") if pair]
    numbers = [match for pair in pairs if (match := _NUMBERED.match(pair)) and pair not in own.query.split("&")]
    if own.path.rstrip("/") == other.path.rstrip("/"):
        same = kept == [pair for pair in pairs if not _NUMBERED.match(pair)]
        return int(numbers[0][1]) if same and len(numbers) == 1 else 0
    marked = _MARKED.search(other.path)
    if not marked or kept != pairs:
        return 0
    unmarked = other.path[: marked.start()] + other.path[marked.end() :]
    return int(marked[1]) if unmarked.rstrip("/") == own.path.rstrip("/") else 0


def _is_first(pair: str) -> bool:
    """Return whether a query parameter is the page number of a first page."""
    numbered = _NUMBERED.match(pair)
    return numbered is not None and int(numbered[1]) == 1
