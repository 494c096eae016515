"""`khobao outlets --shard`: print the outlets that one of several machines crawls."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.outlets.model import Outlet
from crawler.outlets.sharding import shard_outlets
from schedules.cli.session import Session
from schedules.lake.share import Share


def print_shard(session: Session, outlets: Sequence[Outlet], shard: str, *, as_json: bool) -> int:
    """Print the ids of the outlets of a share, one per line; the exit code is 1 if there are none.

    Args:
        session: This call.
        outlets: The outlets to divide.
        shard: The share, such as `2/8`.
        as_json: Print one JSON object per outlet.
    """
    share = Share.parse(shard, "--shard")
    chosen = {outlet.id: outlet for outlet in outlets}
    shares = shard_outlets({**session.catalogue, **chosen}, share.count)
    mine = [outlet for outlet in shares[share.number - 1] if outlet.id in chosen]
    for outlet in mine:
        if as_json:
            session.print_json(outlet.model_dump(mode="json"))
        else:
            session.print(outlet.id)
    if not mine:  # `khobao crawl` without an id would crawl all outlets
        session.warn(f"--shard {shard}: no outlet is in this share; use fewer shares")
    return 0 if mine else 1
