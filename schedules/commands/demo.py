"""`khobao demo`: a small invented press, crawled offline with the real code into a real archive."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from archive.ledger import Filters
from archive.record import dumps
from crawler.newsstand import Newsstand
from schedules.assembly import Plan
from schedules.commands.crawl import carry_out_and_tell
from schedules.session import Session, command

_SHOWN = "Ông Tập đề xuất 'kế hoạch lớn' với ông Putin"


@command(name="demo")
def demo_command(session: Session) -> int:
    """Offline: start the newsstand, crawl it, show records, say what to try next.

    The newsstand is a loopback news site of five invented outlets that comes with khobao. Everything else is the real
    thing, and stays in ./khobao-demo. Run it again, and it finds nothing new.
    """
    session.archive = session.archive or Path("khobao-demo") / "archive.db"
    with Newsstand() as newsstand:
        session.flags = {"network.proxy": newsstand.proxy, "network.gap": 0.0}
        session.catalogue = newsstand.outlets
        exit_code = carry_out_and_tell(session, Plan("crawl", outlets=tuple(newsstand.outlets.values())), as_json=False)
    with session.reader() as archive:
        found = archive.search(f'"{_SHOWN}"', Filters(), limit=1)
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
