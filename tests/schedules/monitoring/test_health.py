"""The health of an outlet, in one word and one sentence."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from archive.statistics.healings import LastHealing
from archive.statistics.outlet_activity import OutletActivity
from schedules.monitoring.drift import Drift
from schedules.monitoring.health import health
from schedules.timing.publishing_hours import PublishingHours

NOW = datetime(2026, 2, 4, 12, tzinfo=UTC)
FLAT = PublishingHours(UTC)
WELL = OutletActivity("bao", "Báo", sources=3, polled_at=NOW, article_at=NOW - timedelta(hours=1), per_day=48.0)
DRIFT = Drift("bao", date(2026, 2, 3), ("7 of 10 pages were rejected",))


@pytest.mark.parametrize(
    ("case", "activity", "drifted", "state", "why"),
    [
        ("all is well", WELL, None, "ok", ""),
        ("never asked", OutletActivity("bao", "Báo", sources=3), None, "ok", "not polled yet"),
        (
            "one source fails",
            replace(WELL, failing=1, streak=9, reasons={"server_error": 1}),
            None,
            "ok",
            "1 of 3 sources failed at the last poll: server error",
        ),
        (
            "all fail, but only just",
            replace(WELL, failing=3, streak=2, reasons={"timeout": 3}),
            None,
            "retrying",
            "every source failed at its last poll: timeout",
        ),
        (
            "all fail and go on failing",
            replace(WELL, failing=3, streak=5, reasons={"timeout": 2, "tls": 1}),
            DRIFT,
            "failing",
            "every source failed, 5 times in a row: timeout, tls",
        ),
        (
            "most are walls",
            replace(WELL, failing=3, streak=5, reasons={"blocked": 2, "timeout": 1}),
            None,
            "blocked",
            "every source failed, 5 times in a row: blocked, timeout",
        ),
        ("read otherwise", WELL, DRIFT, "drifting", "since 2026-02-03 7 of 10 pages were rejected"),
        (
            "silent",
            replace(WELL, article_at=NOW - timedelta(hours=6)),
            None,
            "quiet",
            "no article since 2026-02-04 06:00Z, 12 were expected",
        ),
        ("a small outlet may be silent", replace(WELL, article_at=NOW - timedelta(hours=6), per_day=5), None, "ok", ""),
        ("news from the future is no silence", replace(WELL, article_at=NOW + timedelta(days=9)), None, "ok", ""),
    ],
)
def test_the_most_serious_problem_is_reported(case, activity, drifted, state, why):
    """The most serious problem decides; without a problem nobody needs to look."""
    found = health(activity, NOW, FLAT, drifted)

    assert (state, why) == (found.state, found.why), case
    assert (state != "ok") == found.needs_somebody


@pytest.mark.parametrize(
    ("healing", "state", "why"),
    [
        (
            LastHealing(NOW, "in force", "40 of 40 pages agree"),
            "ok",
            "new rules in force since 2026-02-04: 40 of 40 pages agree",
        ),
        (
            LastHealing(NOW, "proposed", "22 of 22 pages agree"),
            "drifting",
            "since 2026-02-03 7 of 10 pages were rejected; new rules proposed since 2026-02-04: 22 of 22 pages agree",
        ),
        (
            LastHealing(NOW - timedelta(days=9), "in force", "x"),
            "drifting",
            "since 2026-02-03 7 of 10 pages were rejected",
        ),
    ],
)
def test_healed_rules_end_a_drift(healing, state, why):
    """Rules in force end earlier drift; proposed rules are mentioned beside the drift."""
    judged = health(WELL, NOW, FLAT, DRIFT, healing)

    assert (state, why) == (judged.state, judged.why)
