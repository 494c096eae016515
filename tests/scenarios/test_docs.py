"""Every command, setting and key is documented, and the examples in the documents work."""

import re
import shlex
from pathlib import Path

import click
import pytest

from crawler.outlets import model as outlet
from schedules.cli.main import COMMANDS, khobao_group
from schedules.config import section_schemas

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND_TABLE = (ROOT / "schedules" / "docs" / "commands.md").read_text(encoding="utf-8")
SETTINGS_TABLE = (ROOT / "schedules" / "docs" / "settings.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    {
        ROOT / "README.md",
        *(p for top in ("archive", "crawler", "schedules", "tests", ".github") for p in (ROOT / top).rglob("*.md")),
    }
)
OUTLETS = (ROOT / "crawler" / "docs" / "outlets.md").read_text(encoding="utf-8")
EVERYWHERE = {"--config", "--archive", "--verbose", "--quiet", "--no-color", "--json", "--help", "-v", "-q", "-h"}
# Examples that use the real outlets, or need another environment.
NOT_OFFLINE = re.compile(r"\.venv/bin|https://|vnexpress$")


def told(name: str) -> str:
    """Return the lines of the table of commands about one command."""
    return "\n".join(line for line in COMMAND_TABLE.splitlines() if line.startswith(f"| `khobao {name}"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name):
    """The table of commands has each command, with all of its own options."""
    made = khobao_group.get_command(click.Context(khobao_group), name)
    options = {o for p in made.params for o in (*p.opts, *p.secondary_opts) if o.startswith("--")}

    assert told(name)
    assert set() == {option for option in options - EVERYWHERE if option not in told(name)}


def test_the_options_of_every_command_are_documented():
    """The shared options are documented once."""
    assert set() == {option for option in EVERYWHERE if option not in COMMAND_TABLE}


def test_only_existing_commands_are_documented():
    """The table of commands has no other commands."""
    assert set(COMMANDS) == set(re.findall(r"^\| `khobao ([\w-]+)", COMMAND_TABLE, re.MULTILINE))


def test_every_setting_is_documented():
    """The table of settings has every key of the schema, and no other."""
    keys = {f"{section}.{key}" for section, schema in section_schemas().items() for key in schema.model_fields}

    assert keys == set(re.findall(r"^\| `([a-z]+\.[a-z_]+)`", SETTINGS_TABLE, re.MULTILINE))


@pytest.mark.parametrize("schema", [outlet.Outlet, outlet.Source, outlet.Reading])
def test_every_key_of_a_declaration_is_documented(schema):
    """Every key of an outlet's declaration is in the outlet guide."""
    assert set() == {key for key in schema.model_fields if f"`{key}`" not in OUTLETS and f"| {key} |" not in OUTLETS}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document):
    """Every relative link leads to a file of the project."""
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", document.read_text(encoding="utf-8"))

    assert [] == [link for link in links if not (document.parent / link).exists()]


def test_the_readme_stays_short():
    """The README has at most 200 lines."""
    assert len(README.splitlines()) <= 200


def test_every_document_can_be_reached_from_the_readme():
    """Each document is linked from the README, directly or through other documents."""
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        document = waiting.pop()
        seen.add(document)
        links = re.findall(r"\]\((?!https?:|#)([^)#\s]+\.md)", document.read_text(encoding="utf-8"))
        waiting += {(document.parent / link).resolve() for link in links} - seen

    assert set() == {document for document in DOCUMENTS if "ISSUE_TEMPLATE" not in document.parts} - seen


def test_every_package_has_a_readme():
    """Each package has a README, and the main README links to it."""
    for package in ("archive", "crawler", "schedules"):
        assert (ROOT / package / "README.md").is_file()
        assert f"({package}/README.md)" in README


def test_the_examples_run(runner, tmp_path):
    """Each command in the README works on the demo's archive, and prints the lines that are shown below it."""
    khobao = runner(tmp_path)
    assert 0 == khobao("demo").code
    for shown in re.findall(r"^\$ khobao ((?:.|\n(?!\$|```))*)", README, re.MULTILINE):
        typed, *printed = shown.splitlines()
        if NOT_OFFLINE.search(typed):
            continue
        ran = khobao(*shlex.split(typed.partition(" && ")[0]))

        assert 0 == ran.code, typed
        for line in printed:
            assert _pattern(line).search(ran.out), f"{typed} does not print: {line}"


def _pattern(line: str) -> re.Pattern[str]:
    """Convert a printed line to a pattern: times, sizes and `…` may differ."""
    escaped = re.escape(line).replace("…", ".*")
    return re.compile(re.sub(r"\d+", r"\\d+", escaped))
