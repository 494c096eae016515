"""Write and read the files of a lake, in a folder or in an object store.

fsspec opens both. In a folder, a file is synced and then renamed into place. In an object store, an object appears
when it has arrived completely. So a file that has its name is complete in both.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from shutil import copyfile
from typing import Any

from archive.atomic_files import atomic_path
from archive.lake.remote import is_remote, local_path, open_remote, remote_errors


@dataclass(frozen=True)
class LakeFolder:
    """The folder of a lake.

    Attributes:
        address: A path, or an address that fsspec can open, such as `s3://bucket/lake`.
    """

    address: str

    @property
    def is_remote(self) -> bool:
        """Whether the lake is in an object store."""
        return is_remote(self.address)

    @property
    def path(self) -> Path:
        """The path of the folder on this machine's file system."""
        return local_path(self.address)

    @cached_property
    def _remote(self) -> tuple[Any, str]:
        return open_remote(self.address)

    def sizes(self, folder: str) -> dict[str, int]:
        """Return the size in bytes of each file in a folder of the lake, by file name."""
        if not self.is_remote:
            place = self.path / folder
            if not place.is_dir():
                return {}
            with os.scandir(place) as entries:
                return {entry.name: entry.stat().st_size for entry in entries if not entry.name.startswith(".")}
        files, root = self._remote
        with remote_errors(self.address):
            files.invalidate_cache()
            try:
                listed = files.ls(f"{root}/{folder}", detail=True)
            except FileNotFoundError:
                return {}
        return {entry["name"].rpartition("/")[2]: entry["size"] for entry in listed if entry["type"] == "file"}

    def read(self, name: str) -> bytes | None:
        """Return the content of a file; None if it does not exist."""
        return self.read_all([name]).get(name)

    def read_all(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of files by name; missing files are left out."""
        wanted = list(names)
        if not self.is_remote:
            return {name: (self.path / name).read_bytes() for name in wanted if (self.path / name).is_file()}
        files, root = self._remote
        with remote_errors(self.address):
            places = {f"{root}/{name}": name for name in wanted}
            contents = files.cat(list(places), on_error="return") if places else {}
            for error in contents.values():
                if isinstance(error, Exception) and not isinstance(error, FileNotFoundError):
                    raise error
        return {places[place]: content for place, content in contents.items() if isinstance(content, bytes)}

    def write(self, name: str, content: bytes) -> None:
        """Write a file, completely or not at all."""
        if not self.is_remote:
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_path(path) as draft:
                draft.write_bytes(content)
            return
        files, root = self._remote
        with remote_errors(self.address):
            files.pipe_file(f"{root}/{name}", content)

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Write a value as JSON, completely or not at all; equal values give equal bytes."""
        self.write(name, (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode())

    def put(self, source: Path, name: str) -> None:
        """Copy a file of this machine into the lake, completely or not at all."""
        if not self.is_remote:
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_path(path) as draft:
                copyfile(source, draft)
            return
        files, root = self._remote
        with remote_errors(self.address):
            files.put_file(str(source), f"{root}/{name}")

    def remove(self, name: str) -> None:
        """Delete a file, if it exists."""
        if not self.is_remote:
            (self.path / name).unlink(missing_ok=True)
            return
        files, root = self._remote
        with remote_errors(self.address):
            if files.exists(f"{root}/{name}"):
                files.rm_file(f"{root}/{name}")
