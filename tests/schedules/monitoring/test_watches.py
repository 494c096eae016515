"""Messages of saved searches: when they go out, what they say, and that none is lost or sent twice."""

import asyncio
import json
import sys
from datetime import timedelta

import pytest
from factories import NOW, make_plain_record
from mailserver import MailServer
from structlog.testing import capture_logs

from archive.browse.page_request import PageRequest
from archive.browse.pages.watches import watches
from archive.store.writer import ArchiveWriter
from schedules.config import Settings, load_settings
from schedules.monitoring.watches import WatchPost

HOUR = timedelta(hours=1)


@pytest.fixture
def archive(tmp_path):
    """An empty archive."""
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as opened:
        yield opened


def settings(port=9, **watch):
    """Settings with one saved search that is mailed, or as its facts say."""
    given = {"name": "gold", "query": "giá vàng", "send": "each", "mail": ["ban@bao.example"]} | watch
    mail = {"host": "127.0.0.1", "port": port, "security": "none", "pages": "https://kho.example/"}
    return Settings.model_validate({"watch": [given], "mail": mail})


def add(archive, key, day=NOW):
    """Archive a matching article."""
    archive.save_document(make_plain_record(key, title=f"Giá vàng {key}", text="Tăng.", day=day.date()), NOW)


def check(post, archive, wanted, *hours):
    """Check at these hours; return how many messages were sent at each."""
    return [asyncio.run(post.check(archive, wanted, NOW + HOUR * hour)) for hour in hours]


def test_a_hit_is_mailed_once(archive):
    """The mail has the headline, the day, the outlet and the address; the next check sends nothing."""
    with MailServer() as server:
        post, wanted = WatchPost(), settings(server.port)
        assert [0] == check(post, archive, wanted, 0)
        add(archive, "1")
        assert [1, 0, 0] == check(post, archive, wanted, 1, 2, 30)

    (mail,) = server.got
    assert ["ban@bao.example"] == server.receivers
    assert "gold: 1 new article" == mail["Subject"]
    assert "auto-generated" == mail["Auto-Submitted"]
    text = mail.get_content()
    assert "Giá vàng 1\n2026-02-04, vntin\nhttps://kho.example/article/" in text.replace("\r\n", "\n")


def test_the_lines_of_the_page_bring_the_mail(archive, tmp_path):
    """The lines that the page writes are settings that load, and new hits of the search are mailed."""
    asked = {"q": ['"giá vàng" OR SJC'], "outlet": ["vntin"], "send": ["each"], "mail": ["ban@bao.example"]}
    lines = watches(archive.db, PageRequest({}, asked))["lines"]
    with MailServer() as server:
        file = tmp_path / "khobao.toml"
        file.write_text(f'[mail]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n{lines}\n')
        wanted, post = load_settings(file, {}), WatchPost()
        check(post, archive, wanted, 0)
        add(archive, "1")
        assert [1] == check(post, archive, wanted, 1)

    assert ["gia-vang-OR-SJC: 1 new article"] == [mail["Subject"] for mail in server.got]
    assert "gia-vang-OR-SJC-2" == watches(archive.db, PageRequest({}, asked))["name"]


def test_a_daily_message_waits_for_its_day(archive):
    """The first hit is told of at once; those of the day after it come in one message."""
    with MailServer() as server:
        post, wanted = WatchPost(), settings(server.port, send="daily")
        check(post, archive, wanted, 0)
        add(archive, "1")
        assert [1] == check(post, archive, wanted, 1)
        add(archive, "2")
        assert [0] == check(post, archive, wanted, 2)
        add(archive, "3")
        assert [0, 1, 0] == check(post, archive, wanted, 24, 25, 26)

    assert [
        "gold: 1 new article",
        "gold: 2 new articles",
    ] == [mail["Subject"] for mail in server.got]


def test_a_message_goes_out_when_the_week_stands_out(archive):
    """Ten articles after twelve weeks with one each stand out: one message, and none for a week after it."""
    for week in range(1, 13):
        add(archive, f"{week}", NOW - timedelta(weeks=week))
    with MailServer() as server:
        post, wanted = WatchPost(), settings(server.port, send="surge")
        assert [0] == check(post, archive, wanted, 0)
        for key in range(100, 112):
            archive.save_document(make_plain_record(f"{key}x", title="Mưa", text="To.", day=NOW.date()), NOW)
        for week in range(1, 13):
            for key in range(20):
                day = (NOW - timedelta(weeks=week)).date()
                archive.save_document(make_plain_record(f"{week}y{key}", title="Mưa", text="To.", day=day), NOW)
        for key in range(200, 210):
            add(archive, f"{key}")
        assert [0, 1, 0, 0] == check(post, archive, wanted, 1, 24, 25, 49)

    assert ["gold: this week stands out (10 articles in seven days, expected 1)"] == [
        mail["Subject"] for mail in server.got
    ]


def test_a_message_that_nobody_took_is_sent_later(archive):
    """While the mail server is away hits wait; when it is back, they are told of, once."""
    with MailServer() as gone:
        port = gone.port
    post = WatchPost()
    check(post, archive, settings(port), 0)
    add(archive, "1")
    with capture_logs() as log:
        assert [0] == check(post, archive, settings(port), 1)
    with MailServer() as server:
        assert [0, 1, 0] == check(post, archive, settings(server.port), 1, 2, 3)

    assert ["the mail failed"] == [line["outcome"] for line in log if "outcome" in line]
    assert 1 == len(server.got)


def test_a_refused_receiver_is_logged(archive):
    """The server's own words say what is wrong with an address."""
    with MailServer("550 no such user") as server, capture_logs() as log:
        post = WatchPost()
        check(post, archive, settings(server.port), 0)
        add(archive, "1")
        assert [0] == check(post, archive, settings(server.port), 1)

    assert "no such user" in next(line["detail"] for line in log if "detail" in line)


def test_a_command_gets_the_message_as_json(archive, tmp_path):
    """A command has the message on its input and the name of the search in its environment."""
    script = "import os, sys; open(sys.argv[1], 'w').write(os.environ['KHOBAO_WATCH_NAME'] + sys.stdin.read())"
    wanted = settings(mail=[], command=[sys.executable, "-c", script, str(tmp_path / "got")])
    post = WatchPost()
    check(post, archive, wanted, 0)
    add(archive, "1")

    assert [1] == check(post, archive, wanted, 1)
    got = (tmp_path / "got").read_text(encoding="utf-8").removeprefix("gold")
    assert ("each", 1, ["Giá vàng 1"]) == (
        (message := json.loads(got))["kind"],
        message["found"],
        [hit["title"] for hit in message["hits"]],
    )


def test_a_feed_alone_sends_nothing(archive):
    """A search with send = "never" only fills its feed."""
    post, wanted = WatchPost(), settings(send="never")
    check(post, archive, wanted, 0)
    add(archive, "1")

    assert [0, 0] == check(post, archive, wanted, 1, 48)
    assert [1] == [state.waiting for state in archive.watches.states()]


def test_a_password_is_not_sent_in_the_clear(archive):
    """A login without encryption is refused before anything is sent."""
    wanted = Settings.model_validate(
        settings().model_dump() | {"mail": {"host": "127.0.0.1", "port": 9, "security": "none", "user": "ban"}}
    )
    post = WatchPost()
    check(post, archive, wanted, 0)
    add(archive, "1")
    with capture_logs() as log:
        check(post, archive, wanted, 1)

    assert "so that the password is encrypted" in next(line["detail"] for line in log if "detail" in line)
