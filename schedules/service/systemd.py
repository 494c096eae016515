"""Telling systemd how a service fares (sd_notify(3)); without systemd, nobody is told."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress


class Notifier:
    """The socket of the service manager, as the environment names it."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Read the environment.

        Args:
            environment: With NOTIFY_SOCKET and WATCHDOG_USEC where there is a service manager; None for our own.
        """
        told = os.environ if environment is None else environment
        self._address = told.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        microseconds = told.get("WATCHDOG_USEC", "")
        self.watchdog = int(microseconds) / 1e6 if microseconds.isdigit() else None

    def tell(self, *lines: str) -> None:
        """Send assignments such as READY=1; a manager that is slow or gone is no reason to stop working."""
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel, suppress(OSError):
            channel.setblocking(False)
            channel.sendto("\n".join(lines).encode(), self._address)
