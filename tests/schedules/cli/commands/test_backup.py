"""`khobao backup`, `merge` and `vacuum`, as a person runs them."""

import pytest
from keeping import Crawl, id_of

from archive.store.writer import ArchiveWriter
from schedules.cli.main import main


def crawl(folder, *keys):
    """An archive with these articles."""
    folder.mkdir(exist_ok=True)
    with ArchiveWriter.create_or_open(folder / "archive.db") as archive:
        crawl = Crawl(archive, folder / "captures")
        for key in keys:
            crawl.see(key, f"Cầu số {key} dài 812 mét.")
        crawl.end()
    return folder / "archive.db"


@pytest.fixture
def ours(tmp_path):
    """Our archive."""
    return crawl(tmp_path / "ours", "1", "2")


@pytest.fixture
def khobao(capsys, ours, monkeypatch, tmp_path):
    """The program, on our archive: its exit code, and what it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "--archive", str(ours)])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return run


def test_a_backup_is_a_whole_archive(khobao, ours):
    """The copy is told with its number of articles, and with where the captures are."""
    expected = f"copy.db: 2 articles, verified; captures are in {ours.parent / 'captures'}\n"

    assert (0, expected, "") == khobao("backup", "copy.db")
    assert (2, "") == khobao("backup", ours)[:2]


def test_another_archive_is_taken_in(khobao, tmp_path):
    """What came in is counted; the same again brings nothing."""
    other = crawl(tmp_path / "theirs", "2", "3")

    code, out, _ = khobao("merge", other)
    expected = "merged 1 articles, 1 revisions, 1 addresses and 2 captures; 0 known articles got more revisions\n"
    assert (0, expected) == (code, out)
    assert "Cầu số 3" in khobao("show", id_of("3"))[1]
    assert khobao("merge", other)[1].startswith("merged 0 articles, 0 versions, 0 addresses and 0 captures;")
    assert (2, "") == khobao("merge", tmp_path / "ours" / "archive.db")[:2]


def test_captures_can_be_elsewhere(khobao, tmp_path):
    """Where the other's captures are not found, that is told with the option that says where they are."""
    other = crawl(tmp_path / "theirs", "3")
    (tmp_path / "theirs" / "captures").rename(tmp_path / "moved")

    code, _, err = khobao("merge", other)
    assert 1 == code
    assert "1 captures are not in" in err
    assert "name their folder with --captures" in err
    assert (0, "") == khobao("merge", other, "--captures", "moved")[::2]


def test_a_vacuum_tells_what_it_gave_back(khobao, ours):
    """The size before and after is told, and the archive is what it was."""
    code, out, _ = khobao("vacuum")

    assert (0, True) == (code, out.startswith(f"{ours}: 0."))
    assert "Cầu số 2" in khobao("show", id_of("2"))[1]
