"""The commands `khobao backup`, `merge` and `vacuum`."""

import pytest
from keeping import Crawl, id_of

from archive.store.writer import ArchiveWriter
from schedules.cli.main import main


def crawl(folder, *keys):
    """Return an archive with these articles."""
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
    """Run the program on our archive; return its exit code and output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "--archive", str(ours)])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return run


def test_a_backup_is_a_whole_archive(khobao, ours):
    """The message names the number of articles and the folder of the captures."""
    expected = f"copy.db: 2 articles, verified; captures are in {ours.parent / 'captures'}\n"

    assert (0, expected, "") == khobao("backup", "copy.db")
    assert (2, "") == khobao("backup", ours)[:2]


def test_another_archive_is_merged(khobao, tmp_path):
    """New rows are counted; a second merge adds nothing."""
    other = crawl(tmp_path / "theirs", "2", "3")

    code, out, _ = khobao("merge", other)
    expected = "merged 1 articles, 1 revisions, 1 addresses and 2 captures; 0 known articles got more revisions\n"
    assert (0, expected) == (code, out)
    assert "Cầu số 3" in khobao("show", id_of("3"))[1]
    assert khobao("merge", other)[1].startswith("merged 0 articles, 0 revisions, 0 addresses and 0 captures;")
    assert (2, "") == khobao("merge", tmp_path / "ours" / "archive.db")[:2]


def test_captures_can_be_elsewhere(khobao, tmp_path):
    """If the other archive's captures are not found, the message names the option for their folder."""
    other = crawl(tmp_path / "theirs", "3")
    (tmp_path / "theirs" / "captures").rename(tmp_path / "moved")

    code, _, err = khobao("merge", other)
    assert 1 == code
    assert "1 captures are not in" in err
    assert "name their folder with --captures" in err
    assert (0, "") == khobao("merge", other, "--captures", "moved")[::2]


def test_vacuum_prints_the_returned_space(khobao, ours):
    """The sizes before and after are printed, and the archive has the same content."""
    code, out, _ = khobao("vacuum")

    assert (0, True) == (code, out.startswith(f"{ours}: 0."))
    assert "Cầu số 2" in khobao("show", id_of("2"))[1]
