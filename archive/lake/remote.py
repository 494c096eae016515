"""Open files of other machines with fsspec, which reads keys and servers from its own settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from archive.errors import ArchiveError, KhobaoError, MissingExtra, UsageError, one_line
from archive.lake.extras import needs_extra

# The libraries that fsspec calls raise their own errors besides OSError.
_LIBRARIES = frozenset({"aiobotocore", "aiohttp", "botocore", "fsspec", "s3fs"})


class RemoteError(ArchiveError):
    """A file of another machine cannot be read or written."""


def is_remote(address: str) -> bool:
    """Return whether an address names a file of another machine, such as `s3://bucket/key`."""
    return "://" in address and not address.startswith("file://")


def local_path(address: str) -> Path:
    """Return the absolute path of a file of this machine; symbolic links are kept."""
    return Path(os.path.abspath(address.removeprefix("file://")))  # noqa: PTH100


def open_remote(address: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path of the file in it.

    Raises:
        MissingExtra: fsspec, or the library for this kind of address, is not installed.
    """
    with needs_extra("lake"):
        from fsspec.core import url_to_fs
    kind = address.partition("://")[0]
    try:
        files, place = url_to_fs(address)
    except ImportError:
        extra = "s3" if kind in {"s3", "s3a"} else "lake"
        raise MissingExtra(f"{address}: a library for {kind}:// is not installed", extra) from None
    except ValueError:
        raise UsageError(f"{address}: unknown kind of address; use a path, https://… or s3://…") from None
    return files, str(place).rstrip("/")


@contextmanager
def remote_errors(address: str) -> Iterator[None]:
    """Turn errors of other machines into one clear line.

    Raises:
        RemoteError: The file or the server cannot be used.
    """
    try:
        yield
    except KhobaoError:
        raise
    except Exception as error:
        if not isinstance(error, OSError | TimeoutError) and type(error).__module__.partition(".")[0] not in _LIBRARIES:
            raise
        raise RemoteError(f"{address}: {_detail(error)}") from None


def _detail(error: Exception) -> str:
    """Return what went wrong in one line.

    fsspec reports nearly everything as a missing file with only its address, and what happened as the cause.
    """
    if isinstance(error, FileNotFoundError) and error.errno is None:
        error = error.__cause__ if isinstance(error.__cause__, Exception) else FileNotFoundError("no such file")
    if getattr(error, "status", None) == HTTPStatus.NOT_FOUND:
        return "no such file"
    return one_line(error, 300)
