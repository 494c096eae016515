"""The command line: `khobao COMMAND`. Commands are imported when they are called, so that `--help` is quick."""

from __future__ import annotations

import errno
import importlib
import sys
from collections.abc import Sequence

import click

from archive.errors import ArchiveFull, KhobaoError, first_of
from schedules.cli.session import command

# name: (module in schedules.cli.commands, what `khobao --help` says), in the order of a first day with the program.
COMMANDS = {
    "demo": ("demo", "Offline: crawl a small invented press and show what comes of it."),
    "init": ("init", "Write a commented khobao.toml and create the archive."),
    "outlets": ("outlets", "The outlets, their sources and health."),
    "crawl": ("crawl", "One pass now over outlets, or over any site by its address."),
    "add": ("crawl", "Archive these pages now."),
    "backfill": ("backfill", "Archive what outlets published from one day to another."),
    "audit": ("audit", "What outlets published, day by day, against what is here."),
    "run": ("service", "The service: watch the outlets until told to stop."),
    "service": ("service", "Print a systemd unit, a Containerfile or a dashboard."),
    "search": ("query", "Full-text search."),
    "show": ("query", "One article, as its dated document."),
    "diff": ("changes", "What an outlet changed in an article, word by word."),
    "changes": ("changes", "What outlets changed and took down, the latest first."),
    "stories": ("stories", "Events that several outlets told of, and whose text they printed."),
    "why": ("query", "Why an address is in the archive, or why not."),
    "status": ("status", "What the archive holds, outlet by outlet."),
    "read": ("read", "Read saved pages without archiving them."),
    "reextract": ("reextract", "Read captures again by today's rules."),
    "import": ("import_export", "Take in documents, pages, and other tools' exports."),
    "export": ("import_export", "Write documents, tables or pages to a folder."),
    "browse": ("browse", "The archive in Datasette, with its own pages."),
    "backup": ("backup", "Copy the database while it is used, and check the copy."),
    "merge": ("backup", "Take in all that another archive knows."),
    "vacuum": ("backup", "Give back the space that the database no longer uses."),
    "check": ("check", "Re-read everything and report what is wrong."),
}
INTERRUPTED = 130  # 128 + SIGINT, as shells have it


class _Commands(click.Group):
    """Commands that are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"schedules.cli.commands.{COMMANDS[cmd_name][0]}")
        made = getattr(module, f"{cmd_name}_command")
        assert isinstance(made, click.Command)
        return made

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="khobao", prog_name="khobao")
@click.pass_context
def _khobao(ctx: click.Context) -> None:
    """A storehouse of newspapers: crawl outlets into a dated, searchable archive."""
    del ctx


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit: 0 done, 1 failures reported, 2 wrong usage, 3 no archive, 130 interrupted."""
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        done = _khobao.main(arguments, prog_name="khobao", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("khobao: interrupted; what was archived is kept", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KhobaoError, ExceptionGroup) as error:
        stopped = _what_stopped(error)
        if stopped is None:
            raise
        click.echo(f"khobao: {stopped}", err=True)
        return stopped.exit_code
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; Python would complain of it at exit
        return 0
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        click.echo("khobao: the disk is full; nothing that was archived is lost", err=True)
        return ArchiveFull.exit_code
    return done if isinstance(done, int) else 0


def _what_stopped(error: Exception) -> KhobaoError | None:
    """What ended a command: tasks side by side raise it in groups. None where a bug is among them, which is loud."""
    if isinstance(error, ExceptionGroup) and error.split(KhobaoError)[1]:
        return None
    first = first_of(error)
    return first if isinstance(first, KhobaoError) else None


__all__ = ["COMMANDS", "command", "main"]
