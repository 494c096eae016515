"""Opening a file: it is a usable archive, or one line says why not."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import takewhile
from pathlib import Path

import pytest
from factories import NOW

from archive.database.connection import archive_errors
from archive.database.schema import APPLICATION_ID, SCRIPTS, applied_migrations, migrations, statements
from archive.errors import ArchiveError, ArchiveFull, ArchiveLocked, ArchiveTooNew, NotAnArchive
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter


def execute(path: Path, *statements: str) -> None:
    """Run a statement on a database."""
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def test_an_archive_is_created(path: Path) -> None:
    """A new archive has our application id, every migration, and the modes for one writer and many readers."""
    with ArchiveWriter.create_or_open(path) as archive:
        told = [archive.db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "foreign_keys")]

        assert ["wal", 1] == told
        assert (APPLICATION_ID,) == archive.db.execute("PRAGMA application_id").fetchone()
        assert list(SCRIPTS) == applied_migrations(archive.db)
        assert list(SCRIPTS) == [migration.name for migration in migrations().applied(archive.db)]
        assert [] == migrations().pending(archive.db)


def test_opening_again_changes_nothing(path: Path) -> None:
    """Opening a current archive changes nothing."""
    ArchiveWriter.create_or_open(path).close()
    before = path.read_bytes()
    ArchiveWriter.create_or_open(path).close()
    ArchiveReader.open(path).close()

    assert before == path.read_bytes()


def test_an_empty_file_becomes_an_archive(path: Path) -> None:
    """A writer turns an empty file into an archive; a reader refuses it."""
    path.touch()
    with pytest.raises(NotAnArchive, match=r"archive\.db: not a khobao archive \(it is empty\)"):
        ArchiveReader.open(path)
    with ArchiveWriter.create_or_open(path) as archive:
        assert [] == archive.reader.status()


@pytest.mark.parametrize("open_it", [ArchiveReader.open, ArchiveWriter.create_or_open])
def test_a_file_that_is_not_an_archive_is_left_alone(path: Path, open_it) -> None:
    """A text file and another program's database are refused and unchanged, and no lock file appears beside them."""
    path.write_text("not a database at all, but long enough to look like one at a glance")
    other = path.with_name("other.db")
    execute(other, "CREATE TABLE t (x)")
    before = [path.read_bytes(), other.read_bytes()]

    with pytest.raises(NotAnArchive, match=r"archive\.db: not a khobao archive \(it is no SQLite file\)"):
        open_it(path)
    with pytest.raises(NotAnArchive, match=r"other\.db: not a khobao archive \(it is another SQLite file\)"):
        open_it(other)
    assert before == [path.read_bytes(), other.read_bytes()]
    assert ["archive.db", "other.db"] == sorted(file.name for file in path.parent.iterdir())


@pytest.mark.parametrize("open_it", [ArchiveReader.open, ArchiveWriter.create_or_open])
def test_a_newer_archive_is_refused(path: Path, open_it) -> None:
    """An archive of a newer khobao is refused, because its data may mean something else."""
    ArchiveWriter.create_or_open(path).close()
    execute(path, "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('khobao', '0099_next', '')")

    with pytest.raises(ArchiveTooNew, match=r"written by a newer khobao \(with 0099_next\); upgrade khobao to open it"):
        open_it(path)


def test_an_older_archive_is_upgraded_by_a_writer(path: Path) -> None:
    """A reader refuses an older archive, and says which commands upgrade it."""
    execute(path, f"PRAGMA application_id = {APPLICATION_ID}", "CREATE TABLE t (x)")

    with pytest.raises(
        ArchiveError, match="written by an older khobao; `khobao upgrade-check` shows how to upgrade it"
    ):
        ArchiveReader.open(path)
    with ArchiveWriter.create_or_open(path) as archive:
        assert [] == archive.reader.status()


def test_a_migration_that_fails_is_undone(path: Path) -> None:
    """A failed migration leaves the old schema."""
    execute(path, f"PRAGMA application_id = {APPLICATION_ID}", "CREATE TABLE runs (x)")
    with pytest.raises(sqlite3.OperationalError, match="table runs already exists"):
        ArchiveWriter.create_or_open(path)

    with closing(sqlite3.connect(path)) as db:
        assert [("runs",)] == db.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE '%sqlite%'").fetchall()
    assert not _is_locked(path)


def _is_locked(path: Path) -> bool:
    """Return whether a writer still holds an archive, even one that cannot be opened."""
    code = "import fcntl, sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    return (
        subprocess.run([sys.executable, "-c", code, f"{path}.lock"], check=False, capture_output=True).returncode != 0
    )


def test_a_script_is_cut_into_its_statements() -> None:
    """A trigger that contains semicolons is one statement."""
    script = "CREATE TABLE a (x);\n-- why;\nCREATE TRIGGER t AFTER INSERT ON a BEGIN\n DELETE FROM a;\nEND;\n"

    assert ["CREATE TABLE a (x);", script[script.index("--") :].strip()] == list(statements(script))


def test_a_missing_archive_is_reported(path: Path) -> None:
    """Reading a missing archive names the commands that create one."""
    with pytest.raises(ArchiveError, match="no archive there; `khobao init` makes one, `khobao crawl` fills it"):
        ArchiveReader.open(path)
    assert not path.exists()


def test_a_missing_folder_is_reported(path: Path) -> None:
    """The archive's folder must exist."""
    with pytest.raises(ArchiveError, match="cannot be written to: No such file or directory"):
        ArchiveWriter.create_or_open(path.parent / "nowhere" / "archive.db")


