"""Settings: one schema, four layers, one clear line for each mistake."""

import re
import tomllib
from pathlib import Path

import pytest

from archive.errors import UsageError
from crawler.discovery.entries import Bounds
from schedules.cli.commands.init import TEMPLATE
from schedules.config import Settings, load_settings
from schedules.pipeline.runtime import reading_bounds


@pytest.fixture
def toml(tmp_path):
    """Write a settings file and return its path."""

    def write(text: str) -> Path:
        path = tmp_path / "khobao.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_later_layers_override_earlier_ones(toml):
    """A flag overrides the environment, which overrides the file, which overrides the default."""
    file = toml("[network]\ngap = 2\ncontact = 'file'\nconcurrency = 3\n")
    environment = {"KHOBAO_NETWORK__GAP": "5", "KHOBAO_NETWORK__CONTACT": "environment"}

    network = load_settings(file, environment, {"network.gap": 7, "network.proxy": None}).network

    assert (7.0, "environment", 3, "") == (network.gap, network.contact, network.concurrency, network.proxy)


def test_paths_are_relative_to_the_file_that_names_them(toml):
    """A settings file can be moved together with its archive."""
    file = toml("[archive]\npath = 'a.db'\n[outlets]\nfolder = 'mine'\n")

    settings = load_settings(file, {})

    assert (file.parent / "a.db", file.parent / "mine") == (settings.archive.path, settings.outlets.folder)
    assert file.parent / "captures" == settings.captures_folder


def test_enabled_outlets_come_as_a_list_from_the_environment():
    """A list in the environment is separated by commas."""
    settings = load_settings(None, {"KHOBAO_OUTLETS__ENABLED": "vov, nld"})

    assert ("vov", "nld") == settings.outlets.enabled


def test_recheck_ages_are_written_with_units():
    """Ages are in minutes, hours and days, in a file or the environment; an empty list means never."""
    settings = load_settings(None, {"KHOBAO_OUTLETS__RECHECK": "30m, 6h, 7d"})

    assert (1800.0, 21600.0, 604800.0) == settings.outlets.recheck
    assert () == load_settings(None, {"KHOBAO_OUTLETS__RECHECK": ""}).outlets.recheck


@pytest.mark.parametrize(
    ("text", "environment", "flags", "said"),
    [
        ("[network]\ngapp = 1\n", {}, {}, "khobao.toml: unknown key 'network.gapp'; did you mean 'gap'?"),
        ("[netwrok]\ngap = 1\n", {}, {}, "khobao.toml: unknown key 'netwrok'; did you mean 'network'?"),
        (
            "[zzz]\n",
            {},
            {},
            "known are archive, outlets, network, reading, service, alerts, watch, mail, backfill, browse, log",
        ),
        ("network = 1\n", {}, {}, "khobao.toml: network = 1"),
        ("[network]\ngap = 'soon'\n", {}, {}, "khobao.toml: network.gap = 'soon'"),
        ("", {"KHOBAO_NETWORK__GAP": "-1"}, {}, "the environment: network.gap = '-1'"),
        ("", {"KHOBAO_NETWORK__GAPP": "1"}, {}, "the environment: unknown key 'network.gapp'"),
        ("", {}, {"network.proxy": "socks5://x"}, "the command line: network.proxy = 'socks5://x'"),
        ("[outlets]\nrecheck = ['1w']\n", {}, {}, "write minutes, hours or days, as in '15m', '6h' or '30d'"),
        (
            "[outlets]\nrecheck = ['1h', '15m']\n",
            {},
            {},
            "outlets.recheck = ['1h', '15m']: Value error, the ages are not",
        ),
        ("[network\n", {}, {}, "khobao.toml: not TOML"),
        (
            "[[watch]]\nname = 'a'\nquery = 'b'\n" * 2,
            {},
            {},
            "two searches are named 'a'; give each its own name",
        ),
        ("[[watch]]\nname = 'a'\nqueri = 'b'\n", {}, {}, "unknown key 'watch.queri'; did you mean 'query'?"),
        ("[[watch]]\nname = 'giá vàng'\nquery = 'b'\n", {}, {}, "khobao.toml: watch.0.name = 'giá vàng': "),
    ],
)
def test_a_mistake_is_one_clear_line(toml, text, environment, flags, said):
    """A mistake is reported in one line with the place, the key and what would be right."""
    with pytest.raises(UsageError) as error:
        load_settings(toml(text), environment, flags)

    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_the_settings_file_of_init_holds_settings_with_their_defaults():
    """`khobao init` writes at most a dozen existing settings, each with its default."""
    loaded = tomllib.loads(re.sub(r"^# (?=\w+ = )", "", TEMPLATE, flags=re.MULTILINE))
    settings, defaults = Settings.model_validate(loaded), Settings()

    written = [(section, key) for section, values in loaded.items() for key in values]
    assert len(written) <= 12
    for section, key in written:
        if key not in {"path", "folder"}:
            assert getattr(getattr(defaults, section), key) == getattr(getattr(settings, section), key)


def test_the_bounds_of_sources_are_settings():
    """The limits on sources are settings, whose defaults equal the readers' own limits."""
    settings = load_settings(None, {"KHOBAO_READING__MAX_SECTION_LINKS": "9", "KHOBAO_READING__MAX_INDEX_DEPTH": "0"})

    assert Bounds() == reading_bounds(load_settings(None, {}))
    assert Bounds(links=9, depth=0) == reading_bounds(settings)
