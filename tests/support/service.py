"""The service in a process of its own, watching the newsstand, and its notifications."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import crawler.newsstand
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter

OUTLETS = Path(crawler.newsstand.__file__).parent / "outlets"


class Service:
    """`khobao run` in a folder, and the socket that receives its notifications."""

    def __init__(self, folder: Path, proxy: str, outlets: Path = OUTLETS, listen: str = "") -> None:
        self.archive = folder / "archive.db"
        self.config = folder / "khobao.toml"
        self.config.write_text(
            f'[archive]\npath = "archive.db"\n[outlets]\nfolder = "{outlets}"\nenabled = ["vntin", "cholon"]\n'
            f'[network]\nproxy = "{proxy}"\ngap = 0\n'
            f'[service]\ntick_seconds = 0.1\nlow_disk_megabytes = 0\nlisten = "{listen}"\n'
        )
        ArchiveWriter.create_or_open(self.archive).close()
        self.told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.told.bind(str(folder / "notify"))
        self.heard: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        clean = {k: v for k, v in os.environ.items() if not k.startswith("KHOBAO_") and "proxy" not in k.lower()}
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    "from schedules.cli.main import main; main()",
                    "run",
                    "--config",
                    str(self.config),
                ],
                env=clean | {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "1000000"},
                stderr=log,
            )

    def _listen(self) -> None:
        with self.told:
            while told := self.told.recv(4096):
                self.heard.put(told.decode())

    def hear(self, wanted: str) -> str:
        """Wait for a notification, and return it."""
        while wanted not in (told := self.heard.get(timeout=60)):
            pass
        return told

    def close(self) -> None:
        """End the process, in any state, and close the socket."""
        self.process.kill()
        self.process.wait()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(b"", str(self.log.with_name("notify")))

    def wait_for(self, count: int) -> None:
        """Wait until a number of articles is archived."""
        for _ in range(600):
            with ArchiveReader.open(self.archive) as archive:
                if sum(status.articles for status in archive.status()) >= count:
                    return
            time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-2000:])

    def told_of(self, event: str, **facts: str) -> dict[str, str]:
        """Wait for a line of the log, and return its facts."""
        for _ in range(600):
            for line in self.log.read_text().splitlines():
                said = json.loads(line) if line.startswith("{") else {}
                if said.get("event") == event and facts.items() <= said.items():
                    return dict(said)
            time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-2000:])

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)
