"""An SMTP server on loopback that stores what it receives."""

import base64
import socketserver
import ssl
import threading
from email import message_from_bytes, policy
from typing import Self


class MailServer(socketserver.ThreadingTCPServer):
    """A server for one test; use it as a context manager.

    Attributes:
        got: The messages that were received, parsed.
        receivers: The addresses of the last envelope.
        verbs: The commands of all clients, each with `+` if it came encrypted.
    """

    def __init__(
        self, refusal: str = "", *, tls: ssl.SSLContext | None = None, implicit: bool = False, account: str = ""
    ) -> None:
        """Prepare a server.

        Args:
            refusal: What it answers to every receiver, such as `550 no such user`; empty to accept all.
            tls: The certificate to encrypt with; None offers no encryption.
            implicit: Encrypt from the first byte, not after STARTTLS (RFC 8314).
            account: The `name:password` that a client must log in with; empty for none.
        """
        self.refusal = refusal
        self.tls, self.implicit, self.account = tls, implicit, account
        self.got: list = []
        self.receivers: list[str] = []
        self.verbs: list[str] = []
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.port = self.server_address[1]
        self._thread = threading.Thread(target=self.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Conversation(socketserver.StreamRequestHandler):
    """The commands of one client and their answers."""

    server: MailServer

    def handle(self) -> None:
        try:
            if self.server.implicit:
                self.encrypt()
            self.converse()
        except OSError:  # the client does not trust the certificate
            pass
        finally:
            self.connection.close()

    def encrypt(self) -> None:
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def converse(self) -> None:
        self.say("220 mail.example ESMTP")
        self.is_known = not self.server.account
        while line := self.rfile.readline().decode().strip():
            verb = line.partition(" ")[0].upper()
            self.server.verbs.append(verb + "+" * isinstance(self.connection, ssl.SSLSocket))
            if verb in {"MAIL", "RCPT", "DATA"} and not self.is_known:
                self.say("530 5.7.0 log in first")
            else:
                getattr(self, verb.lower(), self.accept)(line)
            if verb == "QUIT":
                break

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def accept(self, line: str) -> None:
        self.say("250 ok")

    def ehlo(self, line: str) -> None:
        offers = self.server.tls and not isinstance(self.connection, ssl.SSLSocket)
        self.say("250-mail.example\r\n250-STARTTLS" if offers else "250-mail.example")
        self.say("250 AUTH PLAIN")

    def starttls(self, line: str) -> None:
        self.say("220 go on")
        self.encrypt()

    def auth(self, line: str) -> None:
        name, password = base64.b64decode(line.rsplit(maxsplit=1)[-1]).decode().split("\0")[1:]
        self.is_known = f"{name}:{password}" == self.server.account
        self.say("235 welcome" if self.is_known else "535 5.7.8 wrong name or password")

    def rcpt(self, line: str) -> None:
        self.server.receivers.append(line.partition("<")[2].rstrip(">"))
        self.say(self.server.refusal or "250 ok")

    def data(self, line: str) -> None:
        self.say("354 go on")
        lines = []
        while (text := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(text)
        self.server.got.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self.say("250 stored")

    def quit(self, line: str) -> None:
        self.say("221 bye")
