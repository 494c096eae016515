"""Outlets on loopback, over TLS and each at an address of its own, and the service that watches them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sqlite3
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

import trustme

from archive.store.writer import ArchiveWriter
from crawler.newsstand.raw_http import reply, target_of

PROGRAM = "from schedules.cli.main import main; main()"
SOURCES = ("/tin.rss", "/sitemap.xml", "/thoi-su")
_FEED = b'<rss version="2.0"><channel><title>B</title></channel></rss>'
_SITEMAP = b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>'
_SECTION = b"<!doctype html><html><body><h1>Tin</h1></body></html>"
_TAG = '"nothing-new"'
ANSWERS = {
    SOURCES[0]: reply(200, _FEED, Content_Type="application/rss+xml", ETag=_TAG),
    SOURCES[1]: reply(200, _SITEMAP, Content_Type="application/xml", ETag=_TAG),
    SOURCES[2]: reply(200, _SECTION, ETag=_TAG),
}


def addresses(outlets: int) -> list[str]:
    """Return the addresses of a number of outlets."""
    return [f"127.0.{1 + number // 250}.{1 + number % 250}" for number in range(outlets)]


def _serve(outlets: int, folder: Path, parent: Connection) -> None:
    """Serve for ever, after sending the port to the parent."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                whole = ANSWERS.get(target_of(head), reply(404))
                writer.write(reply(304, ETag=_TAG, Content_Length=None) if _TAG.encode() in head else whole)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    async def serving() -> None:
        port = 0
        for address in addresses(outlets):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(address).configure_cert(context)
            server = await asyncio.start_server(answer, address, port, ssl=context)
            port = server.sockets[0].getsockname()[1]
        parent.send(port)
        await asyncio.Event().wait()

    asyncio.run(serving())


@contextmanager
def quiet_press(outlets: int) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """Start outlets without news and the service that watches them; yield its archive and its process."""
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name:
        folder, (ours, theirs) = Path(name), spawn.Pipe()
        server = spawn.Process(target=_serve, args=(outlets, folder, theirs), daemon=True)
        server.start()
        _settings(folder, outlets, ours.recv())
        ArchiveWriter.create_or_open(folder / "archive.db").close()
        with (folder / "log").open("wb") as log:
            service = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, "run"], cwd=folder, stderr=log, env=_environment(folder)
            )
        try:
            yield folder / "archive.db", service
        finally:
            service.kill()
            service.wait()
            server.terminate()


def _environment(folder: Path) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("KHOBAO_") and "proxy" not in k.lower()}
    return clean | {"XDG_CONFIG_HOME": str(folder)}


def _settings(folder: Path, outlets: int, port: int) -> None:
    (folder / "outlets").mkdir()
    names = [f"bao{number}" for number in range(outlets)]
    for name, host in zip(names, addresses(outlets), strict=True):
        (folder / "outlets" / f"{name}.toml").write_text(
            f'name = "Báo"\nhome = "https://{host}:{port}/"\nports = [{port}]\ntimezone = "Asia/Ho_Chi_Minh"\n'
            f'[sources]\nfeed = ["{SOURCES[0]}"]\nsitemap = ["{SOURCES[1]}"]\nsection = ["{SOURCES[2]}"]\n',
            encoding="utf-8",
        )
    (folder / "khobao.toml").write_text(
        f'[archive]\npath = "archive.db"\n[outlets]\nfolder = "outlets"\nenabled = {names!r}\n'
        '[network]\nca_bundle = "ca.pem"\nallow_private_addresses = true\ngap = 0.2\n[service]\nlisten = ""\n',
        encoding="utf-8",
    )


def polls(archive: Path) -> int:
    """Return the number of polls so far; 0 if the archive does not exist yet."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(archive, timeout=60)) as db:
        return int(db.execute("SELECT coalesce(sum(polls), 0) FROM sources").fetchone()[0])
    return 0


def let_all_be_due(archive: Path) -> None:
    """Make every source due now."""
    with closing(sqlite3.connect(archive, timeout=60)) as db, db:
        db.execute("UPDATE sources SET next_due_at = polled_at")
