"""The way to the network: the HTTP client, and one bounded exchange over it. httpx is at home here and in `fetch.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one fetch.

    Attributes:
        connect: Seconds to resolve, connect and shake hands.
        read: Seconds between two pieces of an answer.
        total: Seconds for one fetch, redirects included, waiting for the host's turn not.
        max_page: Bytes of one page, before as well as after decompression.
        max_list: Bytes of one feed, sitemap or listing, likewise.
        max_redirects: How many redirects are followed.
        max_header_bytes: Bytes of all header fields of an answer.
        max_header_fields: How many header fields an answer may have.
    """

    connect: float = 10.0
    read: float = 20.0
    total: float = 60.0
    max_page: int = 10_000_000
    max_list: int = 50_000_000
    max_redirects: int = 5
    max_header_bytes: int = 65_536
    max_header_fields: int = 200


def user_agent(version: str, contact: str = "") -> str:
    """An honest name: `khobao/0.1.0 (+https://github.com/khobao/khobao; contact)`."""
    about = "; ".join(filter(None, ("+https://github.com/khobao/khobao", contact.strip())))
    return f"khobao/{version} ({about})"


def build_client(
    *,
    agent: str,
    proxy: str = "",
    ca_bundle: Path | None = None,
    allow_private_addresses: bool = False,
    keepalive: int = 32,
    resolve: Resolve | None = None,
) -> httpx.AsyncClient:
    """The one client of the process.

    Args:
        agent: The User-Agent, see `user_agent`.
        proxy: A proxy for all requests; empty means HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment.
        ca_bundle: Certificates to trust; None means SSL_CERT_FILE, else the usual ones.
        allow_private_addresses: Turns the guard against private and special addresses off.
        keepalive: How many idle connections are kept.
        resolve: Names to addresses; None asks the system.
    """
    raise NotImplementedError(agent, proxy, ca_bundle, allow_private_addresses, keepalive, resolve)
