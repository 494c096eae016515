"""The command `khobao stories`."""

import json
import re


def test_stories_show_who_was_first_and_who_copied(khobao, seeds, tmp_path):
    """The seeds are one story of four articles, and a copy names the article with the same text."""
    lead, copy = (path.read_text(encoding="utf-8") for path in sorted(seeds.glob("*.txt"))[1:3])
    (tmp_path / "copied").mkdir()
    (tmp_path / "copied" / "one.txt").write_text(copy.replace("Vân Bình", "Theo báo bạn"), encoding="utf-8")
    khobao("import", seeds, "--archive", "a.db")
    khobao("import", "copied", "--archive", "a.db", "--outlet", "banchep")
    told = khobao("stories", "--archive", "a.db")
    (story,) = (json.loads(line) for line in khobao("stories", "--archive", "a.db", "--json").out.splitlines())

    assert 0 == told.code, told.err
    assert "(5 articles, 2 outlets, 1 copies)" in told.out
    assert re.search(r"\[(9\d|100)% the text of imported\]", told.out)
    assert lead.splitlines()[0].removeprefix(" date 2026-02-04 ") in told.out
    assert 5 == len(story["tellings"])
    assert told.out == khobao("stories", "--archive", "a.db", "--rebuild").out
    assert told.out == khobao("stories", str(story["id"]), "--archive", "a.db").out


def test_a_missing_story_is_reported(khobao, seeds):
    """A wrong number gives one clear line; an archive without stories says so."""
    khobao("import", sorted(seeds.glob("*.txt"))[4], "--archive", "a.db")

    assert "no stories found\n" == khobao("stories", "--archive", "a.db").out
    wrong = khobao("stories", "7", "--archive", "a.db")
    assert "no story 7" in wrong.err
    assert 1 == wrong.code
