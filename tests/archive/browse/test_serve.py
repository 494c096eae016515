"""Serving an archive, and the configuration for your own Datasette."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import shelf
import yaml

from archive.browse.serve import ServeOptions, command_lines, configuration, write_config

pytestmark = pytest.mark.slow  # starts processes, or checks many cases

PUBLIC = ServeOptions(public=True, hosts=("archive.example.org",))
DATASETTE = Path(sys.executable).with_name("datasette")


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """An archive with data of every kind."""
    path = tmp_path_factory.mktemp("served") / "archive.db"
    shelf.fill(path)
    return path


def asked(path, *line):
    """Return the output and the exit code of Datasette's own command line for a path."""
    done = subprocess.run(
        [DATASETTE, *line, "--get", path], capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    return done.returncode, done.stdout


def test_the_written_configuration_is_what_is_served(tmp_path):
    """The written files contain the same settings that `khobao browse` passes to Datasette."""
    files = write_config(tmp_path / "conf", PUBLIC)
    metadata, settings, config = (yaml.safe_load(file.read_text(encoding="utf-8")) for file in files)

    assert ["metadata.yaml", "settings.json", "datasette.yaml"] == [file.name for file in files]
    assert configuration(PUBLIC) == metadata
    assert {"public": True, "allow_sql": False, "hosts": ["archive.example.org"]} == config["plugins"]["khobao"]
    assert 1000 == config["settings"]["max_returned_rows"] == settings["max_returned_rows"]


def test_a_plain_datasette_has_the_pages(archive):
    """With the plugin installed, `datasette archive.db` shows the pages."""
    code, told = asked("/today/2026-02-04.json", str(archive))

    assert (0, 3) == (code, json.loads(told)["total"])


def test_the_printed_command_works(archive, tmp_path):
    """The command that `khobao browse --write-config` prints works, with all settings."""
    write_config(tmp_path, PUBLIC)
    _, *line = command_lines(archive, tmp_path)[0].split()

    assert 1 == asked("/archive?sql=select+1", *line)[0]
    assert 5 == len(json.loads(asked("/archive/headlines.json?_shape=array", *line)[1]))
    assert 0 == asked("/today", *line)[0]


def test_a_folder_with_archive_and_configuration_works(archive, tmp_path):
    """A folder with the archive and the written files can be served as it is."""
    folder = tmp_path / "site"
    write_config(folder, PUBLIC)
    (folder / "archive.db").write_bytes(archive.read_bytes())

    assert (1, 0) == (asked("/archive/articles", str(folder))[0], asked("/today", str(folder))[0])
