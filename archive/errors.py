"""Define what can go wrong: failures as values, and exceptions with exit codes.

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

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

# How lasting a failure is. soft: it passes by itself. temporary: somebody must repair something. hard: the cause is the
# address or the page itself.
Severity = Literal["soft", "temporary", "hard"]


class KhobaoError(Exception):
    """End a command with one clear line: what happened, where, what would be right."""

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
    """Why an address, a source or a candidate failed or was skipped: every reason that the ledger knows.

    `REASONS` says what follows from each of them.
    """

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
    BLOCKED = "blocked"  # access is refused: 401, 403, 451, a cookie script or a captcha
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
    ERROR_PAGE = "error_page"  # an error page, whatever its status
    PAYWALLED = "paywalled"  # only a stub of the article is served
    VIDEO = "video"  # a player without an article
    TOO_DEEP = "too_deep"  # nested too deeply
    CRASHED = "crashed"  # the page killed its worker
    HUNG = "hung"  # the page held its worker too long
    MEMORY = "memory"  # the page took more memory than a worker has
    OUT_OF_RANGE = "out_of_range"  # published outside the days that were asked for

    @property
    def traits(self) -> ReasonTraits:
        """Return what follows from this reason."""
        return REASONS[self]

    @property
    def label(self) -> str:
        """Return the reason as people read it."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class ReasonTraits:
    """What follows from a reason.

    Attributes:
        severity: How lasting it is, which decides how long to wait before the next try.
        is_fault: Whether a run reports it as a failure and exits with 1; otherwise it counts as skipped.
        second_look: The page may be half written for a moment, so it is asked again after an hour.
        blames_host: It counts as a failure of the whole host and may open its circuit breaker.
        means_no_connection: Nothing answered. If several hosts fail so, the local network may be down.
        excused_offline: It says nothing about the host while the local network is down.
        outranks_robots: It is reported as it is when robots.txt fails with it, not as `robots_unavailable`.
        may_be_wall: Its HTTP status also comes with cookie walls and captchas, which only the body reveals.
        page_missing: The page is not there, so that an archived article may have been deleted.
        try_alias: Another known address of the same article may still lead to the page.
        try_web_archive: A backfill may find the page in another web archive.
        reading_failed: Reading a stored capture failed; it says nothing about the article.
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


def _skipped(severity: Severity, **traits: bool) -> ReasonTraits:
    """Describe a reason that is an answer: the address was handled, and its page is not an article."""
    return ReasonTraits(severity, is_fault=False, **traits)


def _fault(severity: Severity, **traits: bool) -> ReasonTraits:
    """Describe a reason that a run reports as a failure."""
    return ReasonTraits(severity, is_fault=True, **traits)


# The one place that says what follows from a reason. Every member of `Reason` needs a row.
REASONS: Mapping[Reason, ReasonTraits] = MappingProxyType(
    {
        Reason.FOREIGN: _skipped("hard", page_missing=True, try_web_archive=True),
        Reason.NOT_AN_ARTICLE: _skipped("hard"),
        Reason.BAD_ADDRESS: _skipped("hard", outranks_robots=True),
        Reason.PRIVATE_ADDRESS: _skipped("hard", outranks_robots=True),
        Reason.ROBOTS: _skipped("hard"),
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
        Reason.GONE: _skipped("hard", page_missing=True, try_alias=True, try_web_archive=True),
        Reason.CLIENT_ERROR: _fault("temporary"),
        Reason.SERVER_ERROR: _fault("soft", blames_host=True, may_be_wall=True),
        Reason.WRONG_TYPE: _skipped("temporary"),
        Reason.MALFORMED: _fault("temporary"),
        Reason.EMPTY: _skipped("temporary"),
        Reason.NO_TITLE: _skipped("hard", second_look=True),
        Reason.NO_DATE: _skipped("hard", second_look=True),
        Reason.FUTURE_DATE: _skipped("temporary"),
        Reason.NO_TEXT: _skipped("hard", second_look=True),
        Reason.LISTING: _skipped("hard", second_look=True),
        Reason.HOME_PAGE: _skipped("hard", page_missing=True, try_alias=True, try_web_archive=True),
        Reason.ERROR_PAGE: _skipped("hard", second_look=True, page_missing=True, try_alias=True, try_web_archive=True),
        Reason.PAYWALLED: _skipped("hard"),
        Reason.VIDEO: _skipped("hard"),
        Reason.TOO_DEEP: _fault("hard"),
        Reason.CRASHED: _fault("hard", reading_failed=True),
        Reason.HUNG: _fault("hard", reading_failed=True),
        Reason.MEMORY: _fault("hard", reading_failed=True),
        Reason.OUT_OF_RANGE: _skipped("hard"),
    }
)


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
    """Return the first error of an exception group; any other error is returned as it is."""
    return first_of(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error
