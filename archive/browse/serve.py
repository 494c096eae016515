"""Serving an archive with Datasette, and the configuration for people who deploy Datasette themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import uvicorn
import yaml
from datasette.app import Datasette

SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "sql_time_limit_ms": 1500,
    "facet_time_limit_ms": 200,
    "suggest_facets": False,
    "truncate_cells_html": 300,
    "num_sql_threads": 4,
    "allow_download": False,
    "max_csv_mb": 100,
}


def configuration(*, public: bool, allow_sql: bool) -> dict[str, Any]:
    """What Datasette is told besides the file: the metadata of 0.65, which 1.0 takes as its configuration."""
    return {
        "title": "kho báo",
        "plugins": {"khobao": {"public": public, "allow_sql": allow_sql}},
    }


def datasette_of(path: Path, *, public: bool = False, allow_sql: bool = False) -> Datasette:
    """A Datasette on an archive, which it reads while others write.

    Args:
        path: The archive.
        public: Whether strangers may look.
        allow_sql: Whether they may ask in SQL.
    """
    return Datasette(
        [str(path)], metadata=configuration(public=public, allow_sql=allow_sql), settings=SETTINGS, cors=False
    )


async def serve(path: Path, host: str, port: int, *, public: bool, allow_sql: bool) -> None:
    """Serve an archive until the process is told to end; the arguments are as in `datasette_of`."""
    datasette = datasette_of(path, public=public, allow_sql=allow_sql)
    await datasette.invoke_startup()
    config = uvicorn.Config(datasette.app(), host=host, port=port, log_level="warning", server_header=False)
    await uvicorn.Server(config).serve()


def write_config(folder: Path, *, public: bool, allow_sql: bool) -> list[Path]:
    """Write `metadata.yaml` and `settings.json` for Datasette 0.65, and `datasette.yaml` for 1.0.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = configuration(public=public, allow_sql=allow_sql)
    # 1.0 has no metadata in its configuration, and says `settings` where 0.65 has a file of its own.
    files = {"metadata.yaml": told, "datasette.yaml": {"settings": SETTINGS, "plugins": told["plugins"]}}
    for name, content in files.items():
        (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return [folder / name for name in files]
