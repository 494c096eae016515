"""Run `khobao demo`: crawl five invented outlets offline, with the real code and archive."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import sys
from pathlib import Path

import click

from archive.errors import UsageError
from archive.record import dumps
from archive.search.model import Filters
from crawler.newsstand import Newsstand
from schedules.cli.crawl_once import run_plan
from schedules.cli.progress import displaying
from schedules.cli.session import Session, command
from schedules.pipeline.runtime import CrawlPlan, run_crawl

_PORTS = 20  # that are tried for the pages
_HEADLINE = "Ông Tập đề xuất 'kế hoạch lớn' với ông Putin"


@command(name="demo")
@click.option("--open", "opens", is_flag=True, help="Then open the archive in the browser, as `khobao browse` does.")
@click.option("--hostile", is_flag=True, help="Crawl hosts with every known fault, beside good outlets.")
def demo_command(session: Session, opens: bool, hostile: bool) -> int:
    """Crawl five invented outlets, offline, and show the result.

    The outlets are on a loopback server that comes with khobao. Everything else is real: the crawl, the archive in
    ./khobao-demo, and the commands to try next. A second run finds nothing new.
    """
    if hostile:
        return _crawl_hostile(session)
    session.archive = session.archive or Path("khobao-demo") / "archive.db"
    with Newsstand() as newsstand:
        session.flags = {"network.proxy": newsstand.proxy, "network.gap": 0.0}
        session.catalogue = newsstand.outlets
        exit_code = run_plan(session, CrawlPlan("crawl", outlets=tuple(newsstand.outlets.values())), as_json=False)
    with session.reader() as archive:
        hits = archive.search(f'"{_HEADLINE}"', Filters(), limit=1).hits
        if hits and (article := archive.article(hits[0].id)):
            session.print(f"\n{dumps(article.record.document)}\n")
    session.print("Try next:")
    for command_line, meaning in suggestions(session, hits[0].url or "URL" if hits else "URL"):
        session.print(f"\n  # {meaning}\n  {command_line}")
    if opens:
        _browse(session)
    return exit_code


def _browse(session: Session) -> None:
    """Serve the archive and open it in the browser, at the first free port from the usual one on."""
    from schedules.cli.commands.browse import DEFAULT_PORT, serve_archive

    for port in range(DEFAULT_PORT, DEFAULT_PORT + _PORTS):
        try:
            return serve_archive(session, port=port, opens=True)
        except UsageError:  # another program listens there
            session.note(f"another program uses port {port}")
    raise UsageError("no port is free for the pages; `khobao browse --port N` serves them at another one")


def suggestions(session: Session, url: str) -> list[tuple[str, str]]:
    """Return commands to try next, each with its purpose; they run as printed."""
    khobao, option = program(), f"--archive {shlex.quote(str(session.archive))}"
    return [
        (f"{khobao} browse --open {option}", "the archive in your browser: days, stories, search, outlets"),
        (f"{khobao} search {option} 'dien dam'", "a word without diacritics finds every spelling"),
        (
            f"{khobao} search {option} '\"điện đàm\"'",
            "with diacritics, only this spelling; in quotes, a phrase",
        ),
        (f"{khobao} why {option} {shlex.quote(url)}", "everything that is known about an address"),
        (f"{khobao} status {option}", "what the archive holds, what was left out, and why"),
        (f"{khobao} export {option} documents", "every article as a dated document, in a new folder"),
        (f"{khobao} outlets", "the real outlets; `khobao crawl --limit 20 vnexpress` crawls one"),
    ]


def program() -> str:
    """Return how to call this program: by its name if the PATH has it, else by its path."""
    called = Path(sys.argv[0])
    on_path = shutil.which(called.name)
    if called.name != "khobao" or (on_path and Path(on_path).samefile(called)):
        return "khobao"
    return shlex.quote(os.path.relpath(called))


def _crawl_hostile(session: Session) -> int:
    """Crawl the hostile hosts, and print the ledger's reason for each fault."""
    from rich.table import Table

    from crawler.newsstand.hostile import FAULTS, HASTE, HostileNewsstand

    session.archive = session.archive or Path("khobao-demo") / "hostile.db"
    with HostileNewsstand(FAULTS) as stand:
        os.environ.update(stand.environment)
        session.flags = dict(HASTE)
        session.catalogue = stand.outlets | stand.newsstand.outlets
        plan = CrawlPlan("crawl", outlets=tuple(session.catalogue.values()))
        with session.writer(create=True) as archive, displaying(session) as display:
            asyncio.run(run_crawl(plan, session.settings, session.catalogue, archive, display.add))
    table = Table("fault", "what it does", "reason in the ledger", box=None, header_style="bold", pad_edge=False)
    with session.reader() as archive:
        for fault in FAULTS:
            known = archive.address(fault.bad) if fault.at == "page" else archive.source(fault.poll)
            reason = f"{known.reason}: {known.detail}" if known and known.reason else "handled"
            table.add_row(fault.name, fault.told, reason)
        good = sum(outlet.articles for outlet in archive.status() if outlet.id not in stand.outlets)
    session.print_table(table)
    session.print(f"{len(FAULTS)} faults; all {good} articles of the good outlets beside them are archived")
    return 0
