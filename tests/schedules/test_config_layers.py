"""The layers of settings, their order, and the names of all settings."""

from pathlib import Path

import pytest

from archive.errors import UsageError
from schedules.config import load_settings, section_schemas
from schedules.config_layers import KEYS, archive_path, find_file, read_layers, source_of


@pytest.fixture
def toml(tmp_path):
    """Write a settings file and return its path."""

    def write(text: str) -> Path:
        path = tmp_path / "khobao.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_names_of_settings_are_those_of_the_schema():
    """The list of names that is checked without the schema equals the schema's settings."""
    schema = {section: tuple(schema.model_fields) for section, schema in section_schemas().items()}

    assert schema == {section: tuple(keys) for section, keys in KEYS.items()}


def test_every_setting_names_the_place_that_sets_it(toml):
    """A flag overrides the environment, the environment overrides the file, and the file overrides the default."""
    file = toml("[network]\ngap = 2\ncontact = 'file'\nconcurrency = 3\n")
    environment = {"KHOBAO_NETWORK__GAP": "5", "KHOBAO_NETWORK__CONTACT": "environment"}
    layers = read_layers(file, environment, {"network.gap": 7})

    sources = [source_of(layers, "network", key) for key in ("gap", "contact", "concurrency", "proxy")]

    assert ["the command line", "the environment", str(file), "default"] == sources


@pytest.mark.parametrize(
    ("text", "environment", "flags"),
    [
        ("", {}, {}),
        ("[archive]\npath = 'a.db'\n", {}, {}),
        ("[archive]\npath = 'a.db'\n", {"KHOBAO_ARCHIVE__PATH": "b.db"}, {}),
        ("[archive]\npath = 'a.db'\n", {"KHOBAO_ARCHIVE__PATH": "b.db"}, {"archive.path": Path("/c.db")}),
    ],
)
def test_the_archive_is_found_without_the_schema(toml, text, environment, flags):
    """The path that is read from the layers equals the path in the validated settings."""
    file = toml(text)

    assert load_settings(file, environment, flags).archive.path == archive_path(read_layers(file, environment, flags))


def test_a_wrong_path_is_left_to_the_schema(toml):
    """If a path is not a text, the schema reports the mistake."""
    layers = read_layers(toml("[archive]\npath = 5\n"), {})

    assert archive_path(layers) is None


def test_the_given_file_must_exist(tmp_path):
    """A given settings file that does not exist is an error."""
    with pytest.raises(UsageError, match="no such settings file"):
        find_file(tmp_path / "none.toml")


def test_the_file_in_this_folder_is_used(toml, monkeypatch):
    """Without --config, ./khobao.toml is read."""
    monkeypatch.chdir(toml("").parent)

    assert Path("khobao.toml") == find_file(None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00", "khobao.toml: cannot be read"),
        (b"[network\n", "khobao.toml: not TOML"),
        (b"[archive]\npath = '~nobody-of-that-name/a.db'\n", "khobao.toml: archive.path"),
        (b'[archive]\npath = "a\\u0000.db"\n', "khobao.toml: archive.path"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(toml, content, message):
    """A settings file that is not text or not TOML, or names an impossible path, is reported with its name."""
    file = toml("")
    file.write_bytes(content)

    with pytest.raises(UsageError) as error:
        read_layers(file, {})

    assert message in str(error.value)
    assert "\n" not in str(error.value)
