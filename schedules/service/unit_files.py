"""Render the files that `khobao service` prints: systemd units, a Containerfile and a dashboard."""

from __future__ import annotations

import pwd
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

KINDS = {
    "unit": "khobao.service",
    "backup": "khobao-backup.service",
    "timer": "khobao-backup.timer",
    "container": "Containerfile",
    "dashboard": "grafana.json",
}
SERVICE_USER = "khobao"  # used if root owns the folder, because the service should not run as root


@dataclass(frozen=True, slots=True)
class Installation:
    """The facts that the files depend on; every path is absolute.

    Attributes:
        program: The path of the program.
        archive: The archive's file.
        config: The settings file, if there is one.
        variables: The environment variables that are settings.
    """

    program: Path
    archive: Path
    config: Path | None
    variables: Mapping[str, str]

    @property
    def folder(self) -> Path:
        """The folder of the archive, which the service writes to."""
        return self.archive.parent

    @property
    def user(self) -> str:
        """The user that owns the folder; a new user if that is root, or if the folder does not exist yet."""
        place = next((place for place in (self.folder, *self.folder.parents) if place.exists()), Path("/"))
        owner = place.stat().st_uid
        try:
            return pwd.getpwuid(owner).pw_name if owner else SERVICE_USER
        except KeyError:  # a user of another machine, as in a container
            return str(owner)


def render(kind: str, installation: Installation) -> str:
    """Render the file of one kind.

    Args:
        kind: A key of `KINDS`.
        installation: The installation that the file is for.
    """
    template = files("schedules.service").joinpath("deploy", KINDS[kind]).read_text(encoding="utf-8")
    options = [*(["--config", str(installation.config)] if installation.config else []), "--archive"]
    marks = {
        "@khobao@": quote_argument(str(installation.program)),
        "@options@": " ".join(map(quote_argument, [*options, str(installation.archive)])),
        "@folder@": quote_argument(str(installation.folder)),
        "@directory@": _escape_specifiers(
            str(installation.config.parent if installation.config else installation.folder)
        ),
        "@user@": installation.user,
        "@prepare@": "\n".join(_preparation(installation)),
        "@environment@": "\n".join(f"Environment={quote_value(f'{k}={v}')}" for k, v in installation.variables.items()),
    }
    for mark, value in marks.items():
        template = template.replace(f"{mark}\n" if not value else mark, value)
    return template.rstrip()


def _preparation(installation: Installation) -> Sequence[str]:
    """Return the command that is needed first if the service's user does not own the folder."""
    if installation.user != SERVICE_USER:
        return []
    import shlex

    folder = shlex.quote(str(installation.folder))
    return [
        "# First, a user of its own that owns the folder:",
        f"#   useradd --system --home-dir {folder} {SERVICE_USER}; chown -R {SERVICE_USER}: {folder}",
    ]


def quote_argument(text: str) -> str:
    """Quote an argument of ExecStart= (systemd.service(5)), so that nothing in it expands."""
    return quote_value(text.replace("$", "$$"))


def quote_value(text: str) -> str:
    """Quote a value of a unit (systemd.syntax(7), "Quoting") if needed."""
    escaped = _escape_specifiers(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    plain = escaped == text and text and not set(text) & set(" \t';")
    return text if plain else f'"{escaped}"'


def _escape_specifiers(text: str) -> str:
    return text.replace("%", "%%")
