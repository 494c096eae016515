"""Serve an archive with Datasette, and write the configuration for your own Datasette."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from datasette.app import Datasette

from archive.browse.charts.renderer import RENDERER
from archive.browse.database_reload import close_connections
from archive.browse.process_memory import share_one_heap
from archive.browse.served_archive import warm_index
from archive.browse.served_lake import LakeOutlets, ServedLake, set_lake
from archive.errors import UsageError
from archive.lake.folder import LakeFolder

SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "sql_time_limit_ms": 1500,
    "facet_time_limit_ms": 50,
    "suggest_facets": False,
    "truncate_cells_html": 160,
    "num_sql_threads": 4,
    "allow_download": False,
    "max_csv_mb": 100,
}


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """Options for who may see what.

    Attributes:
        public: Serve strangers.
        allow_sql: Let strangers run SQL, and so see everything in the archive.
        hosts: The names of the server, besides localhost and IP addresses.
    """

    public: bool = False
    allow_sql: bool = False
    hosts: tuple[str, ...] = ()


def configuration(options: ServeOptions) -> dict[str, Any]:
    """Return the metadata for Datasette 0.65; its plugin settings are the configuration for 1.0."""
    settings = {"public": options.public, "allow_sql": options.allow_sql, "hosts": list(options.hosts)}
    return {"title": "kho báo", "plugins": {"khobao": settings}}


def build_datasette(path: Path, options: ServeOptions, more: dict[str, Any] | None = None) -> Datasette:
    """Build a Datasette for an archive, which it reads while others write.

    Args:
        path: The archive.
        options: Options for who may see what.
        more: Other metadata, such as an `allow` block.
    """
    metadata = configuration(options)
    plugins = {**metadata["plugins"], **(more or {}).get("plugins", {})}
    return Datasette(
        [str(path)], metadata=metadata | (more or {}) | {"plugins": plugins}, settings=SETTINGS, cors=False
    )


@asynccontextmanager
async def running(
    path: Path, options: ServeOptions | None = None, *, more: dict[str, Any] | None = None
) -> AsyncIterator[Datasette]:
    """Start a Datasette on an archive, and close its connections at the end; see `build_datasette`."""
    datasette = build_datasette(path, options or ServeOptions(), more)
    try:
        await datasette.invoke_startup()
        yield datasette
    finally:
        close_connections(datasette)


@asynccontextmanager
async def running_lake(
    folder: LakeFolder, outlets: LakeOutlets, options: ServeOptions | None = None
) -> AsyncIterator[Datasette]:
    """Start a Datasette that shows a lake and nothing else, and close the lake at the end.

    Args:
        folder: The lake.
        outlets: The names and timezones of outlets.
        options: Options for who may see what.

    Raises:
        UsageError: The lake is not on this machine's file system, or DuckDB is not installed.
    """
    metadata = configuration(options or ServeOptions())
    metadata["plugins"]["khobao"]["lake"] = True
    lake = ServedLake(folder, outlets)
    try:
        datasette = Datasette([], metadata=metadata, settings=SETTINGS, cors=False)
        set_lake(datasette, lake)
        await datasette.invoke_startup()
        yield datasette
    finally:
        lake.close()


class _Server(uvicorn.Server):
    """A server that calls a function when it is ready."""

    ready: Callable[[], object]

    async def startup(self, sockets: Any = None) -> None:
        """Start listening, then call `ready`."""
        await super().startup(sockets)
        if self.started:
            self.ready()


@dataclass(frozen=True, slots=True)
class LakeToServe:
    """A lake to serve instead of an archive.

    Attributes:
        folder: The lake.
        outlets: The names and timezones of outlets.
    """

    folder: LakeFolder
    outlets: LakeOutlets


async def serve(
    served: Path | LakeToServe,
    host: str,
    port: int,
    options: ServeOptions,
    *,
    ready: Callable[[], object] = lambda: None,
) -> None:
    """Serve an archive or a lake until the process is stopped.

    Args:
        served: The archive, or the lake.
        host: The address to listen on; if it is a name, the server accepts requests for it.
        port: The port to listen on.
        options: Options for who may see what.
        ready: The function to call once the server listens.

    Raises:
        UsageError: The server cannot listen there.
    """
    share_one_heap()
    named = replace(options, hosts=(*options.hosts, host))
    if isinstance(served, LakeToServe):
        start = running_lake(served.folder, served.outlets, named)
    else:
        start = running(served, named)
    async with start as datasette:
        config = uvicorn.Config(datasette.app(), host=host, port=port, log_level="critical", server_header=False)
        server = _Server(config)

        def begin() -> None:
            RENDERER.warm_up()
            if isinstance(served, Path):
                asyncio.get_running_loop().run_in_executor(None, warm_index, served)
            ready()

        server.ready = begin
        try:
            await server.serve()
        except SystemExit:  # uvicorn raises this if it cannot listen
            if server.started:
                raise
            raise UsageError(
                f"{host}:{port}: cannot listen there; choose another --port, or end the program that uses it"
            ) from None


def write_config(folder: Path, options: ServeOptions) -> list[Path]:
    """Write `metadata.yaml` and `settings.json` for Datasette 0.65, and `datasette.yaml` for 1.0.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    metadata = configuration(options)
    files = {
        "metadata.yaml": _yaml(metadata),
        "settings.json": json.dumps(SETTINGS, indent=2) + "\n",
        # 1.0 has no metadata in its configuration, and its settings belong there too.
        "datasette.yaml": _yaml({"settings": SETTINGS, "plugins": metadata["plugins"]}),
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return [folder / name for name in files]


def _yaml(value: dict[str, Any]) -> str:
    written: str = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    return written


def command_lines(archive: Path, folder: Path) -> list[str]:
    """Return the commands that start Datasette 0.65 and 1.0 with these files."""
    settings = " ".join(f"--setting {name} {json.dumps(value)}" for name, value in SETTINGS.items())
    return [
        f"datasette {archive} -m {folder / 'metadata.yaml'} {settings}",
        f"datasette {archive} -c {folder / 'datasette.yaml'}",
    ]
