"""Telling somebody when an outlet's health changes."""

import asyncio
import json
import sys
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

from schedules.config import AlertSettings
from schedules.monitoring.alerts import Alert, Told, changes, send
from schedules.monitoring.health import Health

NOW = datetime(2026, 2, 4, 12, tzinfo=UTC)
OK, FAILING = Health("ok", ""), Health("failing", "every source failed")
ALERT = Alert("bao", "failing", "ok", "every source failed", NOW.isoformat())


def story(*healths, gap=3600.0, step=timedelta(hours=2)):
    """What is told of one outlet that fares like this at one look after the other."""
    told, now, said = {}, NOW, []
    for health in healths:
        alerts, told = changes(told, {"bao": health}, now, gap)
        said.append([(alert.before, alert.state) for alert in alerts])
        now += step
    return said


def test_trouble_and_recovery_are_told_once():
    """An outlet that is well is not spoken of; trouble is told when it comes and when it goes."""
    assert [[], [("ok", "failing")], [], [("failing", "ok")], []] == story(OK, FAILING, FAILING, OK, OK)


def test_what_goes_back_and_forth_is_told_once_in_a_while():
    """Within the gap nothing more is said of an outlet; after it, how it fares then."""
    said = story(FAILING, OK, FAILING, OK, OK, gap=3600, step=timedelta(minutes=20))

    assert [[("ok", "failing")], [], [], [("failing", "ok")], []] == said


def test_another_trouble_is_a_change():
    """From quiet to failing is told, with what was told before."""
    assert [[("ok", "quiet")], [("quiet", "failing")]] == story(Health("quiet", "…"), FAILING)


def test_outlets_are_told_apart():
    """One outlet's alert does not keep another's back, and what was told of others stays."""
    told = {"other": Told("failing", NOW)}
    alerts, after = changes(told, {"bao": FAILING}, NOW, 3600)

    assert ["bao"] == [alert.outlet for alert in alerts]
    assert {"bao", "other"} == after.keys()


class Receiver:
    """A webhook on loopback that keeps what it gets."""

    def __enter__(self):
        got = self.got = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
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


def test_a_webhook_and_a_command_get_the_alert(tmp_path):
    """Both get it as JSON; the command has its facts in the environment too."""
    script = "import os, sys; open(sys.argv[1], 'w').write(os.environ['KHOBAO_ALERT_STATE'] + sys.stdin.read())"
    with Receiver() as receiver:
        settings = AlertSettings(
            webhook=receiver.address, command=(sys.executable, "-c", script, str(tmp_path / "got"))
        )
        asyncio.run(send([ALERT], settings))

    (posted,) = receiver.got
    assert "bao: failing (was ok): every source failed" == posted["text"]
    assert "failing" + json.dumps(posted, ensure_ascii=False) == (tmp_path / "got").read_text()


def test_a_hook_that_fails_stops_nothing(capfd):
    """A webhook that nobody answers and a command that is not there or fails are logged, and that is all."""
    for command in (("/no/such/program",), (sys.executable, "-c", "raise SystemExit(3)")):
        asyncio.run(send([ALERT], AlertSettings(webhook="http://127.0.0.1:9/", command=command)))

    said = capfd.readouterr()
    assert "the webhook failed" in said.err + said.out
    assert "exit code 3" in said.err + said.out
