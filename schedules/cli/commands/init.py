"""`khobao init`: a commented settings file and an empty archive."""

from __future__ import annotations

from pathlib import Path

import click

from archive.errors import UsageError
from schedules.cli.session import Session, command
from schedules.config import FILE

COMMENTED = """\
# Settings of khobao. What is commented out shows the default.
# Each can also be set in the environment, as KHOBAO_NETWORK__GAP=2.

[archive]
path = "archive.db"               # relative to this file
# keep_captures = ""              # for how long, up to which size: "365d", "50GB" or "365d 50GB"; "" for ever
# captures = true                 # keep the raw answers, as WARC files in captures/ beside the archive

[outlets]
# folder = "outlets"              # declarations of your own, which add outlets or override ours by id
# enabled = ["vnexpress", "vov"]  # which to crawl; all that are declared if none is named (see: khobao outlets)
# recheck = ["15m", "1h", "6h", "1d", "7d", "30d"]  # ages at which archived pages are asked for edits; [] for never

[network]
# contact = "you@example.org"     # in the User-Agent, so that outlets can reach you
# gap = 1.0                       # seconds between two requests to one host
# longest_gap = 60                # seconds that a robots.txt may ask for instead
# proxy = ""                      # http://host:port; else HTTPS_PROXY, HTTP_PROXY and NO_PROXY count
# ca_bundle = ""                  # a file of certificates; else SSL_CERT_FILE, else the system's
# allow_private_addresses = false
# concurrency = 32                # hosts asked at once
# connect_seconds = 10
# read_seconds = 20
# total_seconds = 60
# max_page_megabytes = 10
# max_list_megabytes = 50
# max_redirects = 5
# max_header_kilobytes = 64
# max_header_fields = 200

[reading]
# workers = 0                     # processes that read pages; 0: one for each core
# page_seconds = 20
# page_megabytes = 1024           # of memory for one worker
# pages_per_worker = 500          # before it is replaced
# max_feed_entries = 5000         # of one feed or JSON listing
# max_sitemap_entries = 50000
# max_section_links = 5000
# max_index_children = 3          # sitemaps of one index that a poll reads, the newest
# max_index_depth = 2

[service]
# tick_seconds = 5                # how often khobao run looks what is due
# drain_seconds = 30              # that what is in flight gets when it is told to stop
# low_disk_megabytes = 500        # left on the disk, below which nothing is begun
# listen = "127.0.0.1:9471"       # /metrics, /healthz and /readyz; "" for nowhere

[alerts]
# webhook = ""                    # an address that gets each change of an outlet's health as JSON
# command = []                    # a program and its arguments that get it on standard input
# gap_minutes = 60                # between two alerts of one outlet

[backfill]
# cdx = "https://web.archive.org/cdx/search/cdx"  # the server that --wayback asks for what is gone from its site
# replay = "https://web.archive.org/web"          # where the captures are that it knows

[log]
# level = "info"                  # debug, info, warning, error
# format = "auto"                 # pretty on a terminal, json elsewhere
"""


@command(name="init")
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path), metavar="[DIR]")
def init_command(session: Session, folder: Path) -> None:
    """Write a commented khobao.toml and create the archive, in DIR (default: here)."""
    file = folder / FILE
    if file.exists():
        raise UsageError(f"{file}: already there, and left as it is")
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(COMMENTED, encoding="utf-8")
    session.config = file
    with session.writer():
        session.tell(f"wrote {file} and {session.settings.archive.path}\nnext: khobao crawl --limit 20 vnexpress")
