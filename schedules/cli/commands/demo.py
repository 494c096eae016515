"""`khobao demo`: a small invented press, crawled offline with the real code into a real archive."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import sys
from pathlib import Path

import click
from rich.table import Table

from archive.record import dumps
from archive.search.model import Filters
from crawler.newsstand import Newsstand
from schedules.cli.commands.crawl import crawl_and_tell
from schedules.cli.progress import showing
from schedules.cli.session import Session, command
from schedules.pipeline.runtime import CrawlPlan, run_crawl

_SHOWN = "Ông Tập đề xuất 'kế hoạch lớn' với ông Putin"


@command(name="demo")
@click.option("--hostile", is_flag=True, help="Crawl a host for every way to be hostile, beside the good outlets.")
def demo_command(session: Session, hostile: bool) -> int:
    """Offline: start the newsstand, crawl it, show records, say what to try next.

    The newsstand is a loopback news site of five invented outlets that comes with khobao. Everything else is the real
    thing, and stays in ./khobao-demo. Run it again, and it finds nothing new.
    """
    if hostile:
        return _show_faults(session)
    session.archive = session.archive or Path("khobao-demo") / "archive.db"
    with Newsstand() as newsstand:
        session.flags = {"network.proxy": newsstand.proxy, "network.gap": 0.0}
        session.catalogue = newsstand.outlets
        exit_code = crawl_and_tell(
            session, CrawlPlan("crawl", outlets=tuple(newsstand.outlets.values())), as_json=False
        )
    with session.reader() as archive:
        found = archive.search(f'"{_SHOWN}"', Filters(), limit=1).hits
        if found and (article := archive.article(found[0].id)):
            session.tell(f"\n{dumps(article.record.document)}\n")
    session.tell("Try next:")
    for command_line, meaning in suggestions(session, found[0].url or "URL" if found else "URL"):
        session.tell(f"\n  # {meaning}\n  {command_line}")
    return exit_code


def suggestions(session: Session, url: str) -> list[tuple[str, str]]:
    """What to try after the demo: command lines that work as they stand, each with what it shows."""
    khobao, option = program(), f"--archive {shlex.quote(str(session.archive))}"
    return [
        (f"{khobao} search {option} 'dien dam'", "without marks, a word finds every word it may stand for"),
        (f"{khobao} search {option} '\"điện đàm\"'", "with marks, just itself; in quotes, just this phrase"),
        (f"{khobao} why {option} {shlex.quote(url)}", "all that is known of an address"),
        (f"{khobao} status {option}", "what the archive holds, and what it left out and why"),
        (f"{khobao} export {option} documents", "every article as a dated document, in a new folder"),
        (f"{khobao} outlets", "the real press; khobao crawl --limit 20 vnexpress asks one of them"),
    ]


def program() -> str:
    """How to call this program from where the person is: by its name if that finds it, else by its path."""
    called = Path(sys.argv[0])
    on_path = shutil.which(called.name)
    if called.name != "khobao" or (on_path and Path(on_path).samefile(called)):
        return "khobao"
    return shlex.quote(os.path.relpath(called))


def _show_faults(session: Session) -> int:
    """Crawl the hostile newsstand, and tell what the ledger has to say of each fault."""
    from crawler.newsstand.hostile import FAULTS, HASTE, HostileNewsstand

    session.archive = session.archive or Path("khobao-demo") / "hostile.db"
    with HostileNewsstand(FAULTS) as stand:
        os.environ.update(stand.environment)
        session.flags = dict(HASTE)
        session.catalogue = stand.outlets | stand.newsstand.outlets
        chosen = tuple(session.catalogue.values())
        with session.writer(create=True) as archive, showing(session) as show:
            asyncio.run(
                run_crawl(CrawlPlan("crawl", outlets=chosen), session.settings, session.catalogue, archive, show.tell)
            )
    table = Table("fault", "what it does", "what the ledger says", box=None, header_style="bold", pad_edge=False)
    with session.reader() as archive:
        for fault in FAULTS:
            known = archive.address(fault.bad) if fault.at == "page" else archive.source(fault.poll)
            table.add_row(
                fault.name, fault.told, f"{known.reason}: {known.detail}" if known and known.reason else "coped with"
            )
        good = sum(outlet.articles for outlet in archive.status() if outlet.id not in stand.outlets)
    session.out.print(table)
    session.tell(f"{len(FAULTS)} faults, and all {good} articles of the good outlets beside them are archived")
    return 0
