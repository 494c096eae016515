"""The service, in a process of its own, watching the newsstand."""

import shutil
import signal
import socket

import pytest
from service import OUTLETS, Service

from archive.store.reader import ArchiveReader
from archive.store.runs import RunStore
from schedules.service.systemd import Notifier


@pytest.fixture
def service(tmp_path, newsstand):
    """A ready service."""
    started = Service(tmp_path, newsstand.proxy)
    started.hear("READY=1")
    yield started
    started.close()


def test_the_service_archives_articles_and_ends_on_sigterm(service):
    """Every article of the watched outlets arrives, the run is recorded as done, and SIGTERM exits with 0."""
    service.wait_for(19)
    service.hear("WATCHDOG=1")

    assert 0 == service.end()
    with ArchiveReader.open(service.archive) as archive:
        ((kind, state, beat),) = archive.db.execute("SELECT kind, state, beat_at FROM runs")
    assert ("run", "done") == (kind, state)
    assert beat


def test_settings_and_outlets_are_reloaded_and_wrong_ones_refused(service):
    """SIGHUP loads new settings, and keeps the old ones if the new ones are wrong, with one clear line."""
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


def test_a_deleted_outlet_is_no_longer_watched(tmp_path, newsstand, khobao):
    """If a declaration is deleted while the service runs, the others are still watched, and its articles stay."""
    shutil.copytree(OUTLETS, tmp_path / "outlets")
    service = Service(tmp_path, newsstand.proxy, tmp_path / "outlets")
    try:
        service.hear("READY=1")
        service.wait_for(19)
        right = service.config.read_text()
        (tmp_path / "outlets" / "cholon.toml").unlink()
        service.process.send_signal(signal.SIGHUP)
        told = service.told_of("problem", affected="settings")["detail"]
        service.hear("WATCHDOG=1")
        told_to_a_person = khobao("status", "--config", service.config)
        service.config.write_text(right.replace('"vntin", "cholon"', '"vntin", "songhong"'))
        service.process.send_signal(signal.SIGHUP)
        service.told_of("recovered", affected="settings")
        service.wait_for(29)
    finally:
        service.close()

    assert "the old settings stay in force: " in told
    assert "cholon" in told
    assert (1, True) == (told_to_a_person.code, f"service: {told}" in told_to_a_person.out)
    assert "cholon" in khobao("status", "--config", service.config).out


def test_a_port_in_use_is_taken_when_it_is_free(tmp_path, newsstand, khobao):
    """The service works without its port, says so in one line and in `status`, and listens once it can."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        service = Service(tmp_path, newsstand.proxy, listen=f"127.0.0.1:{port}")
        told = service.told_of("problem", affected="port")["detail"]
        service.wait_for(19)
        status = khobao("status", "--config", service.config)
    service.told_of("recovered", affected="port")
    service.close()

    assert f"127.0.0.1:{port}: Address already in use; set service.listen to another port" == told
    assert (1, True) == (status.code, f"service: {told}" in status.out)
    assert 1 == service.log.read_text().count('"affected": "port", "detail"') - 1


def test_a_missing_archive_is_waited_for(service, khobao):
    """No work starts while the archive is missing or replaced; the work continues when it is back."""
    service.wait_for(19)
    away = service.archive.with_name("away.db")
    service.archive.rename(away)
    gone = service.told_of("problem", affected="work")["detail"]
    status = khobao("status", "--config", service.config)
    service.archive.write_bytes(b"another")
    service.hear("another file is in its place")
    away.rename(service.archive)
    service.told_of("recovered", affected="work")
    with RunStore.beside(service.archive) as archive:
        archive.db.execute("UPDATE sources SET next_due_at = NULL, polled_at = NULL")
    service.hear("STATUS=0 of 2 outlets at work")

    assert 0 == service.end()
    assert f"{service.archive}: the file no longer exists; put it back" == gone
    assert 3 == status.code
    assert "no archive there" in status.err


def test_a_second_writer_is_refused_while_the_service_runs(service, khobao):
    """A second writer is told which process holds the archive, and readers still work."""
    refused = khobao("crawl", "--config", service.config, "vntin")

    assert 3 == refused.code
    assert f"process {service.process.pid}" in refused.err
    assert 0 == khobao("status", "--config", service.config).code


def test_without_a_service_manager_nothing_is_sent(tmp_path):
    """A notifier without a socket, or with one that nobody listens to, does nothing."""
    Notifier({}).send("READY=1")
    notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "nobody"), "WATCHDOG_USEC": "30000000"})
    notifier.send("READY=1")

    assert 30.0 == notifier.watchdog
