"""Serving an archive, and the configuration for a Datasette of one's own."""

import yaml

from archive.browse.serve import configuration, write_config


def test_the_written_configuration_is_what_is_served(tmp_path):
    """Both files say what `khobao browse` itself tells Datasette."""
    files = write_config(tmp_path / "conf", public=True, allow_sql=False)
    metadata, config = (yaml.safe_load(file.read_text(encoding="utf-8")) for file in files)

    assert ["metadata.yaml", "datasette.yaml"] == [file.name for file in files]
    assert configuration(public=True, allow_sql=False) == metadata
    assert {"public": True, "allow_sql": False} == config["plugins"]["khobao"]
    assert 1000 == config["settings"]["max_returned_rows"]