@pytest.mark.parametrize("open_it", [ArchiveReader.open, ArchiveWriter.create_or_open])
def test_a_folder_is_no_archive(tmp_path: Path, open_it) -> None:
    """A folder in the archive's place is reported."""
    with pytest.raises(NotAnArchive, match=r"not a khobao archive \(it is a folder\)"):
        open_it(tmp_path)


AS_NOBODY = """
import os, sys
from pathlib import Path
from archive.errors import ArchiveError
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter
path = Path(sys.argv[1])
if os.geteuid() == 0:
    os.setuid(65534)
try:
    ArchiveWriter.create_or_open(path)
except ArchiveError as error:
    sys.exit(f"{error.exit_code} {error}")
"""


@pytest.fixture
def open_to_all(tmp_path: Path) -> None:
    """Make the test's folder readable to others, so that permissions can be tested even as root."""
    ours = ("test_", "popen-", "pytest-")
    for folder in takewhile(lambda folder: folder.name.startswith(ours), (tmp_path, *tmp_path.parents)):
        folder.chmod(0o755)


@pytest.mark.usefixtures("open_to_all")
def test_a_folder_without_write_permission_is_reported(path: Path) -> None:
    """A user who may only read is told so, with the exit code of an archive error."""
    path.parent.chmod(0o555)
    try:
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(path)],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONDONTWRITEBYTECODE": "1"},
        )
    finally:
        path.parent.chmod(0o755)

    assert f"3 {path}: cannot be written to: Permission denied" == done.stderr.splitlines()[0]
    assert not path.exists()


def test_a_writer_in_another_process_is_named(path: Path) -> None:
    """The message has the process id; readers still work; the lock ends when the writer dies."""
    code = "import sys\nfrom pathlib import Path\nfrom archive.store.writer import ArchiveWriter\n"
    code += "ArchiveWriter.create_or_open(Path(sys.argv[1]))\nprint('open', flush=True)\nsys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    ) as other:
        assert other.stdout is not None
        assert "open\n" == other.stdout.readline()
        with pytest.raises(ArchiveLocked, match=rf"another khobao \(process {other.pid}\) is writing to it"):
            ArchiveWriter.create_or_open(path)
        with ArchiveReader.open(path) as reader:
            assert [] == reader.status()
        other.kill()
    ArchiveWriter.create_or_open(path).close()


@pytest.mark.parametrize("way", ["symbolic link", "hard link", "deleted lock", "relative path"])
def test_no_second_writer_gets_in_by_another_way(path: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link to the archive, or a deleted lock file, does not admit a second writer."""
    other = path.with_name("other.db")
    with ArchiveWriter.create_or_open(path) as archive:
        if way == "symbolic link":
            other.symlink_to(path)
        elif way == "hard link":
            other.hardlink_to(path)
        elif way == "deleted lock":
            path.with_name("archive.db.lock").unlink()
            other = path
        else:
            monkeypatch.chdir(path.parent)
            other = Path("archive.db")
        with pytest.raises(ArchiveLocked, match="is writing to it; readers still work"):
            ArchiveWriter.create_or_open(other)
        archive.runs.begin_run("crawl", {}, NOW)  # the first writer still can write
    ArchiveWriter.create_or_open(path).close()


def test_a_link_to_an_archive_is_that_archive(path: Path) -> None:
    """An archive that is opened through a symbolic link writes captures beside the real file."""
    (path.parent / "elsewhere").mkdir()
    link = path.parent / "elsewhere" / "link.db"
    ArchiveWriter.create_or_open(path).close()
    link.symlink_to(path)

    with ArchiveWriter.create_or_open(link) as archive:
        assert path == archive.path
    assert ["link.db"] == [file.name for file in link.parent.iterdir()]


def failure(code: int) -> sqlite3.OperationalError:
    """Return an SQLite error with an extended result code."""
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        (sqlite3.SQLITE_BUSY, ArchiveLocked, "another program holds it locked; try again when that is done"),
        (sqlite3.SQLITE_LOCKED_SHAREDCACHE, ArchiveLocked, "another program holds it locked"),
        (sqlite3.SQLITE_FULL, ArchiveFull, "the disk is full; nothing that was archived is lost"),
        (sqlite3.SQLITE_IOERR_WRITE, ArchiveError, "cannot be used: as SQLite says it; `khobao check` shows details"),
        (sqlite3.SQLITE_CORRUPT, ArchiveError, "cannot be used: as SQLite says it"),
        (sqlite3.SQLITE_READONLY_DBMOVED, ArchiveError, "cannot be used: as SQLite says it"),
        (sqlite3.SQLITE_CANTOPEN, ArchiveError, "cannot be opened; see that the folder is there and may be written to"),
    ],
)
def test_sqlite_errors_become_archive_errors(path: Path, code: int, kind: type, told: str) -> None:
    """An SQLite error about the file becomes an archive error that names the file."""
    with pytest.raises(kind, match=rf"archive\.db: {told}"), archive_errors(path):
        raise failure(code)


def test_a_damaged_schema_is_told_in_one_line(path: Path) -> None:
    """SQLite's message about a damaged schema quotes the damage, which may not be text; it is still one line."""
    ArchiveWriter.create_or_open(path).close()
    path.write_bytes(
        path.read_bytes().replace(b"CREATE INDEX articles_by_date", b"CREATE \xff\xff\xff\xff\xff articles_by_date")
    )

    with pytest.raises(ArchiveError, match="its schema is damaged; `khobao check` shows details"):
        ArchiveReader.open(path)


def test_bugs_are_not_translated(path: Path) -> None:
    """A wrong statement is a bug, and its exception is not translated."""
    with pytest.raises(sqlite3.OperationalError, match="as SQLite says it"), archive_errors(path):
        raise failure(sqlite3.SQLITE_ERROR)
