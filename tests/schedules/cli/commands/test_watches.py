"""`khobao watches` lists the saved searches, and sends what is due without a service."""

import json

import pytest
from factories import make_plain_record
from mailserver import MailServer

from archive.store.writer import ArchiveWriter
from schedules.pipeline.context import utc_now

SETTINGS = """
[archive]
path = "archive.db"
[[watch]]
name = "gold"
query = "giá vàng"
send = "each"
mail = ["ban@bao.example"]
[[watch]]
name = "rain"
query = "mưa lớn"
outlets = ["vntin"]
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
password = "hunter2"
"""


@pytest.fixture
def khobao(runner, tmp_path):
    """The program, with two saved searches and an empty archive."""
    program = runner(tmp_path)

    def run(*typed, port=9):
        (tmp_path / "khobao.toml").write_text(SETTINGS.format(port=port), encoding="utf-8")
        return program("--config", str(tmp_path / "khobao.toml"), *typed)

    ArchiveWriter.create_or_open(tmp_path / "archive.db").close()
    return run


def test_saved_searches_are_listed_and_checked(khobao, tmp_path):
    """The list says what waits; --check sends it, once."""
    assert "gold  giá vàng  (all outlets; each; 0 waiting)" in khobao("watches").out
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        today = utc_now().date()
        archive.save_document(make_plain_record("1", title="Giá vàng", text="Tăng.", day=today), utc_now())
    with MailServer() as server:
        assert "sent 1 message" in khobao("watches", "--check", port=server.port).err
        assert "sent 0 messages" in khobao("watches", "--check", port=server.port).err

    assert 1 == len(server.got)
    rain = json.loads(khobao("watches", "--json").out.splitlines()[1])
    assert ("rain", ["vntin"], "daily", 0) == tuple(rain[name] for name in ("name", "outlets", "send", "waiting"))


def test_a_password_is_not_printed(khobao):
    """`khobao config` shows that a password is set, and not which."""
    out = khobao("config").out

    assert "hunter2" not in out
    assert "watch.1.name" in out
    assert "mail.password" in out
