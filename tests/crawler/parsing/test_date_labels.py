"""The words beside a day say whether it is that of a change."""

import pytest

from crawler.parsing.date_labels import is_of_change


@pytest.mark.parametrize(
    ("before", "behind", "changed"),
    [
        ("Updated: ", "", True),
        ("Cập nhật lúc 9:00, ", "", False),
        ("আপডেট: ", ", ০৯:০০", True),
        ("আপডেট: ০৪ ফেব্রুয়ারি | প্রকাশ: ", "", False),
        ("Published 3 February, updated ", "", True),
        ("Updated by Anna Lind, published ", "", False),
        ("آخر تحديث: ", "", True),
        ("حدث ", "", False),
        ("", " 12:00 更新 / 2026.02.03 公開", True),
        ("", " 更新：2026.02.04", False),
        ("", " (updated)", True),
        ("", ", last updated 4 February", False),
        ("", "", False),
    ],
)
def test_a_label(before, behind, changed):
    """The nearest word before a day counts; a word behind it counts only if it is not the label of another day."""
    assert changed is is_of_change(before, behind)
