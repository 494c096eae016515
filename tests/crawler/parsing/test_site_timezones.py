"""Guessing the timezone and the order of day and month from the country or the language."""

import pytest

from crawler.parsing.site_timezones import date_order_of_host, guess_timezone, language_of_host


@pytest.mark.parametrize(
    ("host", "language", "timezone"),
    [
        ("bao.vn", "", "Asia/Ho_Chi_Minh"),
        ("bao.com", "vi-VN", "Asia/Ho_Chi_Minh"),
        ("news.com", "en", ""),
        ("news.com", "pt-BR", ""),
        ("news.com", "de-AT", "Europe/Vienna"),
        ("news.com", "zh-Hant-TW", "Asia/Taipei"),
        ("news.com.bd", "bn", "Asia/Dhaka"),
        ("news.com.au", "en", ""),
        ("", "", ""),
    ],
)
def test_a_timezone_is_guessed(host, language, timezone):
    """The country decides first, then a language of one country; English belongs to many."""
    assert timezone == guess_timezone(host, language)


@pytest.mark.parametrize(
    ("host", "order"),
    [
        ("bao.vn", "dmy"),
        ("www.news.co.uk", "dmy"),
        ("shimbun.jp", "ymd"),
        ("news.com", ""),
        ("news.us", ""),
        ("a.tv", ""),
    ],
)
def test_the_order_of_a_country(host, order):
    """A country's domain gives the order; generic domains and those of the United States do not."""
    assert order == date_order_of_host(host)


@pytest.mark.parametrize(
    ("host", "language"),
    [("tin.vn", "vi"), ("a.com.tw", "zh-TW"), ("a.com.au", "en-AU"), ("a.es", ""), ("a.com", ""), ("a.in", "")],
)
def test_the_language_of_a_country(host, language):
    """A country's domain gives the language if its press has one."""
    assert language == language_of_host(host)
