"""Word diffs: what stayed, went and came."""

from hypothesis import given
from hypothesis import strategies as st

from archive.articles.text_diff import Paragraph, Run, compare

words = st.text(alphabet="aăâbcđe", min_size=1, max_size=4)
paragraphs = st.lists(words, min_size=1, max_size=8).map(" ".join)
texts = st.lists(paragraphs, max_size=5).map("\n\n".join)


def told(compared, op):
    """One of the two texts, put together from the runs, as its words."""
    return [word for paragraph in compared for run in paragraph.side(op) for word in run.text.split()]


def test_a_changed_word_is_the_only_one_told():
    """A number that an outlet corrects is one run that went and one that came; all else stayed."""
    compared = compare("Có 12 người bị thương.\n\nHết.", "Có 15 người bị thương.\n\nHết.")

    assert (
        Paragraph((Run("same", "Có "), Run("gone", "12 "), Run("new", "15 "), Run("same", "người bị thương."))),
        Paragraph((Run("same", "Hết."),)),
    ) == compared
    assert [True, False] == [paragraph.changed for paragraph in compared]


def test_a_paragraph_with_another_in_its_place_is_told_as_two():
    """Paragraphs that have nothing in common are no versions of each other."""
    compared = compare("Một hai ba bốn.", "Năm sáu bảy tám.")

    assert (Paragraph((Run("gone", "Một hai ba bốn."),)), Paragraph((Run("new", "Năm sáu bảy tám."),))) == compared


def test_paragraphs_that_came_or_went_stand_in_their_places():
    """A paragraph that was added is new as a whole, where it was added."""
    compared = compare("A a.\n\nC c.", "A a.\n\nB b.\n\nC c.")

    assert ["same", "new", "same"] == [paragraph.runs[0].op for paragraph in compared]


def test_a_paragraph_too_long_to_compare_is_told_whole():
    """What would take a minute to compare is told as gone and new."""
    old, new = " ".join(["a"] * 4000), " ".join(["a"] * 3999)

    assert {"gone", "new"} == {run.op for paragraph in compare(old, new) for run in paragraph.runs}


def test_nothing_compared_with_nothing_is_nothing():
    """Empty texts have no paragraphs."""
    assert () == compare("", "")


@given(texts, texts)
def test_both_texts_can_be_put_together_again(old, new):
    """The runs that are not new are the old text, those that are not gone the new one."""
    compared = compare(old, new)

    assert old.split() == told(compared, "gone")
    assert new.split() == told(compared, "new")
