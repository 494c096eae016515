"""Word diffs: unchanged, removed and added words."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.articles.text_diff import ParagraphDiff, Segment, diff_texts

words = st.text(alphabet="aăâbcđe", min_size=1, max_size=4)
paragraphs = st.lists(words, min_size=1, max_size=8).map(" ".join)
texts = st.lists(paragraphs, max_size=5).map("\n\n".join)


def words_of(diffs, op):
    """Return the words of one of the two texts, joined from the segments."""
    return [word for paragraph in diffs for segment in paragraph.side(op) for word in segment.text.split()]


def ops(diffs):
    """Return the kind of each segment, by paragraph."""
    return [[segment.op for segment in paragraph.segments] for paragraph in diffs]


def test_only_a_changed_word_is_shown_as_changed():
    """A corrected number shows as one removed and one added segment; all other words are unchanged."""
    diffs = diff_texts("Có 12 người bị thương.\n\nHết.", "Có 15 người bị thương.\n\nHết.")

    assert (
        ParagraphDiff(
            (Segment("same", "Có "), Segment("gone", "12 "), Segment("new", "15 "), Segment("same", "người bị thương."))
        ),
        ParagraphDiff((Segment("same", "Hết."),)),
    ) == diffs
    assert [True, False] == [paragraph.changed for paragraph in diffs]


def test_paragraphs_with_little_in_common_are_shown_as_two():
    """A paragraph that replaces an unlike one shows as one removed and one added paragraph."""
    diffs = diff_texts("Một hai ba bốn.", "Năm sáu bảy tám.")

    assert (
        ParagraphDiff((Segment("gone", "Một hai ba bốn."),)),
        ParagraphDiff((Segment("new", "Năm sáu bảy tám."),)),
    ) == diffs


def test_a_paragraph_that_was_added_stands_in_its_place():
    """An added paragraph is new as a whole, at its place."""
    assert [["same"], ["new"], ["same"]] == ops(diff_texts("A a.\n\nC c.", "A a.\n\nB b.\n\nC c."))


def test_edited_paragraphs_are_paired_beside_an_added_one():
    """If a paragraph is added before edited ones, each edited one is compared with its own old version."""
    old = "Bão số ba vào đất liền đêm nay.\n\nHà Nội mưa rất to từ sáng sớm."
    new = "Tin mới cập nhật.\n\nBão số ba vào đất liền sáng mai.\n\nHà Nội mưa to từ sáng sớm."

    assert [["new"], ["same", "gone", "new"], ["same", "gone", "same"]] == ops(diff_texts(old, new))


def test_a_word_between_long_changes_is_part_of_the_change():
    """A single common word does not split a rewritten sentence into pieces."""
    start, end = "Đây là phần đầu của một đoạn văn khá dài,", "và đây là phần cuối không hề thay đổi gì."
    old = f"{start} một hai ba bốn của năm sáu bảy tám {end}"
    new = f"{start} chín mười trăm nghìn của vạn triệu tỷ ức {end}"

    assert [["same", "gone", "new", "same"]] == ops(diff_texts(old, new))


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kinds", [1, 2, 3])
@pytest.mark.parametrize("separator", [" ", "\n\n"])
def test_long_texts_of_few_different_words_are_compared_in_seconds(kinds, separator):
    """3,000 words or paragraphs of a few kinds are compared in seconds, and every word is kept."""
    chance = random.Random(kinds)
    old = [chance.choice("abc"[:kinds]) for _ in range(3000)]
    new = [chance.choice("abc"[:kinds]) for _ in range(2900)]
    diffs = diff_texts(separator.join(old), separator.join(new))

    assert (old, new) == (words_of(diffs, "gone"), words_of(diffs, "new"))


def test_a_small_edit_of_a_repetitive_text_stays_small():
    """In 3,000 words of two kinds, only the removed word shows as gone."""
    chance = random.Random(1)
    old = [chance.choice("ab") for _ in range(3000)]
    diffs = diff_texts(" ".join(old), " ".join(old[:1500] + old[1501:]))

    assert ["gone"] == [segment.op for paragraph in diffs for segment in paragraph.segments if segment.op != "same"]


def test_two_empty_texts_have_no_paragraphs():
    """Two empty texts have no paragraphs."""
    assert () == diff_texts("", "")


@given(texts, texts)
def test_both_texts_can_be_put_together_again(old, new):
    """The segments that are not new are the old text; those that are not gone are the new text."""
    diffs = diff_texts(old, new)

    assert old.split() == words_of(diffs, "gone")
    assert new.split() == words_of(diffs, "new")
