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
        read: Reads the article from its first page and the further pages given to it.
        get_page: Gets the further page at an address; None where there is no such page.

    Returns:
        The record; a further page that does not exist is left out of it. Where a further page may be available later,
        the failure to get it, so that the whole article is tried again.
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
