"""`khobao lake`: many WARC files read into Parquet, and queries of them."""

from __future__ import annotations

import click

from schedules.cli.lazy_group import LazyGroup
from schedules.cli.session import SHARED_OPTIONS, apply_shared_options

LAKE_COMMANDS = {
    "read": ("lake_read", "Read WARC files into a lake."),
    "add": ("lake_tables", "Add what this archive has new."),
    "compact": ("lake_tables", "Write one row an article, sorted, in months."),
    "words": ("lake_tables", "Count how often each word stands in each outlet and day."),
    "status": ("lake_status", "Show what is there, what is missing, and what failed."),
    "check": ("lake_status", "Read everything again and compare it with its manifest."),
    "sql": ("lake_sql", "Query a lake with SQL."),
}


@click.group(cls=LazyGroup, modules=LAKE_COMMANDS, name="lake", params=list(SHARED_OPTIONS))
@click.pass_context
def lake_command(ctx: click.Context, /, **params: object) -> None:
    """Read many WARC files into a lake of Parquet files, and query it.

    A lake holds more articles than one archive can: read by this machine, by a Dask cluster, or by the tasks of a
    Slurm or Kubernetes array. It needs the extra `lake`, and `cluster` for Dask.
    """
    apply_shared_options(ctx, params)
