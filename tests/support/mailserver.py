"""An SMTP server on loopback that stores what it receives."""

from __future__ import annotations

import socketserver
import threading
from email import message_from_bytes, policy
from typing import Self


class MailServer:
    """A server for one test; use it as a context manager.

    Attributes:
        got: The messages that were received, parsed.
        receivers: The addresses of the last envelope.
    """

    def __init__(self, refusal: str = "") -> None:
        """Prepare a server.

        Args:
            refusal: What it answers to every receiver, such as `550 no such user`; empty to accept all.
        """
        self.refusal = refusal
        self.got: list = []
        self.receivers: list[str] = []

    def __enter__(self) -> Self:
        owner = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, line: str) -> None:
                self.wfile.write(f"{line}\r\n".encode())

            def handle(self) -> None:
                self.say("220 mail.example ESMTP")
                while line := self.rfile.readline().decode().strip():
                    verb = line[:4].upper()
                    if verb == "RCPT":
                        owner.receivers.append(line.partition("<")[2].rstrip(">"))
                        self.say(owner.refusal or "250 ok")
                    elif verb == "DATA":
                        self.say("354 go on")
                        owner.got.append(message_from_bytes(self.content(), policy=policy.default))
                        self.say("250 stored")
                    else:
                        self.say("221 bye" if verb == "QUIT" else "250 ok")
                    if verb == "QUIT":
                        break

            def content(self) -> bytes:
                lines = []
                while (line := self.rfile.readline()) not in {b".\r\n", b""}:
                    lines.append(line)
                return b"".join(lines)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
