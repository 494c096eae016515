"""What a lake lacks, and what is damaged in it."""

import errno

import pytest
from lakefiles import add_part

from archive.atomic_files import sha256
from archive.errors import ArchiveError, ArchiveTooNew, UsageError
from archive.lake import checking
from archive.lake.checking import check_lake, lake_status
from archive.lake.compaction import compact_lake
from archive.lake.folder import LakeFolder
from archive.lake.layout import LAKE, ReadingFilters, add_reader, all_readings, open_lake
from archive.lake.manifest import require_folder
from schedules.lake.planning import save_plan


@pytest.fixture
def lake(tmp_path):
    """A compacted lake of one file."""
    add_part(tmp_path / "lake", "a", ("1", 0, {}), ("2", 0, {}))
    folder = open_lake(str(tmp_path / "lake"))
    compact_lake(folder)
    return folder


def test_a_whole_lake_has_no_problem(lake):
    """Every file of a lake as it was written passes, and the status counts it."""
    status = lake_status(lake)

    assert [] == list(check_lake(lake))
    assert (1, 3, 2, 2, 0) == (status.readings, status.pages, status.captures, status.articles, status.uncompacted)
    assert {"home_page": 1} == status.reasons


@pytest.mark.parametrize("kind", ["parts", "ledger", "articles/month=2026-02"])
def test_damaged_and_missing_files_are_named(lake, kind):
    """A changed byte and a file that is gone are each a line with the file."""
    (file,) = (lake.path / kind).iterdir()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert [f"{file}: damaged: its checksum is wrong"] == list(check_lake(lake))

    file.unlink()
    assert [f"{file}: missing"] == list(check_lake(lake))


def test_a_part_without_its_marker_is_left_over(lake):
    """What a killed task left is named; it is no reading."""
    (lake.path / "parts" / "0.parquet").write_bytes(b"half")

    assert ["its reading was not finished"] == [line.split(": ")[1].split(";")[0] for line in check_lake(lake)]
    assert 1 == len(all_readings(lake))


def test_a_damaged_marker_stops_with_one_line(lake):
    """A marker that is no JSON is told with what to do."""
    (marker,) = (lake.path / "done").iterdir()
    marker.write_text("{")

    with pytest.raises(ArchiveError, match="a damaged marker; delete it"):
        lake_status(lake)


def test_a_file_without_permission_does_not_hide_the_next_damage(lake, monkeypatch):
    """A file that cannot be read is one line, and the files after it are checked."""
    (part,) = (lake.path / "parts").iterdir()
    (ledger,) = (lake.path / "ledger").iterdir()
    ledger.write_bytes(b"half")

    def refused(path):
        if path == part:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return sha256(path)

    monkeypatch.setattr(checking, "sha256", refused)  # these tests may run as root, who may read everything

    assert [f"{part}: cannot be read: Permission denied", f"{ledger}: damaged: its checksum is wrong"] == list(
        check_lake(lake)
    )


def test_what_a_later_reader_read_is_neither_missing_nor_failed(tmp_path):
    """A failure and a plan of earlier rules end when later rules have read the file, and not before."""
    folder = open_lake(str(tmp_path / "lake"), create=True)
    for reader in ("1 test", "2 test"):
        add_reader(folder, reader)
        save_plan(folder, ["a", "b", "c"], reader, ReadingFilters())
    for path in ("a", "b"):
        folder.write_json(f"failed/{path}.json", {"path": path, "reader": "1 test", "problem": "it broke off"})
    assert ({"a", "b"}, ["c"]) == (lake_status(folder).failed.keys(), lake_status(folder).missing)

    add_part(folder.path, "a", ("1", 0, {}), reader="2 test")
    add_part(folder.path, "c", ("2", 0, {}), reader="1 test")
    status = lake_status(folder)

    assert ({"b"}, ["c"]) == (status.failed.keys(), status.missing)  # c is to be read by the later rules too


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ('{"format": "khobao-lake", "version": 2, "readers": []}', ArchiveTooNew),
        ('{"format": "khobao-lake", "version": 0, "readers": []}', ArchiveError),
        ('{"format": "another", "version": 1}', UsageError),
        ('{"format": "khobao-lake", "version": 1}', ArchiveError),
        ('{"format": "khobao-lake", "version": 1, "readers": [1]}', ArchiveError),
        ("[]", ArchiveError),
    ],
)
def test_a_lake_of_another_version_is_refused(tmp_path, content, error):
    """A newer lake, another tool's folder and a damaged file are told apart."""
    (tmp_path / LAKE).write_text(content)

    with pytest.raises(error):
        open_lake(str(tmp_path))


def test_only_a_lake_in_a_folder_is_compacted():
    """Compaction, words and SQL of a lake in an object store are refused with what to do."""
    with pytest.raises(UsageError, match="needs a lake in a folder; copy it, or mount it"):
        require_folder(LakeFolder("s3://press/lake"))


def test_only_an_empty_folder_becomes_a_lake(tmp_path):
    """A folder with other files is refused; one that is not there is made only for reading into it."""
    (tmp_path / "letter.txt").write_text("x")

    with pytest.raises(UsageError, match="not a lake and not an empty folder"):
        open_lake(str(tmp_path), create=True)
    with pytest.raises(UsageError, match="no lake there"):
        open_lake(str(tmp_path / "new"))
    assert open_lake(str(tmp_path / "new"), create=True) == LakeFolder(str(tmp_path / "new"))
