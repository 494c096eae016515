"""A kill of any command that writes leaves a whole archive, and the command repeated ends as if never killed."""

import random

import pytest
from kills import Killer

# Without worker processes, so that each takes seconds; `tests/bench/crash.py` kills every command, and more often.
QUICK = ("import", "merge", "check --repair", "stories --rebuild", "vacuum", "backup", "export", "words --update")

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def killer(tmp_path_factory):
    """A newsstand with archives to work on, and random moments."""
    with Killer(tmp_path_factory.mktemp("kills"), bulk=2, chance=random.Random()) as made:
        yield made


@pytest.mark.parametrize("name", QUICK)
def test_no_kill_of_a_writing_command_hurts_the_archive(killer, name):
    """After two kills at random moments nothing is lost, and the end is what it is without kills."""
    assert 2 == killer.kill_often(name, 2).kills


@pytest.mark.parametrize("name", ["backfill", "run"])
def test_no_kill_of_a_command_with_workers_hurts_the_archive(killer, name):
    """A backfill and the service, killed while they request pages, lose nothing that they had archived."""
    assert 1 == killer.kill_often(name, 1).kills
