"""Run the command line `khobao COMMAND`; modules are imported when called, so `--help` is quick."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from archive.errors import ArchiveFull, KhobaoError, UsageError, first_of
from archive.printable import printable
from schedules.cli.lazy_group import LazyGroup
from schedules.cli.session import SHARED_OPTIONS, apply_shared_options, command

# name: (module in schedules.cli.commands, its line in `khobao --help`), in the order of a first day with khobao.
COMMANDS = {
    "demo": ("demo", "Crawl five invented outlets, offline, and show the result."),
    "init": ("init", "Write a settings file and create the archive."),
    "outlets": ("outlets", "List the outlets, or check or draft one."),
    "crawl": ("crawl", "Crawl outlets, or any site by its address, once."),
    "add": ("crawl", "Archive single pages by their addresses."),
    "backfill": ("backfill", "Archive what outlets published in the past."),
    "audit": ("audit", "Compare what outlets published with what is archived."),
    "run": ("service", "Run the service, which watches the outlets."),
    "service": ("service", "Print a systemd unit, a Containerfile or a dashboard."),
    "config": ("config", "Print the settings in force and where each comes from."),
    "search": ("query", "Search the full text."),
    "show": ("query", "Print one article."),
    "diff": ("changes", "Show how an article changed, word by word."),
    "changes": ("changes", "List articles that outlets edited or deleted."),
    "stories": ("stories", "List events that several outlets reported."),
    "words": ("words", "List words typical of a query, or that rise this week."),
    "watches": ("watches", "List the saved searches and what they found."),
    "why": ("query", "Explain why an address is archived or not."),
    "status": ("status", "Show what the archive holds and how each outlet is doing."),
    "read": ("read", "Read saved pages without archiving them."),
    "reextract": ("reextract", "Read archived pages again with the current rules."),
    "import": ("import_export", "Import articles from files."),
    "export": ("import_export", "Export articles to files."),
    "lake": ("lake", "Read many WARC files into Parquet, and query them."),
    "browse": ("browse", "Serve the archive as web pages, with Datasette."),
    "backup": ("backup", "Copy the database while it is in use."),
    "merge": ("backup", "Merge another archive into this one."),
    "vacuum": ("backup", "Give unused disk space back."),
    "check": ("check", "Verify the archive."),
    "upgrade-check": ("upgrade_check", "Print what the archive needs after an upgrade."),
}
INTERRUPTED = 130  # 128 + SIGINT, the convention of shells

# Errors that a person can cause with a file name; any other OSError is a bug.
_FILE_ERRORS = frozenset(
    {
        errno.EACCES,
        errno.EEXIST,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.ENOTEMPTY,
        errno.EPERM,
        errno.EROFS,
        errno.ETXTBSY,
        errno.EXDEV,
    }
)
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@click.group(
    cls=LazyGroup,
    modules=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    params=list(SHARED_OPTIONS),
    epilog="The options work before and after the command. `khobao COMMAND --help` explains one command.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, if the command prints data.")
@click.version_option(package_name="khobao", prog_name="khobao")
@click.pass_context
def khobao_group(ctx: click.Context, /, as_json: bool, **params: Any) -> None:
    """Archive news outlets: every article, dated, searchable, with all its versions."""
    apply_shared_options(ctx, params).as_json = as_json


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit: 0 done, 1 failures reported, 2 wrong usage, 3 no archive, 130 interrupted."""
    sys.exit(run_program(arguments))


def run_program(arguments: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code. An expected error is one line on stderr; a bug is raised."""
    try:
        done = khobao_group.main(arguments, prog_name="khobao", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("khobao: interrupted; what was archived is kept", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        click.echo(f"khobao: {_usage_line(error)}", err=True)
        return error.exit_code
    except BrokenPipeError:
        _silence_stdout()
        return 0
    except (KhobaoError, OSError, ExceptionGroup) as error:
        cause = _find_expected_error(error)
        if cause is None:
            raise
        click.echo(f"khobao: {printable(str(cause))}", err=True)
        return cause.exit_code
    return done if isinstance(done, int) else 0


def _usage_line(error: click.ClickException) -> str:
    """Write one line about wrong arguments, and the command that prints the help."""
    message = " ".join(printable(error.format_message()).split()).rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None or "--help`" in message:
        return message
    separator = " " if message.endswith("?") else "; "
    return f"{message}{separator}`{context.command_path} --help` explains the command"


def _silence_stdout() -> None:
    """Discard further output, because the pipe is closed and Python would print an error at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _find_expected_error(error: Exception) -> KhobaoError | None:
    """Return the expected error, even from an exception group; None for a bug."""
    if isinstance(error, ExceptionGroup) and error.split(lambda one: _find_expected(one) is not None)[1]:
        return None
    return _find_expected(first_of(error))


def _find_expected(error: BaseException) -> KhobaoError | None:
    if isinstance(error, KhobaoError):
        return error
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return ArchiveFull("the disk is full; nothing that was archived is lost")
    if isinstance(error, OSError) and error.errno in _FILE_ERRORS and error.filename is not None:
        return UsageError(f"{_name_of(error)}: {error.strerror}")
    return None


def _name_of(error: OSError) -> str:
    name = error.filename2 if error.filename2 is not None else error.filename
    return os.fsdecode(name) if isinstance(name, str | bytes | os.PathLike) else str(name)


__all__ = ["COMMANDS", "command", "main"]
