"""Read section pages: their links, each with its best headline on the page."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.discovery.entries import BOUNDS
from crawler.outlets.model import Source
from crawler.page import Listing, Page
from crawler.parsing.charset import decode
from crawler.parsing.html_tree import parse

_LONGEST_TITLE = 500  # characters


def read_section(page: Page, source: Source, most: int = BOUNDS.links) -> Listing | Failure:
    """Read the links of a section page, each address once, in the order of the page.

    Args:
        page: The response of the source.
        source: Its declaration, which selects the link elements and the next page.
        most: The largest number of links that are read.

    Returns:
        The links, and the address of the next page if there is one; EMPTY, TOO_LARGE or TOO_DEEP.
    """
    if not page.content.strip():
        return Failure(Reason.EMPTY, f"{page.url}: an empty page")
    tree = parse(decode(page.content, page.content_type))
    if isinstance(tree, Failure):
        return tree
    base = base_of(tree, page.url)
    links = _links(tree, source.links)
    found: dict[str, str] = {}
    for node in links[:most]:
        url = _absolute(base, node.attributes.get("href") or "")
        if url:
            found[url] = max(found.get(url, ""), _headline(node), key=len)
    notes = (f"more than {most} links; the rest was not read",) if len(links) > most else ()
    candidates = tuple(Candidate(url, title) for url, title in found.items())
    return Listing(candidates, next_page=_next_page(tree, base, page.url, source), notes=notes)


def base_of(tree: LexborHTMLParser, url: str) -> str:
    """Return the base of a page's relative links: its `<base href>`, else its own address."""
    node = tree.css_first("base[href]")
    return _absolute(url, node.attributes.get("href") or "") or url if node else url


def _links(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    if not selector:
        return tree.css("a[href]")
    chosen = tree.css(selector)
    inner = (node if node.attributes.get("href") else node.css_first("a[href]") for node in chosen)
    return [node for node in inner if node is not None]


def _absolute(base: str, link: str) -> str:
    """Make a link absolute, without its fragment; return an empty string if it is not an http address."""
    try:
        url = urljoin(base, link.strip().split("#")[0])
    except ValueError:
        return ""
    return url if url.startswith(("http://", "https://")) else ""


def _headline(node: LexborNode) -> str:
    text = " ".join(node.text(separator=" ").split())
    titles = (text, node.attributes.get("title") or "", node.attributes.get("aria-label") or "")
    return max((" ".join(title.split())[:_LONGEST_TITLE] for title in titles), key=len)


def _next_page(tree: LexborHTMLParser, base: str, url: str, source: Source) -> str:
    if source.next:
        pattern = re.escape(source.next).replace(re.escape("{page}"), r"(\d{1,6})")
        here = re.fullmatch(pattern, url)
        return source.next.replace("{page}", str(int(here[1]) + 1 if here else 2))
    node = tree.css_first("link[rel=next], a[rel=next]")
    following = _absolute(base, node.attributes.get("href") or "") if node else ""
    on_site = urlsplit(following).netloc == urlsplit(url).netloc
    return following if on_site and following != url else ""
