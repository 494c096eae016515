"""Define expected errors: failures as values, and exceptions with exit codes.

An expected failure is a `Failure`: a `Reason` and one line of detail. It is returned and written to the ledger, and
the run goes on. An exception stops a command. Each kind has the exit code with which the command ends:

    KhobaoError                  1   done, with failures that were reported
      UsageError                 2   a setting, an outlet declaration or an argument is wrong
        MissingExtra             2   a library of an optional part is not installed
      FormatError                1   a text is not in the dated format
      ArchiveError               3   the archive cannot be used
        NotAnArchive             3   the file is not a khobao archive
        ArchiveTooNew            3   a newer khobao wrote it
        ArchiveLocked            3   another khobao is writing
        ArchiveFull              3   the disk is full

Every other exception is a bug and ends the program with a traceback.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.util import find_spec
from types import MappingProxyType
from typing import Literal

# How lasting a failure is. soft: it passes by itself. temporary: somebody must repair something. hard: the address or
# the page itself is the cause.
Severity = Literal["soft", "temporary", "hard"]


class KhobaoError(Exception):
    """Base of all errors that end a command with one line: what happened, where, what would be right."""

    exit_code = 1


class UsageError(KhobaoError):
    """Report that a setting, an outlet declaration or an argument is wrong."""

    exit_code = 2


class MissingExtra(UsageError):  # noqa: N818 - reads as the sentence it is
    """Report that a library of an optional part is not installed, and how to install it.

    Args:
        need: What needs which library, such as `Parquet needs pyarrow`.
        extra: The extra of khobao that installs the library.
    """

    def __init__(self, need: str, extra: str) -> None:
        super().__init__(f"{need}; install it with: {install_command(extra)}")


def install_command(extra: str) -> str:
    """Return the command that installs an extra beside this khobao.

    It works for a khobao that came from a wheel or from a checkout. It names the running Python, because `pip` alone
    may belong to another one. Environments of uv have no pip.
    """
    python = shlex.quote(sys.executable)
    tool = f"{python} -m pip install" if find_spec("pip") else f"uv pip install --python {python}"
    return f"{tool} 'khobao[{extra}]'"


class FormatError(KhobaoError):
    """Report that a text is not in the dated format."""


class ArchiveError(KhobaoError):
    """Report that the archive cannot be used."""

    exit_code = 3


class NotAnArchive(ArchiveError):  # noqa: N818 - reads as the sentence it is
    """Report that the file is not a khobao archive."""


class ArchiveTooNew(ArchiveError):  # noqa: N818
    """Report that a newer khobao wrote this archive."""


class ArchiveLocked(ArchiveError):  # noqa: N818
    """Report that another process is writing to this archive."""


class ArchiveFull(ArchiveError):  # noqa: N818
    """Report that the disk that holds the archive is full."""


class Reason(StrEnum):
    """List the reasons why an address, a source or a candidate failed or was skipped.

    `REASONS` holds the consequences of each reason.
    """

    # A candidate that is not requested.
    FOREIGN = "foreign"  # not on the outlet's own hosts
    NOT_AN_ARTICLE = "not_an_article"  # the address does not have the form of the outlet's articles
    BAD_ADDRESS = "bad_address"  # not http(s), with credentials in it, or a port that is not allowed
    PRIVATE_ADDRESS = "private_address"  # leads to a private, loopback or otherwise special network address
    ROBOTS = "robots"  # robots.txt disallows it
    ROBOTS_UNAVAILABLE = "robots_unavailable"  # robots.txt cannot be read at the moment, so nothing is requested

    # A response that is not a page.
    UNREACHABLE = "unreachable"  # the name does not resolve, nothing answers, or the connection broke
    TIMEOUT = "timeout"  # connecting, waiting or reading took too long
    TLS = "tls"  # the certificate or the handshake is wrong
    PROTOCOL = "protocol"  # the response is not HTTP
    TOO_LARGE = "too_large"  # more bytes, before or after decompression, than allowed
    TRUNCATED = "truncated"  # fewer bytes than announced
    BAD_ENCODING = "bad_encoding"  # the content-encoding cannot be decoded
    REDIRECTS = "redirects"  # too many redirects, a loop, or a redirect to an unrelated page
    RATE_LIMITED = "rate_limited"  # status 429
    BLOCKED = "blocked"  # access is refused: status 401, 403, 451, a cookie script or a captcha
    GONE = "gone"  # status 404 or 410
    CLIENT_ERROR = "client_error"  # any other status 4xx
    SERVER_ERROR = "server_error"  # status 5xx
    WRONG_TYPE = "wrong_type"  # not the expected content type

    # A source that cannot be read.
    MALFORMED = "malformed"  # not the feed, sitemap or listing it should be

    # A page that does not become a record.
    EMPTY = "empty"  # no markup at all
    NO_TITLE = "no_title"
    NO_DATE = "no_date"  # nothing on the page gives a date
    FUTURE_DATE = "future_date"
    NO_TEXT = "no_text"
    LISTING = "listing"
    HOME_PAGE = "home_page"
    ERROR_PAGE = "error_page"  # an error page with any status
    PAYWALLED = "paywalled"  # only a stub of the article is served
    VIDEO = "video"  # a player without an article
    TOO_DEEP = "too_deep"  # elements nested too deeply
    CRASHED = "crashed"  # the page crashed its worker process
    HUNG = "hung"  # the page took longer than a worker may
    MEMORY = "memory"  # the page took more memory than a worker may
    OUT_OF_RANGE = "out_of_range"  # published outside the requested days

    @property
    def traits(self) -> ReasonTraits:
        """Return the consequences of this reason."""
        return REASONS[self]

    @property
    def label(self) -> str:
        """Return the reason as it is shown to people."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class ReasonTraits:
    """Describe the consequences of a reason.

    Attributes:
        severity: How lasting the failure is; it decides how long to wait before the next try.
        is_fault: A run reports it as a failure and exits with 1; otherwise it counts as skipped.
        second_look: The page may be half written, so it is requested again after an hour.
        blames_host: It counts as a failure of the whole host and may open its circuit breaker.
        means_no_connection: Nothing answered. If several hosts fail so, the local network may be down.
        excused_offline: It says nothing about the host while the local network is down.
        outranks_robots: If robots.txt fails with it, this reason is reported instead of `robots_unavailable`.
        may_be_wall: Cookie walls and captchas use the same HTTP status; only the body tells them apart.
        page_missing: The page does not exist, so an archived article may have been deleted.
        try_alias: Another known address of the same article may still lead to the page.
        try_web_archive: A backfill may find the page in another web archive.
        reading_failed: Reading a stored capture failed; it says nothing about the article.
        breaks_worker: The page broke the worker process that read it.
    """

    severity: Severity
    is_fault: bool
    second_look: bool = False
    blames_host: bool = False
    means_no_connection: bool = False
    excused_offline: bool = False
    outranks_robots: bool = False
    may_be_wall: bool = False
    page_missing: bool = False
    try_alias: bool = False
    try_web_archive: bool = False
    reading_failed: bool = False
    breaks_worker: bool = False


