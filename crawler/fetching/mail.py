"""Send mail by SMTP to a configured server."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage

from archive.errors import one_line

_SECONDS = 20.0  # time limit of each step of the conversation


@dataclass(frozen=True, slots=True)
class MailServer:
    """An SMTP server, and the account for it.

    Attributes:
        host: The name of the server.
        port: The port of the server.
        security: `starttls`, `tls` or `none`.
        user: The user name; empty to send without login.
        password: The password.
        ca_bundle: A PEM file of certificates to trust; None for the system's.
    """

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = ""
    ca_bundle: str | None = None


def send_mail(server: MailServer, message: EmailMessage) -> str:
    """Send a message; return why it was not sent, in one line, or an empty string.

    This blocks until the server has answered. A password is never sent over a connection without encryption.

    Args:
        server: The server.
        message: The message, with its sender and receivers.
    """
    if server.user and server.security == "none":
        return "mail.user needs mail.security = 'starttls' or 'tls', so that the password is encrypted"
    if not (server.user + server.password).isascii():
        return "mail.user and mail.password may contain only ASCII characters, because SMTP logins take no others"
    try:
        with _connect(server) as connection:
            if server.user:
                connection.login(server.user, server.password)
            refused = connection.send_message(message)
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        return f"{server.host}:{server.port}: {_detail(error)}"
    return f"{server.host}: refused {', '.join(sorted(refused))}" if refused else ""


def _connect(server: MailServer) -> smtplib.SMTP:
    """Open a connection, encrypted if the settings require it."""
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=_trust(server))
    connection = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
    try:
        if server.security == "starttls":
            connection.starttls(context=_trust(server))
    except BaseException:
        connection.close()
        raise
    return connection


def _trust(server: MailServer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=server.ca_bundle)


def _detail(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        answer = (
            error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        )
        return " ".join(f"{error.smtp_code} {answer}".split())
    return one_line(error)
