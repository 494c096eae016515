"""Aligning two sequences: finding the blocks that both have in common."""

from hypothesis import given
from hypothesis import strategies as st

from archive.articles.alignment import Block, align

sequences = st.lists(st.sampled_from("abc"), max_size=80)


@given(sequences, sequences)
def test_blocks_are_equal_and_in_order(old, new):
    """Every block has the same items in both sequences, and no block overlaps the one before it."""
    at = Block(0, 0, 0)
    for block in align(old, new):
        assert old[block.old : block.old + block.size] == new[block.new : block.new + block.size]
        assert block.old >= at.old + at.size
        assert block.new >= at.new + at.size
        at = block


@given(sequences)
def test_a_sequence_is_one_block_of_itself(items):
    """A sequence that did not change is a single block."""
    assert ([Block(0, 0, len(items))] if items else []) == align(items, items)


@given(sequences, st.integers(0, 80))
def test_one_inserted_item_is_the_only_difference(items, place):
    """All items of the old sequence stay aligned when one item is inserted."""
    new = [*items[:place], "x", *items[place:]]

    assert len(items) == sum(block.size for block in align(items, new))
