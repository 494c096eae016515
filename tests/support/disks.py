"""Small disks, which only root can mount."""

import os
import subprocess
from contextlib import contextmanager

import pytest


@contextmanager
def disk(folder, size):
    """Mount a disk of a given size in bytes; only root may."""
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(mount(folder, f"size={size}"), check=False).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def mount(folder, options):
    """Return the command that mounts a disk, or remounts it."""
    return ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]
