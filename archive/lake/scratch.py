"""Give tasks temporary folders, and delete those that killed tasks left behind."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

# Machines that share a folder do not know each other's processes, so a folder's name contains the machine.
_PREFIX = f"khobao-lake-{re.sub(r'[^A-Za-z0-9.]', '', os.uname().nodename)}-"
_NAME = re.compile(rf"{re.escape(_PREFIX)}(\d+)-\w+")


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a temporary folder of this process; folders of ended processes are deleted first."""
    _delete_left_over()
    with TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as folder:
        yield Path(folder)


def _delete_left_over() -> None:
    """Delete the folders of killed processes, because they may contain gigabytes."""
    for path in Path(gettempdir()).glob(f"{_PREFIX}*"):
        owner = _NAME.fullmatch(path.name)
        if owner and not _is_running(int(owner[1])):
            shutil.rmtree(path, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
