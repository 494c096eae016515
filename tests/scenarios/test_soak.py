"""A short soak test; `tests/soak.py` simulates ninety days."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from soak import soak


@pytest.mark.timeout(200)
def test_two_days_with_a_kill_archive_everything(tmp_path):
    """After a kill and a restart of the service, every article and every revision is archived, and nothing else."""
    lived = soak(tmp_path, days=2, kills=1, seed=2, longest=2)

    assert lived.counts["published"] == lived.counts["archived"] >= 10
    assert 1 == lived.counts["kills"]
    assert lived.lives[-1].files <= lived.lives[0].files
