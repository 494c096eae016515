"""The commands `khobao diff` and `changes`."""

import json
import os
import pty
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from archive.errors import Failure, Reason
from archive.ledger.model import OutletFacts, Visit
from archive.record import ArticleLink, Candidate, Document, Record
from archive.store.writer import ArchiveWriter
from schedules.cli.main import main

pytestmark = pytest.mark.slow  # starts processes, or checks many cases

URL = "http://bao.example/cau-moi-1.html"
ID = "00000000000000a1"
SEEN = datetime(2026, 2, 4, 12, tzinfo=UTC)
FIRST = Document(
    date(2026, 2, 4), "Cầu Mới thông xe", "Cầu Mới bắc qua sông dài 812 mét.\n\nCầu có bốn làn xe.\n\nMinh Khôi"
)
SECOND = replace(FIRST, text="Cầu Mới bắc qua sông dài 820 mét, dài nhất vùng.\n\nCầu có bốn làn xe.\n\nMinh Khôi")
DOUBT = "date: only the address states it"
THIRD = replace(SECOND, title="Cầu Mới thông xe sớm")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An archive with an article of three revisions that was gone and came back, and one that never changed."""
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        archive.runs.declare([OutletFacts("bao", "Báo"), OutletFacts("tin", "Tin")])
        run = archive.runs.begin_run("crawl", {}, SEEN)
        archive.ledger.discover("bao", "", [ArticleLink(URL, ID, Candidate(URL))], SEEN)
        visit = Visit(url=URL, run=run, asked_at=SEEN, answered_at=SEEN, status=200)
        record = Record(id=ID, outlet="bao", url=URL, document=FIRST, reader="1", doubts=(DOUBT,))
        for day, document in enumerate((FIRST, SECOND, THIRD)):
            later = SEEN + timedelta(days=day)
            archive.save_record(replace(record, document=document), replace(visit, asked_at=later, answered_at=later))
        for day in (3, 4):
            later = SEEN + timedelta(days=day)
            archive.record_outcome(
                replace(visit, asked_at=later, answered_at=later, failure=Failure(Reason.GONE, "404"))
            )
        archive.confirm_unchanged(replace(visit, answered_at=SEEN + timedelta(days=5)))
        archive.save_document(Record(id="00000000000000b2", outlet="tin", url=None, document=FIRST), SEEN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


@pytest.fixture
def khobao(capsys):
    """Run the program; return its exit code and output."""

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--archive", "archive.db"])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return run


def test_removed_and_added_words_are_marked(khobao):
    """Without a terminal, marks show the changes; unchanged paragraphs are counted."""
    expected = (
        "revision 1, 2026-02-04 12:00:00Z -> 2, 2026-02-05 12:00:00Z: material\n"
        "Cầu Mới thông xe\n\n"
        "Cầu Mới bắc qua sông dài [-812 mét.-]{+820 mét, dài nhất vùng.+}\n\n"
        "(2 paragraphs unchanged)\n"
    )

    assert (0, expected, "") == khobao("diff", ID, "--revisions", "1", "2")


def test_the_last_two_revisions_are_compared_by_default(khobao):
    """Without --revisions, the newest revision is compared with the one before it; an address works as a name too."""
    code, out, _ = khobao("diff", URL)

    assert (0, "Cầu Mới thông xe {+sớm+}") == (code, out.splitlines()[1])
    assert "-> 3, " in out


def test_a_terminal_gets_colours(folder):
    """On a terminal, removed words are red and struck through, added words are green, and there are no marks."""
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-c",
        "from schedules.cli.main import main; main()",
        "diff",
        ID,
        "--archive",
        "archive.db",
    ]
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm-256color"}
    subprocess.run(command, stdout=theirs, env=environment, check=True, timeout=60)
    said = os.read(ours, 65536).decode()
    os.close(ours)
    os.close(theirs)

    assert "\x1b[32msớm\x1b[0m" in said
    assert "{+" not in said


def test_a_diff_as_json_has_every_run_of_words(khobao):
    """--json prints both revisions and the segments of words by paragraph."""
    told = json.loads(khobao("diff", ID, "--revisions", "2", "1", "--json")[1])

    assert (ID, 2, 1) == (told["article"], told["old"]["revision"], told["new"]["revision"])
    assert [{"op": "same", "text": "Cầu có bốn làn xe."}] == told["text"][1]
    assert {"same", "gone", "new"} == {run["op"] for run in told["text"][0]}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((ID[:-2] + "a2",), 1, f"no article '{ID[:-2]}a2'; similar ids are {ID}"),
        (("http://bao.example/x.html",), 1, "not archived; `khobao why` explains why"),
        ((ID, "--revisions", "1", "4"), 2, "no revision 4; this article has revisions 1 to 3"),
        ((ID, "--revisions", "0", "1"), 2, "0 is not in the range"),
    ],
)
def test_a_mistake_is_one_clear_line(khobao, arguments, code, said):
    """For a missing article or revision, the message lists similar or existing ones."""
    ended, out, err = khobao("diff", *arguments)

    assert (code, "") == (ended, out)
    assert said in err


def test_one_revision_cannot_be_compared(khobao):
    """Comparing an article that never changed prints a message, and is not a failure."""
    assert (
        0,
        "00000000000000b2 has one revision, archived 2026-02-04 12:00:00Z; there is nothing to compare\n",
        "",
    ) == khobao("diff", "00000000000000b2")


def test_changes_lists_edits_and_deletions_latest_first(khobao):
    """Edits, deletions and returns are in one list, each with its class; nothing else is."""
    lines = khobao("changes")[1].splitlines()

    assert ["back", "gone", "headline", "material"] == [line.split()[2] for line in lines]
    assert f"2026-02-06 12:00:00Z  headline    {ID}  bao  Cầu Mới thông xe sớm  revision 3" == lines[2]


@pytest.mark.parametrize(
    ("arguments", "classes"),
    [
        (("--class", "gone"), ["gone"]),
        (("--since", "2026-02-06", "--until", "2026-02-08"), ["gone", "headline"]),
        (("--limit", "1"), ["back"]),
        (("--outlet", "bao", "--until", "2026-02-05"), ["material"]),
        (("--outlet", "tin"), []),
    ],
)
def test_changes_are_filtered(khobao, arguments, classes):
    """Days, outlet, class and number limit the list."""
    told = [json.loads(line) for line in khobao("changes", *arguments, "--json")[1].splitlines()]

    assert classes == [change["change"] for change in told]


def test_no_changes_are_told_so(khobao):
    """An empty list prints a message."""
    assert (0, "nothing changed\n", "") == khobao("changes", "--outlet", "tin")


def test_why_lists_absences(khobao):
    """`why` lists when an article was missing, gone and back."""
    assert (
        "  missing     2026-02-07T12:00:00.000Z  gone: deleted, confirmed 2026-02-08T12:00:00.000Z,"
        " back 2026-02-09T12:00:00.000Z\n"
    ) in khobao("why", URL)[1]


def test_why_tells_of_doubts(khobao):
    """The ledger's story of an address says how sure the reader was, and why it was not."""
    story = khobao("why", URL)[1]

    assert f"  confidence  medium\n  doubt       {DOUBT}\n" in story
