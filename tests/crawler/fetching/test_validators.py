"""Validators are believed until the content of a source contradicts them."""

from datetime import UTC, datetime

from crawler.fetching.validators import Validators, believed

NEWEST = datetime(2026, 2, 4, 12, tzinfo=UTC)
TODAY, LONG_AGO = "Wed, 04 Feb 2026 12:00:01 GMT", "Tue, 01 Jan 1980 00:00:01 GMT"


def test_validators_are_stored_as_sent():
    """A source whose validators change with its content keeps them."""
    sent = Validators('"2"', TODAY)

    assert (sent, "") == believed(sent, Validators('"1"', TODAY[:-5]), NEWEST, has_news=True)
    assert (sent, "") == believed(sent, sent, NEWEST, has_news=False)
    assert (sent, "") == believed(sent, Validators(), None, has_news=True)


def test_a_change_before_the_newest_article_is_not_sent_back():
    """A site that calls its feed unchanged since 1980 answers 304 for ever; its ETag may still be right."""
    kept, note = believed(Validators('"1"', LONG_AGO), Validators(), NEWEST, has_news=True)

    assert Validators('"1"') == kept
    assert "1980" in note


def test_a_validator_that_outlives_its_content_is_dropped():
    """If the content changes under the same ETag or Last-Modified, the validator is not sent again."""
    for sent in (Validators('"1"', TODAY), Validators('"1"'), Validators("", TODAY)):
        kept, note = believed(sent, sent, NEWEST, has_news=True)
        assert Validators() == kept
        assert "its content changed" in note


def test_an_unreadable_last_modified_is_left_to_the_server():
    """A Last-Modified that is not a date is sent back unchanged, as browsers do."""
    for words in ("yesterday", "", "0"):
        assert (Validators("", words), "") == believed(Validators("", words), Validators(), NEWEST, has_news=True)
