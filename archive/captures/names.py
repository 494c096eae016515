"""Confine the names of captures files to the folder of captures.

Names of captures files come from rows of an archive, which somebody else may have made. A name like `../../x`, or a
symbolic link in the folder of captures, must never lead out of that folder.
"""

from __future__ import annotations

import re
from pathlib import Path

from archive.errors import ArchiveError

# A file that khobao writes, perhaps in the subfolder that a merge made for the captures of another archive.
_OURS = re.compile(r"(?:from-[0-9a-f]{12}/)*khobao-\d{8}-\d{5}\.warc")
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def is_own_name(name: str) -> bool:
    """Return whether a name is one that khobao gives to a captures file."""
    return _OURS.fullmatch(name) is not None


def confined_path(folder: Path, name: str) -> Path:
    """Return the path of a captures file inside the folder, reached through no symbolic link.

    Args:
        folder: The folder of captures.
        name: The file's name as its row has it, with `/` between folders.

    Raises:
        ArchiveError: The name leads out of the folder, or a symbolic link is on the way.
    """
    if not all(_PLAIN.fullmatch(part) for part in name.split("/")):
        raise ArchiveError(f"{name!r}: not the name of a captures file; it must lie in {folder}")
    path = folder / name
    if path.resolve() != folder.resolve() / name:
        raise ArchiveError(f"{path}: a symbolic link; captures files must lie in {folder} themselves")
    return path
