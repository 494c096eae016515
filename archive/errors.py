"""What can go wrong, as values and as exceptions.

An expected failure is a `Failure`: a `Reason` and one line of detail. It is returned, reaches the ledger, and the run
goes on. What stops a command is an exception, and each kind has the exit code it ends the command with:

    KhobaoError                  1   done, with failures that were reported
      UsageError                 2   a setting, an outlet declaration or an argument is wrong
      FormatError                1   a text is not in the dated format
      ArchiveError               3   the archive cannot be used
        NotAnArchive             3   the file is something else
        ArchiveTooNew            3   a newer khobao wrote it
        ArchiveLocked            3   another khobao is writing
        ArchiveFull              3   the disk is full

Everything else that is raised is a bug, and is loud.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class KhobaoError(Exception):
    """A failure that is told in one clear line: what, where, what would be right."""

    exit_code = 1


class UsageError(KhobaoError):
    """A setting, an outlet declaration or an argument is wrong."""

    exit_code = 2


class FormatError(KhobaoError):
    """A text is not in the dated format."""


class ArchiveError(KhobaoError):
    """The archive cannot be used."""

    exit_code = 3


class NotAnArchive(ArchiveError):  # noqa: N818 - reads as the sentence it is
    """The file is not a khobao archive."""


class ArchiveTooNew(ArchiveError):  # noqa: N818
    """A newer khobao wrote this archive."""


class ArchiveLocked(ArchiveError):  # noqa: N818
    """Another process is writing to this archive."""


class ArchiveFull(ArchiveError):  # noqa: N818
    """The disk that holds the archive is full."""


class Reason(StrEnum):
    """Why an address, a source or a candidate is where it is: the ledger's whole vocabulary."""

    # A candidate that is not asked for.
    FOREIGN = "foreign"  # not on the outlet's own hosts
    NOT_AN_ARTICLE = "not_an_article"  # the address does not have the form of the outlet's articles
    BAD_ADDRESS = "bad_address"  # no http(s) address, credentials in it, or a port that is not allowed
    PRIVATE_ADDRESS = "private_address"  # leads to a private, loopback or otherwise special network address
    ROBOTS = "robots"  # robots.txt asks not to
    ROBOTS_UNAVAILABLE = "robots_unavailable"  # robots.txt cannot be read just now, so nothing is asked

    # An answer that is not a page.
    UNREACHABLE = "unreachable"  # no such name, no connection, or a connection that broke
    TIMEOUT = "timeout"  # connecting, waiting or reading took too long
    TLS = "tls"  # the certificate or the handshake is wrong
    PROTOCOL = "protocol"  # what came back is not HTTP
    TOO_LARGE = "too_large"  # more bytes, before or after decompression, than allowed
    TRUNCATED = "truncated"  # fewer bytes than announced
    BAD_ENCODING = "bad_encoding"  # the content-encoding cannot be undone
    REDIRECTS = "redirects"  # too many redirects, a loop, or one that leads nowhere
    RATE_LIMITED = "rate_limited"  # 429
    BLOCKED = "blocked"  # a wall: 401, 403, 451, a cookie script or a captcha
    GONE = "gone"  # 404 or 410
    CLIENT_ERROR = "client_error"  # any other 4xx
    SERVER_ERROR = "server_error"  # 5xx
    WRONG_TYPE = "wrong_type"  # not the kind of content that was expected

    # A source that cannot be read.
    MALFORMED = "malformed"  # not the feed, sitemap or listing it should be

    # A page that does not become a record.
    EMPTY = "empty"  # no markup at all
    NO_TITLE = "no_title"
    NO_DATE = "no_date"  # nothing on the page supports a date
    FUTURE_DATE = "future_date"
    NO_TEXT = "no_text"
    LISTING = "listing"
    HOME_PAGE = "home_page"
    ERROR_PAGE = "error_page"  # a page that says it is not there, under whatever status
    PAYWALLED = "paywalled"  # only a stub of the article is served
    VIDEO = "video"  # a player without an article
    TOO_DEEP = "too_deep"  # nested beyond what a page may be
    CRASHED = "crashed"  # the page killed its worker
    HUNG = "hung"  # the page held its worker too long
    MEMORY = "memory"  # the page took more memory than a worker has
    OUT_OF_RANGE = "out_of_range"  # published outside the days that were asked for


@dataclass(frozen=True, slots=True)
class Failure:
    """An expected failure.

    Attributes:
        reason: What class of failure it is.
        detail: One line for a person: what was seen, and where.
        retry_after: Seconds the other side asked to wait, if it did.
    """

    reason: Reason
    detail: str = ""
    retry_after: float | None = None

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else str(self.reason)


def first_of(error: Exception) -> Exception:
    """The first of the errors that tasks side by side raised as a group; another error is its own."""
    return first_of(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error
