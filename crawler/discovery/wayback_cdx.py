"""Query Wayback-compatible archives: list the captures of an address, and build their addresses.

The queries and responses are those of the Wayback CDX Server API (github.com/internetarchive/wayback,
wayback-cdx-server) and of pywb, which are compatible. `id_` after a timestamp requests the bytes as captured.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import quote

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.page import Page

MOST_ADDRESSES = 10_000  # addresses of a host in one response
_MOST = 200  # captures of one address that are considered
_FIELDS = ("timestamp", "statuscode", "mimetype", "original")
_TIME = re.compile(r"\d{14}")


def query_of(server: str, url: str, since: date | None) -> str:
    """Build the query for the captures of an address since a day.

    Args:
        server: The address of the CDX server, such as `https://web.archive.org/cdx/search/cdx`.
        url: The captured address.
        since: The first day; None for every capture. A page is never captured before it is published.
    """
    asked = {"url": quote(url, safe=""), "output": "json", "fl": ",".join(_FIELDS), "limit": str(_MOST)}
    asked |= ({"from": f"{since:%Y%m%d}"} if since else {}) | {"filter": "statuscode:200"}
    return _question(server, asked)


def published_query(server: str, host: str, first: date, last: date) -> str:
    """Build the query for a host's pages that were captured between two days, each address once.

    Args:
        server: As in `query_of`.
        host: The host name.
        first: The first day.
        last: The last day.
    """
    asked = {"url": quote(host, safe=""), "matchType": "host", "output": "json", "fl": "original"}
    asked |= {"from": f"{first:%Y%m%d}", "to": f"{last:%Y%m%d}", "filter": "statuscode:200", "collapse": "urlkey"}
    asked |= {"limit": str(MOST_ADDRESSES), "showResumeKey": "true"}
    return _question(server, asked)


def _question(server: str, asked: Mapping[str, str]) -> str:
    return f"{server}?{'&'.join(f'{name}={value}' for name, value in asked.items())}"


def read_published(page: Page) -> tuple[list[Candidate], str] | Failure:
    """Read the addresses in a CDX response, and its resume key; the key is empty if nothing follows.

    Args:
        page: The response: empty, or a JSON array. Its first row holds the column names, each further row one address.
            If there are more addresses, an empty row and a row with the resume key follow.
    """
    try:
        _, *rows = json.loads(page.content or b"[]") or [[]]
        broken = [] in rows
        resume = rows[rows.index([]) + 1][0] if broken else ""
        urls = [row[0] for row in rows[: rows.index([]) if broken else None]]
    except (ValueError, TypeError, LookupError, RecursionError):
        return _unlike(page)
    return [Candidate(url) for url in urls if isinstance(url, str)], str(resume)


def read_captures(page: Page) -> list[str] | Failure:
    """List when an address was captured as a web page, as timestamps of 14 digits, oldest first.

    Args:
        page: The CDX response: empty, or a JSON array with a row of column names and a row for each capture.
    """
    if not page.content.strip():
        return []
    try:
        names, *rows = json.loads(page.content) or [[]]
        found = [dict(zip(names, row, strict=True)) for row in rows]
        times = [one["timestamp"] for one in found if "html" in one.get("mimetype", "html")]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return _unlike(page)
    return sorted(time for time in times if isinstance(time, str) and _TIME.fullmatch(time))


def _unlike(page: Page) -> Failure:
    start = page.content[:40].decode("utf-8", "replace").strip()
    return Failure(Reason.MALFORMED, f"{page.url}: not a response of a CDX server; it begins with {start!r}")


def replay_of(server: str, moment: str, url: str) -> str:
    """Build the address of a raw capture: `https://web.archive.org/web/20240110073000id_/https://…`."""
    return f"{server.rstrip('/')}/{moment}id_/{url}"
