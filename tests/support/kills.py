"""Kill every command that writes, at random moments, and check what is left.

A command is killed and repeated in the same folder until it ends. After each kill the archive must be whole and hold
every article that it held before. After the end it must hold exactly what it holds without any kill.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Self

from forker import Forker

from archive.captures.warc import iterate_records
from archive.maintenance.check import check
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter
from crawler.newsstand import Newsstand
from crawler.newsstand.article_pages import address
from crawler.newsstand.press import stories

SEEDS = Path(__file__).parents[2] / "seeds"
ARCHIVE = "archive.db"
Texts = dict[str, tuple[str, str, int]]
_DELAYS = 1.2  # a kill comes within the time of a whole run, and a little later


@dataclass(frozen=True)
class Command:
    """A command that writes.

    Attributes:
        call: Its arguments.
        base: The archive on which it works: `empty`; `full`, a whole crawl; `half`, the beginning of one and the seeds;
            `hurt`, a whole crawl without its search index and with torn captures.
        serves: It runs until it is stopped.
        redo: What to remove before it is repeated, since it refuses to write over it.
        ends: The exit codes with which it may end.
    """

    call: tuple[str, ...]
    base: str = "full"
    serves: bool = False
    redo: str = ""
    ends: tuple[int, ...] = (0, 1)


COMMANDS: Mapping[str, Command] = {
    "crawl": Command(("crawl",), base="empty"),
    "add": Command(("add", "@pages"), base="empty"),
    "backfill": Command(("backfill", "--urls", "urls.txt"), base="empty"),
    "run": Command(("run",), base="empty", serves=True),
    "import": Command(("import", "records.jsonl", str(SEEDS)), base="empty"),
    "import WARC": Command(("import", "warcs"), base="empty"),
    "merge": Command(("merge", "other/archive.db"), base="half"),
    "reextract": Command(("reextract", "--again")),
    "check --repair": Command(("check", "--repair"), base="hurt"),
    "stories --rebuild": Command(("stories", "--rebuild")),
    "outlets --boilerplate": Command(("outlets", "--boilerplate")),
    "audit": Command(("audit", "--since", "2026-01-01", "--offline")),
    "words --update": Command(("words", "--update")),
    "vacuum": Command(("vacuum",)),
    "backup": Command(("backup", "copy.db")),
    "export": Command(("export", "out", "--format", "jsonl"), redo="out"),
}


@dataclass
class Kills:
    """The kills of one command, and what they left.

    Attributes:
        kills: The number of kills.
        ended: How often the command ended by itself.
        left: What was in flight, counted over the kills.
    """

    kills: int = 0
    ended: int = 0
    left: Counter[str] = field(default_factory=Counter)


class Killer:
    """A newsstand, filled and empty archives, and the process that forks. Use it as a context manager."""

    def __init__(self, folder: Path, bulk: int, chance: random.Random) -> None:
        """Prepare nothing yet; `__enter__` does.

        Args:
            folder: A folder for all archives.
            bulk: The number of generated stories per outlet.
            chance: When to kill.
        """
        self.folder, self.chance = folder, chance
        self.published = stories(bulk)
        self._forker = Forker()
        self._stand = Newsstand(self.published)

    def __enter__(self) -> Self:
        self._forker.__enter__()
        self._stand.__enter__()
        outlets = self.folder / "outlets"
        shutil.copytree(resources.files("crawler") / "newsstand" / "outlets", outlets)
        self.env = {
            "KHOBAO_OUTLETS__FOLDER": str(outlets),
            "KHOBAO_OUTLETS__ENABLED": ",".join(self._stand.outlets),
            "KHOBAO_NETWORK__PROXY": self._stand.proxy,
            "KHOBAO_NETWORK__GAP": "0",
            "KHOBAO_READING__WORKERS": "1",
            "KHOBAO_SERVICE__LISTEN": "",
            "KHOBAO_SERVICE__LOW_DISK_MEGABYTES": "0",
            "KHOBAO_SERVICE__TICK_SECONDS": "0.1",
            "HOME": str(self.folder),
        }
        self._make_bases()
        return self

    def __exit__(self, *error: object) -> None:
        self._stand.__exit__(None, None, None)
        self._forker.__exit__()

    def _make_bases(self) -> None:
        """Make the archives on which commands work, see `Command.base`."""
        empty, full, half, hurt = (self.folder / name for name in ("empty", "full", "half", "hurt"))
        empty.mkdir()
        ArchiveWriter.create_or_open(empty / ARCHIVE).close()
        urls = [address(story) for story in self.published if story.kind == "article"]
        (empty / "urls.txt").write_text("\n".join(urls), encoding="utf-8")
        self._pages = urls[:12]
        shutil.copytree(empty, full)
        shutil.copytree(empty, half)
        self._finish(["crawl"], full)
        shutil.copytree(full, hurt)
        shutil.copytree(full, half / "other")
        self._finish(["crawl", "--limit", "3"], half)
        self._finish(["import", str(SEEDS)], half)
        self._finish(["export", "out", "--format", "jsonl"], full)
        shutil.copy(full / "out" / "records.jsonl", empty)
        shutil.rmtree(full / "out")
        shutil.copytree(full / "captures", empty / "warcs")
        with closing(sqlite3.connect(hurt / ARCHIVE)) as db, db:
            db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')")
            db.execute("DELETE FROM tallies")
        for file in (hurt / "captures").rglob("*.warc"):
            with file.open("ab") as captures:
                captures.write(b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 9999\r\n\r\nHTTP/1.1 200 OK")

    def _finish(self, call: list[str], folder: Path) -> None:
        code = self._run(call, folder)
        assert code == 0, (call, code, (folder / "log").read_text()[-2000:])

    def _run(self, call: list[str], folder: Path, kill_after: float | None = None) -> int:
        return self._forker.run([*call, "--archive", ARCHIVE], folder, self.env, kill_after)

    def kill_often(self, name: str, kills: int) -> Kills:
        """Kill a command a number of times, and check the archive after each kill.

        Args:
            name: The command, a key of `COMMANDS`.
            kills: The number of kills.
        """
        command, result = COMMANDS[name], Kills()
        call = [part for word in command.call for part in (self._pages if word == "@pages" else [word])]
        base = self.folder / command.base
        expected, seconds = self._reference(command, call, base)
        folder = self._fresh(base)
        before = texts(folder)
        attempts = 0
        while result.kills < kills:
            attempts += 1
            assert attempts < 20 * kills + 20, f"{name}: hardly ever killed within {seconds:.1f} s"
            if command.redo:
                shutil.rmtree(folder / command.redo, ignore_errors=True)
            code = self._run(call, folder, self.chance.uniform(0, _DELAYS * seconds))
            if code == -9:
                result.kills += 1
                result.left.update(in_flight(folder))
                expire_claims(folder)
            else:
                assert code in command.ends, (name, code, (folder / "log").read_text()[-2000:])
                result.ended += 1
            if command.base != "hurt" or code != -9:
                verify(name, folder)
            now = texts(folder)
            assert before.keys() <= now.keys(), f"{name}: articles are lost: {before.keys() - now.keys()}"
            before = now
            if code != -9 or (command.serves and now.keys() == expected.keys()):
                if not command.serves:
                    assert expected == now, f"{name}: another archive than without kills"
                folder = self._fresh(base)
                before = texts(folder)
        return result

    def _reference(self, command: Command, call: list[str], base: Path) -> tuple[Texts, float]:
        """Return what a run without a kill archives, and how many seconds it takes."""
        folder = self._fresh(base)
        began = time.monotonic()
        code = self._run(["crawl"] if command.serves else call, folder)
        seconds = time.monotonic() - began
        assert code in command.ends, (call, code, (folder / "log").read_text()[-2000:])
        return texts(folder), seconds

    def _fresh(self, base: Path) -> Path:
        folder = self.folder / "work"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(base, folder)
        return folder


def texts(folder: Path) -> Texts:
    """Return the headline, the text and the number of revisions of every article, by its id."""
    with ArchiveReader.open(folder / ARCHIVE) as archive:
        rows = archive.query("SELECT id, title, text, revision FROM articles")
        return {row["id"]: (row["title"], row["text"], row["revision"]) for row in rows}


def in_flight(folder: Path) -> set[str]:
    """Return what a kill left behind, before anything repairs it.

    Returns:
        log: the write-ahead log; run: a run that is still open; page: a requested page; capture: a stored response that
        the database does not know; draft: an unfinished file; nothing: none of these.
    """
    left = set()
    log = folder / f"{ARCHIVE}-wal"
    if log.exists() and log.stat().st_size:
        left.add("log")
    if any(folder.rglob("*.draft")):
        left.add("draft")
    with closing(sqlite3.connect(f"{(folder / ARCHIVE).as_uri()}?mode=ro", uri=True)) as db:
        if db.execute("SELECT 1 FROM runs WHERE state = 'running'").fetchone():
            left.add("run")
        if db.execute("SELECT 1 FROM addresses WHERE claims > 0").fetchone():
            left.add("page")
        (rows,) = db.execute("SELECT count(*) FROM captures").fetchone()
    places = (place for file in (folder / "captures").rglob("*.warc") for place in iterate_records(file))
    if sum(place.is_answer for place in places) > rows:
        left.add("capture")
    return left or {"nothing"}


def expire_claims(folder: Path) -> None:
    """Let the hour pass after which a page is requested again that was in flight at several kills."""
    with ArchiveWriter.create_or_open(folder / ARCHIVE) as archive:
        archive.db.execute("UPDATE addresses SET next_due_at = asked_at WHERE claims > 1")


def verify(name: str, folder: Path) -> None:
    """Assert that an archive is whole."""
    with ArchiveReader.open(folder / ARCHIVE) as archive:
        errors = [found for found in check(archive, folder / "captures") if found.gravity == "error"]
    assert errors == [], (name, errors)


def table(results: Mapping[str, Kills]) -> str:
    """Write what was in flight at the kills of each command, one row a command."""
    columns = ("nothing", "log", "run", "page", "capture", "draft")
    heads = ("nothing yet", "log", "run", "page", "capture", "draft")
    lines = [f"{'command':22} {'kills':>6} {'ended':>6} " + " ".join(f"{head:>11}" for head in heads)]
    for name, found in results.items():
        cells = " ".join(f"{found.left[column]:11}" for column in columns)
        lines.append(f"{name:22} {found.kills:6} {found.ended:6} {cells}")
    total = sum(found.kills for found in results.values())
    lines.append(f"{'all':22} {total:6} {sum(found.ended for found in results.values()):6}")
    return "\n".join(lines)
