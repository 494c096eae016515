"""`khobao outlets --shard`: the outlets that one of several machines crawls."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.outlets.model import Outlet
from crawler.outlets.sharding import shard_outlets
from schedules.cli.session import Session
from schedules.lake.share import Share


def print_shard(session: Session, outlets: Sequence[Outlet], shard: str, *, as_json: bool) -> int:
    """Print the ids of the outlets of a share, one a line; the exit code is 1 if there are none.

    Args:
        session: This call.
        outlets: The outlets that are shared out.
        shard: The share, such as `2/8`.
        as_json: Whether to print one JSON object an outlet.
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
    if not mine:  # `khobao crawl` without an id would crawl them all
        session.warn(f"--shard {shard}: no outlet is in this share; take fewer shares")
    return 0 if mine else 1
