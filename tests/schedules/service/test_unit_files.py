"""The files for service managers: the owner of the folder, and quoting for systemd."""

from pathlib import Path

import pytest

from schedules.service.unit_files import Installation, quote_argument, quote_value, render


def installation(folder: Path, **changes) -> Installation:
    """An installation whose archive is in a folder."""
    facts = {"program": Path("/opt/khobao/bin/khobao"), "archive": folder / "archive.db", "config": None}
    return Installation(**facts | {"variables": {}} | changes)


@pytest.mark.parametrize(
    ("text", "argument", "value"),
    [
        ("/srv/news", "/srv/news", "/srv/news"),
        ("/srv/hai chữ", '"/srv/hai chữ"', '"/srv/hai chữ"'),
        ("100%", '"100%%"', '"100%%"'),
        ("$HOME", "$$HOME", "$HOME"),
        ('a"b\\', '"a\\"b\\\\"', '"a\\"b\\\\"'),
        ("", '""', '""'),
    ],
)
def test_special_characters_are_quoted_for_systemd(text, argument, value):
    """Blanks, quotes, backslashes, specifiers and variables reach the program unchanged."""
    assert (argument, value) == (quote_argument(text), quote_value(text))


def test_the_owner_of_the_folder_runs_the_service(tmp_path, monkeypatch):
    """A unit runs as the folder's owner; if that is root, as a new user that one command creates."""
    (tmp_path / "news").mkdir()
    made = render("unit", installation(tmp_path / "news"))
    monkeypatch.setattr(Installation, "user", property(lambda self: "lan"))
    owned = render("unit", installation(tmp_path / "news"))

    assert "\nUser=lan\n" in owned
    assert "useradd" not in owned
    if tmp_path.owner() == "root":
        assert "\nUser=khobao\n" in made
        assert f"chown -R khobao: {tmp_path}/news" in made


def test_settings_of_the_environment_reach_the_unit(tmp_path):
    """Settings in environment variables are written into the unit."""
    unit = render("unit", installation(tmp_path, variables={"KHOBAO_NETWORK__CONTACT": "a b"}))

    assert 'Environment="KHOBAO_NETWORK__CONTACT=a b"\n' in unit
