"""Reloading the settings of the service: after a refused reload the old ones stay in force."""

import pytest
from structlog.testing import capture_logs

from archive.errors import UsageError
from archive.store.writer import ArchiveWriter
from schedules.cli.session import Session
from schedules.config import Settings
from schedules.service.daemon import _reload
from schedules.service.outlet_watcher import Setup
from schedules.service.problems import ServiceProblems
from schedules.service.systemd import Notifier


def setup_for(path):
    """Return a setup whose archive is at a path."""
    return Setup(Settings.model_validate({"archive": {"path": path}}), {}, ())


def test_a_reload_that_names_another_archive_is_refused(tmp_path):
    """Settings with another archive are refused; another path to the same file is accepted."""
    (tmp_path / "link").symlink_to(tmp_path)
    problems = ServiceProblems(Notifier({}))
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive, capture_logs():
        old, other, same = (
            setup_for(path)
            for path in (tmp_path / "archive.db", tmp_path / "new" / "archive.db", tmp_path / "link" / "archive.db")
        )
        refused = _reload(lambda: other, old, archive, problems)
        lines = problems.lines
        taken = _reload(lambda: same, old, archive, problems)

    assert refused is old
    assert f"archive.path is now {tmp_path}/new/archive.db" in lines[0]
    assert taken is same
    assert [] == problems.lines


def test_a_reload_without_the_settings_file_is_refused(tmp_path, monkeypatch):
    """A deleted settings file is an error, not a return to the defaults."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "khobao.toml").write_text('[archive]\npath = "a.db"\n')
    session = Session()
    assert session.archive_path.name == "a.db"
    (tmp_path / "khobao.toml").unlink()

    with pytest.raises(UsageError, match="no such settings file"):
        _ = session.reload().settings
