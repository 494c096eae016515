"""Share outlets among machines by host, so that each host is asked from one place."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from crawler.outlets.model import Outlet


def shard_outlets(catalogue: Mapping[str, Outlet], count: int) -> list[list[Outlet]]:
    """Share outlets out; those that ask a common host are in one share.

    An outlet stays in its share when outlets with other hosts come or go.

    Args:
        catalogue: The outlets, by id.
        count: How many shares.

    Returns:
        The outlets of each share, by id.
    """
    shares: list[list[Outlet]] = [[] for _ in range(count)]
    for hosts, outlets in _group_by_host(catalogue):
        digest = hashlib.sha256(min(hosts).encode()).digest()
        shares[int.from_bytes(digest[:8]) % count] += outlets
    return [sorted(share, key=lambda outlet: outlet.id) for share in shares]


def _group_by_host(catalogue: Mapping[str, Outlet]) -> list[tuple[set[str], list[Outlet]]]:
    """Return groups of outlets that share no host with another group, with their hosts."""
    groups: list[tuple[set[str], list[Outlet]]] = []
    for outlet in catalogue.values():
        hosts, outlets = _hosts(outlet), [outlet]
        apart = []
        for group in groups:
            if group[0] & hosts:
                hosts, outlets = hosts | group[0], [*group[1], *outlets]
            else:
                apart.append(group)
        groups = [*apart, (hosts, outlets)]
    return groups


def _hosts(outlet: Outlet) -> set[str]:
    """Return the hosts that are asked for an outlet: its own, and those of its sources."""
    asked = {urlsplit(source.url).hostname or "" for source in outlet.sources}
    return {*outlet.all_hosts, *asked} - {""}
