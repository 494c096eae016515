"""Group commands whose modules are imported only when needed, so that `--help` is fast."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

Modules = Mapping[str, tuple[str, str]]


class LazyGroup(click.Group):
    """A group of commands that imports a command when it is called."""

    def __init__(self, *args: Any, modules: Modules, **attrs: Any) -> None:
        """Create the group.

        Args:
            args: As in `click.Group`.
            modules: By the name of a command: its module in `schedules.cli.commands`, which defines it as
                `NAME_command` with `_` for `-`, and its line in the help.
            attrs: As in `click.Group`.
        """
        super().__init__(*args, **attrs)
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        del ctx
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in self.modules:
            return None
        module = importlib.import_module(f"schedules.cli.commands.{self.modules[cmd_name][0]}")
        made = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        assert isinstance(made, click.Command)
        return made

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was typed; for an unknown one, suggest the most similar name."""
        name = args[0]
        if name not in self.modules and not name.startswith("-"):
            import difflib

            near = difflib.get_close_matches(name, self.modules, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"`{ctx.command_path} --help` lists the commands"
            raise click.UsageError(f"No such command {name!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands and their lines."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.modules.items()])
