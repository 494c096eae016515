"""Read an article of several pages: the first page links to the next ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from archive.errors import Failure
from archive.record import Record
from crawler.reading.pagination import MultipageArticle

P = TypeVar("P")


async def read_all_pages(
    read: Callable[[Sequence[P]], Awaitable[Record | MultipageArticle | Failure]],
    get_page: Callable[[str], Awaitable[P | Failure | None]],
) -> Record | Failure:
    """Read an article with all of its pages that are available.

    Args:
        read: Reads the article from its first page and the given further pages.
        get_page: Returns the further page at an address; None if it does not exist.

    Returns:
        The record, without further pages that do not exist. If a further page may be available later, the failure to
        get it, so that the whole article is retried.
    """
    result = await read([])
    pages: dict[str, P] = {}
    requested: set[str] = set()
    while isinstance(result, MultipageArticle) and (new := [url for url in result.parts if url not in requested]):
        for url in new:
            requested.add(url)
            page = await get_page(url)
            if isinstance(page, Failure):
                if page.reason.traits.severity == "soft":
                    return Failure(page.reason, f"a further page, {url}: {page.detail}", page.retry_after)
            elif page is not None:
                pages[url] = page
        result = await read([pages[url] for url in result.parts if url in pages])
    return result.record if isinstance(result, MultipageArticle) else result
