"""What a service manager is told, and what `khobao status` tells a person."""

import configparser
import json
import re

import pytest

from schedules.cli.commands.service import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_is_made_for_this_installation(khobao, kind):
    """The archive's place is filled in, and no mark is left."""
    ran = khobao("service", kind, "--archive", "press/archive.db")

    assert 0 == ran.code
    assert not re.search(r"@[a-z]+@", ran.out)


def test_the_unit_runs_the_service_as_nobody_in_particular(khobao, tmp_path):
    """The unit says how to start, where to write, and takes all else away."""
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read_string(khobao("service", "--archive", tmp_path / "press" / "archive.db").out)

    assert f"khobao run --archive {tmp_path}/press/archive.db" == unit["Service"]["ExecStart"]
    assert str(tmp_path / "press") == unit["Service"]["ReadWritePaths"]
    assert ("notify", "yes", "strict") == tuple(
        unit["Service"][key] for key in ("Type", "DynamicUser", "ProtectSystem")
    )


def test_the_dashboard_asks_for_metrics_that_are_told(khobao):
    """Every name in the dashboard is one of the service's."""
    dashboard = json.loads(khobao("service", "dashboard").out)
    names = {name for panel in dashboard["panels"] for name in re.findall(r"khobao_\w+", panel["targets"][0]["expr"])}

    assert names <= {
        "khobao_pages_total",
        "khobao_polls_total",
        "khobao_failures_total",
        "khobao_seconds_since_article",
        "khobao_articles_today",
        "khobao_sources_failing",
        "khobao_disk_free_bytes",
        "khobao_wal_bytes",
        "khobao_pages_due",
        "khobao_articles_gone",
        "khobao_worker_restarts_total",
    }


def test_status_tells_health_and_what_is_expected(khobao, tmp_path):
    """Each outlet has a word for its health, and the exit code says whether somebody should look."""
    import shelf

    shelf.fill(tmp_path / "archive.db")
    told = khobao("status", "--archive", "archive.db")
    facts = [json.loads(line) for line in khobao("status", "--json", "--archive", "archive.db").out.splitlines()]

    assert 0 == told.code
    assert re.search(r"vntin +ok +3 +0 +\d+d ago +- +- +- +0", told.out)
    assert {("vntin", "ok", "not asked yet"), ("song", "ok", "not asked yet")} == {
        (fact["id"], fact["health"], fact["why"]) for fact in facts
    }
