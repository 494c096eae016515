"""`khobao why` tells by which rules a page was read, and whether they were drafted after a redesign."""

import json

import pytest
from keeping import Crawl, url_of

from archive.store.writer import ArchiveWriter


@pytest.fixture
def healed(tmp_path):
    """An archive of an outlet that was healed after a redesign."""
    with ArchiveWriter.create_or_open(tmp_path / "a.db") as archive:
        crawl = Crawl(archive, tmp_path / "captures")
        crawl.see("1", "Một.", rules="generic", reader="1 trafilatura-2.3.1 rules-5f3a9c1b")
        crawl.see("2", "Hai.", rules="until 2020-01-01", reader="1 trafilatura-2.3.1 rules-5f3a9c1b")
        run = archive.runs.begin_run("heal", {}, crawl.now)
        archive.runs.end_run(run, "done", {"bao": {"state": "in force", "detail": "32 of 32 pages agree"}}, crawl.now)
        crawl.end()


@pytest.mark.parametrize(
    ("key", "rules"),
    [
        ("1", "the generic reader; the outlet has no rules, or they did not fit this page"),
        ("2", "the outlet's rules until 2020-01-01"),
    ],
)
def test_why_names_the_rules_and_the_healing(healed, inline, key, rules):
    """The rules that read the article and the last healing of its outlet have a line each."""
    said = inline("why", url_of(key), "--archive", "a.db").out

    assert f"  read by     {rules}\n" in said
    assert "  redesign    new rules in force since 2026-02-04: 32 of 32 pages agree\n" in said


def test_why_gives_the_healing_as_json(healed, inline):
    """As JSON the healing has its state, its time and its detail."""
    told = json.loads(inline("why", url_of("1"), "--archive", "a.db", "--json").out)

    assert ("in force", "32 of 32 pages agree") == (told["healing"]["state"], told["healing"]["detail"])
    assert "generic" == told["article"]["rules"]
