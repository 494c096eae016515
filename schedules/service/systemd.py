"""Notify systemd of the service's state (sd_notify(3)); do nothing without systemd."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress


class Notifier:
    """The notification socket that the environment names.

    Attributes:
        watchdog: Seconds within which systemd expects a heartbeat; None for never.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Read the environment.

        Args:
            environment: Variables with NOTIFY_SOCKET and WATCHDOG_USEC, if there is a service manager; None for those
                of the process.
        """
        variables = os.environ if environment is None else environment
        self._address = variables.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        microseconds = variables.get("WATCHDOG_USEC", "")
        self.watchdog = int(microseconds) / 1e6 if microseconds.isdigit() else None

    def send(self, *lines: str) -> None:
        """Send assignments such as READY=1; a slow or dead service manager does not stop the service."""
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel, suppress(OSError):
            channel.setblocking(False)
            channel.sendto("\n".join(lines).encode(), self._address)
