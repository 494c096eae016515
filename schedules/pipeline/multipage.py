"""An article of several pages, read whole: its first page tells of the further ones, and they of those behind them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from archive.errors import Failure
from archive.record import Record
from crawler.reading.pagination import Parted

P = TypeVar("P")


async def read_whole(
    read: Callable[[Sequence[P]], Awaitable[Record | Parted | Failure]],
    get: Callable[[str], Awaitable[P | Failure | None]],
) -> Record | Failure:
    """Read an article with all of its pages that can be had.

    Args:
        read: Reads it from its first page and the further ones that are at hand.
        get: Brings a further page; None where there is none to bring.

    Returns:
        The record. Where a further page may be had later, the failure to get it, so that all of it is tried again;
        one that is not to be had is left out.
    """
    result = await read([])
    pages: dict[str, P] = {}
    asked: set[str] = set()
    while isinstance(result, Parted) and (new := [url for url in result.parts if url not in asked]):
        for url in new:
            asked.add(url)
            page = await get(url)
            if isinstance(page, Failure):
                if page.reason.traits.severity == "soft":
                    return Failure(page.reason, f"a further page, {url}: {page.detail}", page.retry_after)
            elif page is not None:
                pages[url] = page
        result = await read([pages[url] for url in result.parts if url in pages])
    return result.record if isinstance(result, Parted) else result
