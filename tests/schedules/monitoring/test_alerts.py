"""Alerts when an outlet's health changes."""

import asyncio
import json
import sys
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from structlog.testing import capture_logs

from crawler.fetching.transports import build_client
from schedules.config import Settings
from schedules.monitoring.alerts import Alert, SentAlert, send, state_changes
from schedules.monitoring.health import Health

NOW = datetime(2026, 2, 4, 12, tzinfo=UTC)
OK, FAILING = Health("ok", ""), Health("failing", "every source failed")
RETRYING = Health("retrying", "every source failed at its last poll")
ALERT = Alert("bao", "failing", "ok", "every source failed", NOW.isoformat())


@pytest.fixture
def log():
    """The log lines of the test."""
    with capture_logs() as lines:
        yield lines


def story(*healths, gap=3600.0, step=timedelta(hours=2)):
    """Return the alerts for an outlet with these states, one after the other."""
    told, now, said = {}, NOW, []
    for health in healths:
        alerts, told = state_changes(told, {"bao": health}, now, gap)
        said.append([(alert.before, alert.state) for alert in alerts])
        now += step
    return said


def test_a_problem_and_a_recovery_are_alerted_once():
    """There is one alert when a problem begins and one when it ends; a healthy outlet has none."""
    assert [[], [("ok", "failing")], [], [("failing", "ok")], []] == story(OK, FAILING, FAILING, OK, OK)


def test_failures_that_may_be_temporary_are_not_alerted():
    """Until its sources have failed several times in a row, an outlet has no alert, and a problem before it stays."""
    assert [[], [], []] == story(OK, RETRYING, OK)
    assert [[("ok", "failing")], [], [], [("failing", "ok")]] == story(FAILING, RETRYING, FAILING, OK)


def test_an_unstable_outlet_is_alerted_once_per_gap():
    """Within the gap there is only one alert for an outlet; after it, the current state is reported."""
    said = story(FAILING, OK, FAILING, OK, OK, gap=3600, step=timedelta(minutes=20))

    assert [[("ok", "failing")], [], [], [("failing", "ok")], []] == said


def test_another_problem_is_an_alert():
    """A change from quiet to failing is an alert, with the state before it."""
    assert [[("ok", "quiet")], [("quiet", "failing")]] == story(Health("quiet", "…"), FAILING)


def test_outlets_are_independent():
    """One outlet's alert does not delay another's, and the stored states of others stay."""
    told = {"other": SentAlert("failing", NOW)}
    alerts, after = state_changes(told, {"bao": FAILING}, NOW, 3600)

    assert ["bao"] == [alert.outlet for alert in alerts]
    assert {"bao", "other"} == after.keys()


class Receiver:
    """A webhook on loopback that stores what it receives."""

    def __init__(self, status=204):
        self.status = status

    def __enter__(self):
        got, status = [], self.status
        self.got = got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def settings(webhook="", command=(), **network):
    """Settings with a webhook, a command, and a network."""
    return Settings.model_validate({"alerts": {"webhook": webhook, "command": command}, "network": network})


def test_a_webhook_and_a_command_get_the_alert(tmp_path):
    """Both receive JSON; the command has the facts in its environment too."""
    script = "import os, sys; open(sys.argv[1], 'w').write(os.environ['KHOBAO_ALERT_STATE'] + sys.stdin.read())"
    with Receiver() as receiver:
        command = (sys.executable, "-c", script, str(tmp_path / "got"))
        asyncio.run(send([ALERT], settings(receiver.address, command)))

    (posted,) = receiver.got
    assert "bao: failing (was ok): every source failed" == posted["text"]
    assert "failing" + json.dumps(posted, ensure_ascii=False) == (tmp_path / "got").read_text()


def test_a_hook_that_fails_stops_nothing(log):
    """A webhook that refuses or does not exist, and a command that does not exist or fails, are only logged."""
    with Receiver(status=500) as receiver:
        asyncio.run(send([ALERT], settings(receiver.address, ("/no/such/program",))))
    asyncio.run(send([ALERT], settings("http://127.0.0.1:9/", (sys.executable, "-c", "raise SystemExit(3)"))))

    details = [line["detail"] for line in log if "outcome" in line]
    assert "server_error: HTTP status 500" == details[0]
    assert "No such file or directory" in details[1]
    assert details[2].startswith("unreachable")
    assert "exit code 3" == details[3]


def test_a_webhook_is_posted_through_the_proxy():
    """The proxy in the settings is used for alerts as for pages."""
    with Receiver() as proxy:
        asyncio.run(send([ALERT], settings("http://hook.example/x", proxy=proxy.address.removesuffix("/hook"))))

    assert ["failing"] == [posted["state"] for posted in proxy.got]


def test_a_name_that_leads_to_this_machine_is_refused(log, monkeypatch):
    """A webhook name that resolves to a private address is refused, unless the settings allow it."""

    async def resolve(host, port):
        return ["127.0.0.1"]

    with Receiver() as receiver:
        name = receiver.address.replace("127.0.0.1", "hook.example")
        monkeypatch.setattr("schedules.monitoring.hooks.build_client", partial(build_client, resolve=resolve))
        asyncio.run(send([ALERT], settings(name)))
        asyncio.run(send([ALERT], settings(name, allow_private_addresses=True)))

    assert 1 == len(receiver.got)
    assert ["private_address"] == [line["detail"].split(":")[0] for line in log if "outcome" in line]
