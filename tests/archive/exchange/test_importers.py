"""Files of strangers: an invalid article is reported and skipped, and the rest is imported."""

import json

from factories import make_record

from archive.exchange.importers import read_files
from archive.exchange.jsonl import to_json


def test_a_day_beyond_the_calendar_costs_only_its_article(tmp_path):
    """Documents of the first and the last calendar day are refused with a reason, and the others are read."""
    for day in ("0001-01-01", "9999-12-31", "2026-02-04"):
        (tmp_path / f"{day}.txt").write_text(f" date {day} Tin\n\nThân bài.", encoding="utf-8")

    found = list(read_files([tmp_path]))

    assert ["not accepted: the date is 0001-01-01", "", "not accepted: the date is 9999-12-31"] == [
        item.problem.partition(";")[0] for item in found
    ]
    assert [False, True, False] == [item.item is not None for item in found]


def test_values_of_jsonl_are_checked(tmp_path):
    """An invalid address and an instant beyond the calendar are reported by line."""
    sound = to_json(make_record())
    lines = [sound, sound | {"url": "javascript:alert(1)"}, sound | {"published_at": "9999-12-31T23:59:59Z"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    problems = [item.problem for item in read_files([tmp_path / "a.jsonl"])]

    assert "" == problems[0]
    assert "the address is 'javascript:alert(1)'" in problems[1]
    assert "published_at: the date is 9999-12-31" in problems[2]
