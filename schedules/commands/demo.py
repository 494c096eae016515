"""`khobao demo`: a small invented press, crawled offline with the real code into a real archive."""

from __future__ import annotations

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
    option = f"--archive {session.archive}"
    session.tell("Try next:")
    for line in (
        f"khobao search {option} 'dien dam'        a query without marks finds every word it may stand for",
        f"khobao search {option} '\"điện đàm\"'      one with marks finds just those words",
        f"khobao why {option} {found[0].url if found else 'URL'}",
        f"khobao status {option}",
        f"khobao export {option} documents       every article as a dated document",
        "khobao outlets                          the real press; khobao crawl --limit 20 vnexpress",
    ):
        session.tell(f"  {line}")
    return exit_code
