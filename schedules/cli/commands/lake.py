"""`khobao lake`: read many WARC files into Parquet, and query them."""

from __future__ import annotations

import click

from schedules.cli.lazy_group import LazyGroup
from schedules.cli.session import SHARED_OPTIONS, apply_shared_options

LAKE_COMMANDS = {
    "read": ("lake_read", "Read WARC files into a lake."),
    "add": ("lake_tables", "Add new articles of this archive."),
    "compact": ("lake_tables", "Write one sorted row for each article, in files by month."),
    "words": ("lake_tables", "Count how often each word occurs, by outlet and day."),
    "status": ("lake_status", "Show what is read, what is missing, and what failed."),
    "check": ("lake_status", "Verify all files of a lake."),
    "sql": ("lake_sql", "Query a lake with SQL."),
}


@click.group(cls=LazyGroup, modules=LAKE_COMMANDS, name="lake", params=list(SHARED_OPTIONS))
@click.pass_context
def lake_command(ctx: click.Context, /, **params: object) -> None:
    """Read many WARC files into a lake of Parquet files, and query it.

    A lake can hold more articles than one archive. This machine fills it, or a Dask cluster, or the tasks of a Slurm
    or Kubernetes array. It needs the extra `lake`, and for Dask the extra `cluster`.
    """
    apply_shared_options(ctx, params)
