"""Measure how long the service takes to stop under load: `python tests/bench/stop.py [--rounds N]`.

The real service archives the newsstand as fast as it can, and gets a SIGTERM in the middle, each time after another
number of requests. The same is done beside a host that never answers, where `service.drain_seconds` is the limit. It
must end with 0, and leave nothing claimed.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from statistics import median

from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter
from crawler.newsstand import Newsstand
from crawler.newsstand.press import stories

PROGRAM = "from schedules.cli.main import main; main()"
DRAIN = 5  # seconds; the default of the setting is 30
SILENT = 'name = "Im"\nhome = "{home}"\nports = [{port}]\n[sources]\nfeed = ["/rss"]\n'


def stopped(stand: Newsstand, folder: Path, after: int, silent: socket.socket | None) -> float:
    """Return the seconds from SIGTERM to the end of a service after a number of requests."""
    (folder / "outlets").mkdir()
    for file in (resources.files("crawler") / "newsstand" / "outlets").iterdir():
        (folder / "outlets" / file.name).write_bytes(file.read_bytes())
    settings = f'[archive]\npath = "archive.db"\n[outlets]\nfolder = "outlets"\nenabled = {[*stand.outlets]!r}\n'
    settings += f'[network]\nproxy = "{stand.proxy}"\ngap = 0\nread_seconds = 600\ntotal_seconds = 600\n'
    settings += f'[service]\nlisten = ""\ndrain_seconds = {DRAIN}\nlow_disk_megabytes = 0\n'
    if silent:
        port = silent.getsockname()[1]
        (folder / "outlets" / "im.toml").write_text(SILENT.format(home=f"http://127.0.0.1:{port}/", port=port))
        settings = settings.replace("]\n[network]", ", 'im']\n[network]\nallow_private_addresses = true")
        settings = settings.replace(f'proxy = "{stand.proxy}"\n', "")
    (folder / "khobao.toml").write_text(settings)
    environment = {**os.environ, "http_proxy": stand.proxy, "no_proxy": "127.0.0.1"}
    asked = len(stand.requests)
    ArchiveWriter.create_or_open(folder / "archive.db").close()
    with (folder / "log").open("wb") as log:
        service = subprocess.Popen([sys.executable, "-c", PROGRAM, "run"], cwd=folder, stderr=log, env=environment)
    while len(stand.requests) < asked + after:
        time.sleep(0.01)
    began = time.monotonic()
    service.send_signal(signal.SIGTERM)
    code = service.wait(120)
    took = time.monotonic() - began
    assert code == 0, (folder / "log").read_text()[-2000:]
    with ArchiveReader.open(folder / "archive.db") as archive:
        claimed = archive.db.execute("SELECT count(*) FROM addresses WHERE claims > 0").fetchone()[0]
    assert claimed == 0, f"{claimed} pages are still claimed"
    return took


@contextmanager
def never_answering() -> Iterator[socket.socket]:
    """A host that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def main() -> None:
    """Stop repeatedly, and print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    with Newsstand(stories(100)) as stand, never_answering() as silent:
        for told, host in (("under load", None), (f"beside a host that never answers ({DRAIN} s allowed)", silent)):
            took = []
            for number in range(options.rounds if host is None else max(1, options.rounds // 4)):
                with tempfile.TemporaryDirectory() as folder:
                    took.append(stopped(stand, Path(folder), 30 + 40 * number, host))
            print(f"{told}: {len(took)} times, {median(took):.1f} s (median), {max(took):.1f} s at most", flush=True)


if __name__ == "__main__":
    main()
