"""Parsing month names in the language of the page."""

import pytest

from crawler.parsing.month_names import month_of


@pytest.mark.parametrize(
    ("words", "language", "month"),
    [
        pytest.param("February", "en", 2, id="English"),
        pytest.param("Februar", "", 2, id="without a language"),
        pytest.param("helmikuuta", "fi", 2, id="a language that only dateparser knows"),
        pytest.param(". gada vasario ", "lt", 2, id="among other words"),
        pytest.param("лютого", "uk-UA", 2, id="with a region"),
        pytest.param("listopada", "hr", 10, id="October in Croatian"),
        pytest.param("listopada", "pl", 11, id="November in Polish"),
        pytest.param("listopada", "", None, id="of two meanings without a language"),
        pytest.param("ਜੂਨ", "pa", 6, id="a vowel sign that makes the difference"),
        pytest.param("בינו׳", "he", 1, id="a Hebrew abbreviation"),
        pytest.param("оны арван хоёрдугаар сарын", "mn", 12, id="a Mongolian ordinal"),
        pytest.param("(e)ko urtarrilaren", "eu", 1, id="a Basque case"),
        pytest.param("ខែកុម្ភៈ", "km", 2, id="behind the word for month"),
        pytest.param("лютого", "", 2, id="a script of several languages"),
        pytest.param("Φεβρουαρίου", "en", 2, id="Greek on a page that declares English"),
        pytest.param("มี.ค.", "th", 3, id="a Thai abbreviation"),
        pytest.param("กุมภาพันธ์", "", 2, id="a script that tells the language"),
        pytest.param("شباط/فبراير", "ar", 2, id="a doubled Arabic month"),
        pytest.param("آذار", "ar", 3, id="a Syriac name"),
        pytest.param("مارس / آذار", "ar", 3, id="a doubled Arabic month with blanks"),
        pytest.param("جويلية", "ar", 7, id="a North African name"),
        pytest.param("تشرين الثاني", "ar", 11, id="a Syriac name of two words"),
        pytest.param("people in", "fi", None, id="no month"),
        pytest.param("people in", "en", None, id="no month of a language that is known whole"),
        pytest.param("xx", "tlh", None, id="a language that nobody knows"),
        pytest.param("", "fi", None, id="nothing"),
    ],
)
def test_a_month_is_named(words, language, month):
    """The month between a day and a year is found in our table or by dateparser."""
    assert month == month_of(words, language)
