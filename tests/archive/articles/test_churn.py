"""Distinguishing pages that churn from pages that were edited."""

from datetime import date

import pytest

from archive.articles.churn import MEMORY, PATIENCE, describe_churn
from archive.record import Document

DAY = date(2026, 2, 4)


def document(*paragraphs, title="Cầu Mới thông xe", day=DAY):
    """Return one version of an article."""
    return Document(day, title, "\n\n".join(("Cầu Mới dài 812 mét.", *paragraphs, "Minh Khôi")))


def ticks(*minutes):
    """Return versions that differ only by a clock."""
    return [document(f"Cập nhật lúc 10:{minute}") for minute in minutes]


@pytest.mark.parametrize(
    ("case", "recent", "new", "churns"),
    [
        ("a second version", ticks(1), ticks(2)[0], False),
        ("the same place, not yet often enough", ticks(1, 2, 3), ticks(4)[0], False),
        ("the same place again and again", ticks(1, 2, 3, 4), ticks(5)[0], True),
        ("another place at last", ticks(1, 2, 3, 4), document("Cập nhật lúc 10:4", "Cầu miễn phí."), False),
        ("an edit among the clocks", [*ticks(1, 2, 3, 4), document("Cập nhật", "Thêm.")], document("C", "Thêm."), True),
        ("another headline", ticks(1, 2, 3, 4), document("Cập nhật lúc 10:5", title="Cầu Mới đóng"), False),
        ("another date", ticks(1, 2, 3, 4), document("Cập nhật lúc 10:5", day=date(2026, 2, 5)), False),
        ("a live report that grows", [document(*"abcde"[:n]) for n in range(5)], document(*"abcde"), False),
        ("back and forth", [document("a"), document(), document("a"), document()], document("a"), True),
        ("back once", [document("a"), document()], document("a"), False),
    ],
)
def test_only_repeated_replacements_count_as_churn(case, recent, new, churns):
    """Only a page that replaces the same paragraphs again and again churns."""
    assert churns == bool(describe_churn(recent, new)), case


def test_the_place_is_named():
    """The ledger records which place of the page churns."""
    assert "the paragraph after 'Cầu Mới dài 812 mét.' changes every time" == describe_churn(
        ticks(1, 2, 3, 4), ticks(5)[0]
    )
    assert "its first paragraph changes every time" == describe_churn(
        [Document(DAY, "Tin", f"{n} người xem") for n in range(PATIENCE)], Document(DAY, "Tin", "9 người xem")
    )


def test_old_versions_are_not_compared():
    """Versions older than the memory are not compared."""
    edits = [document(*"abcdefghijkl"[:n]) for n in range(1, MEMORY + 1)]

    assert not describe_churn([*ticks(1, 2, 3, 4), *edits], document(*"abcdefgh"[: MEMORY - 1], "x"))


def test_another_arrangement_is_an_edit():
    """Reordered paragraphs are an edit, even if their number stays the same."""
    versions = [Document(DAY, "Tin", "\n\n".join(order)) for order in ("abcd", "bacd", "abcd", "bacd")]

    assert not describe_churn(versions, Document(DAY, "Tin", "c\n\nb\n\na\n\nd"))
