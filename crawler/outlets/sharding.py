"""Divide outlets among machines by host, so that only one machine sends requests to a host."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from crawler.outlets.model import Outlet


def shard_outlets(catalogue: Mapping[str, Outlet], count: int) -> list[list[Outlet]]:
    """Divide outlets into shares; outlets that use the same host are in the same share.

    An outlet stays in its share if outlets with other hosts are added or removed.

    Args:
        catalogue: The outlets, by id.
        count: The number of shares.

    Returns:
        The outlets of each share, by id.
    """
    shares: list[list[Outlet]] = [[] for _ in range(count)]
    for hosts, outlets in _group_by_host(catalogue):
        digest = hashlib.sha256(min(hosts).encode()).digest()
        shares[int.from_bytes(digest[:8]) % count] += outlets
    return [sorted(share, key=lambda outlet: outlet.id) for share in shares]


def _group_by_host(catalogue: Mapping[str, Outlet]) -> list[tuple[set[str], list[Outlet]]]:
    """Group outlets, with their hosts, so that no two groups have a host in common."""
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
    """Return the hosts that an outlet needs: its own, and those of its sources."""
    asked = {urlsplit(source.url).hostname or "" for source in outlet.sources}
    return {*outlet.all_hosts, *asked} - {""}
