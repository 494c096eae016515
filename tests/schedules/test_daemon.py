"""The service, as a process of its own, watching the newsstand."""

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import crawler.newsstand
from archive.store import Archive
from schedules.notify import Notifier

OUTLETS = Path(crawler.newsstand.__file__).parent / "outlets"


class Service:
    """`khobao run` in a folder, and the socket on which it tells how it fares."""

    def __init__(self, folder: Path, proxy: str):
        self.archive = folder / "archive.db"
        self.config = folder / "khobao.toml"
        self.config.write_text(
            f'[archive]\npath = "archive.db"\n[outlets]\nfolder = "{OUTLETS}"\nenabled = ["vntin", "cholon"]\n'
            f'[network]\nproxy = "{proxy}"\ngap = 0\n[service]\ntick_seconds = 0.1\nlow_disk_megabytes = 0\n'
        )
        self.told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.told.bind(str(folder / "notify"))
        self.heard = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        clean = {k: v for k, v in os.environ.items() if not k.startswith("KHOBAO_") and "proxy" not in k.lower()}
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from schedules.cli import main; main()", "run", "--config", str(self.config)],
                env=clean | {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "1000000"},
                stderr=log,
            )

    def _listen(self):
        with self.told:
            while told := self.told.recv(4096):
                self.heard.put(told.decode())

    def hear(self, wanted: str) -> str:
        """Wait until the service tells something, and how it told it."""
        while wanted not in (told := self.heard.get(timeout=60)):
            pass
        return told

    def close(self):
        """End the process, however it is, and the listening."""
        self.process.kill()
        self.process.wait()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(b"", str(self.log.with_name("notify")))

    def wait_for(self, count: int) -> None:
        """Wait until so many articles are archived."""
        for _ in range(600):
            with Archive.open(self.archive) as archive:
                if sum(status.articles for status in archive.status()) >= count:
                    return
            time.sleep(0.1)
        pytest.fail(self.log.read_text()[-2000:])

    def end(self, number=signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture
def service(tmp_path, newsstand):
    """The service, ready."""
    started = Service(tmp_path, newsstand.proxy)
    started.hear("READY=1")
    yield started
    started.close()


def test_the_service_archives_what_outlets_publish_and_ends_when_told(service):
    """Every article of the watched outlets arrives, the ledger has a run that is done, and SIGTERM exits with 0."""
    service.wait_for(19)
    service.hear("WATCHDOG=1")

    assert 0 == service.end()
    with Archive.open(service.archive) as archive:
        ((kind, state, beat),) = archive.db.execute("SELECT kind, state, beat_at FROM runs")
    assert ("run", "done") == (kind, state)
    assert beat


def test_settings_and_outlets_are_read_again_and_wrong_ones_are_not_taken(service):
    """SIGHUP takes new settings, and keeps the old ones where the new are wrong, with one clear line."""
    right = service.config.read_text()
    service.config.write_text(right.replace("vntin", "vntinn"))
    service.process.send_signal(signal.SIGHUP)
    service.hear("READY=1")
    service.wait_for(19)
    service.config.write_text(right.replace('"vntin", "cholon"', '"vntin", "cholon", "songhong"'))
    service.process.send_signal(signal.SIGHUP)
    service.wait_for(29)

    assert 0 == service.end(signal.SIGINT)
    assert "the old settings stay in force" in service.log.read_text()


def test_a_second_writer_is_refused_while_the_service_runs(service, khobao):
    """One instance per archive: another is told whose it is, and readers still work."""
    refused = khobao("crawl", "--config", service.config, "vntin")

    assert 3 == refused.code
    assert f"process {service.process.pid}" in refused.err
    assert 0 == khobao("status", "--config", service.config).code


def test_without_a_service_manager_nobody_is_told(tmp_path):
    """A notifier without a socket, or with one that nobody listens to, does nothing."""
    Notifier({}).tell("READY=1")
    notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "nobody"), "WATCHDOG_USEC": "30000000"})
    notifier.tell("READY=1")

    assert 30.0 == notifier.watchdog
