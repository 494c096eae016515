"""A soak in small; `tests/soak.py` lives through ninety days."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from soak import soak


@pytest.mark.timeout(200)
def test_two_days_with_a_kill_end_with_what_was_published(tmp_path):
    """The service is killed once and restarted: every article and every version is there, and nothing else."""
    lived = soak(tmp_path, days=2, kills=1, seed=2, longest=2)

    assert lived.counts["published"] == lived.counts["archived"] >= 10
    assert 1 == lived.counts["kills"]
    assert lived.lives[-1].files <= lived.lives[0].files
