"""Days of other calendars are rewritten as Gregorian ones, or left as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsing.calendars import in_gregorian


@pytest.mark.parametrize(
    ("line", "language", "rewritten"),
    [
        pytest.param("سه‌شنبه ۱۴ بهمن ۱۴۰۴", "fa", "سه‌شنبه 2026-02-03", id="Iran"),
        pytest.param("14 بهمن ماه سال 1404", "fa", "2026-02-03", id="with the words for month and year"),
        pytest.param("۱۴ دلو ۱۴۰۴", "fa-AF", "2026-02-03", id="Afghanistan"),
        pytest.param("1404/11/14 12:30", "", "2026-02-03 12:30", id="in numbers"),
        pytest.param("1403/12/30", "", "2025-03-20", id="the last day of a leap year"),
        pytest.param("1404/12/30", "", "1404/12/30", id="no such day in a common year"),
        pytest.param("1404/7/1", "", "2025-09-23", id="the first month of thirty days"),
        pytest.param("1447/08/15", "ar", "1447/08/15", id="a lunar year"),
        pytest.param("15 شعبان 1447", "ar", "15 شعبان 1447", id="a lunar month"),
        pytest.param("令和8年2月3日", "ja", "2026年2月3日", id="an era"),
        pytest.param("令和元年五月一日", "ja", "2019年5月1日", id="its first year"),
        pytest.param("平成三十一年四月三十日", "ja", "2019年4月30日", id="its year in signs"),
        pytest.param("R8/2/3", "ja", "2026/2/3", id="an era by its letter"),
        pytest.param("二〇二六年一月廿一日", "zh", "2026年1月21日", id="numerals of China"),
        pytest.param("中華民國一百一十五年二月三日", "zh-TW", "2026年2月3日", id="the Republic of China"),
        pytest.param("115/02/03", "zh-TW", "2026/02/03", id="Taiwan in numbers"),
        pytest.param("115/02/03", "zh-CN", "115/02/03", id="another country"),
        pytest.param("05-03-69", "th", "05-03-2569", id="Thailand with two digits"),
        pytest.param("05-03-26", "th", "05-03-26", id="a Gregorian year on a Thai page"),
        pytest.param("05-03-69", "de", "05-03-69", id="another country than Thailand"),
        pytest.param("5 มี.ค. 69", "th", "5 มี.ค. 2569", id="behind a Thai month"),
        pytest.param("Feb 3, '26", "en", "Feb 3, 2026", id="an apostrophe"),
        pytest.param("the '80s, the dogs' 26", "en", "the '80s, the dogs' 26", id="apostrophes of another meaning"),
    ],
)
def test_a_day_of_another_calendar(line, language, rewritten):
    """Each calendar is converted where it is certain, and only there."""
    assert rewritten == in_gregorian(line, language)


@given(st.integers(1369, 1409), st.integers(1, 12), st.integers(1, 29))
def test_solar_days_follow_each_other(year, month, day):
    """The days of a Solar Hijri month are consecutive Gregorian days."""
    first, second = (in_gregorian(f"{year}/{month}/{n}") for n in (day, day + 1))

    assert first < second or second == f"{year}/{month}/{day + 1}"
