"""Mail goes out encrypted, with a login, or not at all: against real servers on loopback."""

import ssl
from email.message import EmailMessage

import mailserver
import pytest
import trustme

from crawler.fetching.mail import MailServer, send_mail

SECRET = "go-cua 7"


@pytest.fixture(scope="module")
def authority():
    """The authority that signs the certificates of the servers."""
    return trustme.CA()


@pytest.fixture
def send(authority, tmp_path):
    """Send a message to a server; return why it was not sent."""
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "kho@bao.example", "ban@bao.example", "Giá vàng tăng"
    message.set_content("Một bài mới.")

    def to(server, security, user="", password=SECRET, *, trusted=True):
        return send_mail(
            MailServer("127.0.0.1", server.port, security, user, password, str(bundle) if trusted else None), message
        )

    return to


@pytest.fixture
def certificate(authority):
    """The certificate of a server on loopback."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_message_is_sent_encrypted_after_a_login(send, certificate, security):
    """With STARTTLS or TLS from the start, the login and the message go over the encrypted connection."""
    account = f"kho:{SECRET}"
    with mailserver.MailServer(tls=certificate, implicit=security == "tls", account=account) as server:
        assert "" == send(server, security, "kho")

    assert ["Giá vàng tăng"] == [mail["Subject"] for mail in server.got]
    assert {"AUTH+", "MAIL+", "RCPT+", "DATA+"} <= set(server.verbs)
    assert not {"AUTH", "MAIL", "RCPT", "DATA"} & set(server.verbs)


def test_a_wrong_password_is_told_in_one_line(send, certificate):
    """The server's answer is the reason, and nothing is sent."""
    with mailserver.MailServer(tls=certificate, account=f"kho:{SECRET}") as server:
        reason = send(server, "starttls", "kho", "sai")

    assert f"127.0.0.1:{server.port}: 535 5.7.8 wrong name or password" == reason
    assert [] == server.got


def test_a_server_that_wants_a_login_is_told(send, certificate):
    """A message without the login that the server wants is refused with its words."""
    with mailserver.MailServer(tls=certificate, account=f"kho:{SECRET}") as server:
        assert "530 5.7.0 log in first" in send(server, "starttls")


def test_nothing_is_sent_where_encryption_fails(send, certificate):
    """A server without STARTTLS, and one with an untrusted certificate, see neither password nor message."""
    with mailserver.MailServer() as plain, mailserver.MailServer(tls=certificate) as untrusted:
        assert "STARTTLS" in send(plain, "starttls", "kho")
        assert "certificate" in send(untrusted, "starttls", "kho", trusted=False)

    assert not {"AUTH", "AUTH+", "MAIL", "MAIL+"} & {*plain.verbs, *untrusted.verbs}


def test_a_password_without_encryption_is_refused_before_any_connection(send):
    """With `security = none` and a user, the server is not even asked."""
    with mailserver.MailServer() as server:
        assert "mail.security = 'starttls' or 'tls'" in send(server, "none", "kho")

    assert [] == server.verbs


def test_letters_that_the_login_cannot_send_are_told(send):
    """A password with marks gives a reason that names the setting, not a traceback."""
    with mailserver.MailServer() as server:
        assert "mail.password" in send(server, "starttls", "kho", "gõ cửa")

    assert [] == server.verbs