def _skip(severity: Severity, **traits: bool) -> ReasonTraits:
    """Describe a reason for skipping: the address is handled, and its page is not an article."""
    return ReasonTraits(severity, is_fault=False, **traits)


def _fault(severity: Severity, **traits: bool) -> ReasonTraits:
    """Describe a reason that a run reports as a failure."""
    return ReasonTraits(severity, is_fault=True, **traits)


# The one table of the consequences of each reason. Every member of `Reason` needs a row.
REASONS: Mapping[Reason, ReasonTraits] = MappingProxyType(
    {
        Reason.FOREIGN: _skip("hard", page_missing=True, try_web_archive=True),
        Reason.NOT_AN_ARTICLE: _skip("hard"),
        Reason.BAD_ADDRESS: _skip("hard", outranks_robots=True),
        Reason.PRIVATE_ADDRESS: _skip("hard", outranks_robots=True),
        Reason.ROBOTS: _skip("hard"),
        Reason.ROBOTS_UNAVAILABLE: _fault("soft", excused_offline=True),
        Reason.UNREACHABLE: _fault(
            "soft",
            blames_host=True,
            means_no_connection=True,
            excused_offline=True,
            outranks_robots=True,
            try_web_archive=True,
            reading_failed=True,
        ),
        Reason.TIMEOUT: _fault("soft", blames_host=True, means_no_connection=True, excused_offline=True),
        Reason.TLS: _fault("temporary", blames_host=True, outranks_robots=True),
        Reason.PROTOCOL: _fault("temporary", blames_host=True, outranks_robots=True),
        Reason.TOO_LARGE: _fault("temporary"),
        Reason.TRUNCATED: _fault("soft"),
        Reason.BAD_ENCODING: _fault("temporary", outranks_robots=True),
        Reason.REDIRECTS: _fault("temporary", try_alias=True, try_web_archive=True),
        Reason.RATE_LIMITED: _fault("soft", blames_host=True, may_be_wall=True),
        Reason.BLOCKED: _fault("temporary", blames_host=True),
        Reason.GONE: _skip("hard", page_missing=True, try_alias=True, try_web_archive=True),
        Reason.CLIENT_ERROR: _fault("temporary"),
        Reason.SERVER_ERROR: _fault("soft", blames_host=True, may_be_wall=True),
        Reason.WRONG_TYPE: _skip("temporary"),
        Reason.MALFORMED: _fault("temporary"),
        Reason.EMPTY: _skip("temporary"),
        Reason.NO_TITLE: _skip("hard", second_look=True),
        Reason.NO_DATE: _skip("hard", second_look=True),
        Reason.FUTURE_DATE: _skip("temporary"),
        Reason.NO_TEXT: _skip("hard", second_look=True),
        Reason.LISTING: _skip("hard", second_look=True),
        Reason.HOME_PAGE: _skip("hard", page_missing=True, try_alias=True, try_web_archive=True),
        Reason.ERROR_PAGE: _skip("hard", second_look=True, page_missing=True, try_alias=True, try_web_archive=True),
        Reason.PAYWALLED: _skip("hard"),
        Reason.VIDEO: _skip("hard"),
        Reason.TOO_DEEP: _fault("hard"),
        Reason.CRASHED: _fault("hard", reading_failed=True, breaks_worker=True),
        Reason.HUNG: _fault("hard", reading_failed=True, breaks_worker=True),
        Reason.MEMORY: _fault("hard", reading_failed=True, breaks_worker=True),
        Reason.OUT_OF_RANGE: _skip("hard"),
    }
)


@dataclass(frozen=True, slots=True)
class Failure:
    """Describe an expected failure.

    Attributes:
        reason: The class of the failure.
        detail: One line for a person: what was seen, and where.
        retry_after: Seconds to wait that the server asked for (`Retry-After`); None if it did not.
        article_date: The date of an article that was read but not asked for; None for any other failure.
    """

    reason: Reason
    detail: str = ""
    retry_after: float | None = None
    article_date: date | None = None

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else str(self.reason)


def first_of(error: Exception) -> Exception:
    """Return the first error of an exception group; return any other error as it is."""
    return first_of(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error


def one_line(error: BaseException, longest: int | None = None) -> str:
    """Return the message of an exception in one line; the name of its class if it has none.

    Args:
        error: The exception.
        longest: Characters after which the message is cut; None to keep all.
    """
    return " ".join(str(error).split())[:longest] or type(error).__name__
