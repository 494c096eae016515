"""Every observed form of a time is parsed correctly, or not at all."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsing.dates import (
    DateStyle,
    date_order_of_language,
    day_in_article_number,
    day_in_path,
    find_moment,
    is_plausible,
    read_moment,
    writes_month_first,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = "2026-02-04"
AT = "2026-02-04T12:25:00"  # UTC, of 19:25 in Hà Nội

# For each text: where it was seen, and its civil date and instant in Hà Nội.
FORMS = [
    # ISO 8601, valid and broken
    ("2026-02-04T19:25:00+07:00", "vov.vn, meta", DAY, AT),
    ("2026-02-04T19:25:00+0700", "JSON-LD", DAY, AT),
    ("2026-02-04T19:25:00+07", "ISO 8601", DAY, AT),
    ("2026-02-04T19:25:00.123456Z", "ISO 8601", "2026-02-05", "2026-02-04T19:25:00"),
    ("2026-02-04T18:30Z", "the next day in Hà Nội", "2026-02-05", "2026-02-04T18:30:00"),
    ("20260204T122500Z", "basic format", DAY, AT),
    ("2026-02-04T24:00:00+07:00", "midnight at the end of a day", "2026-02-05", "2026-02-04T17:00:00"),
    ("2026-02-04T19:25:00.000 +07:00", "vietnamnet.vn, JSON-LD", DAY, AT),
    ("2026-02-04T19:25:00&#x2B;07:00", "tuoitre.vn, meta", DAY, AT),
    ("2026-02-04T19:25:00&amp;#x2B;07:00", "escaped twice", DAY, AT),
    ("2026-02-04T19:25:00 07:00", "a plus that became a blank", DAY, AT),
    ("2026-02-04T19:25:00\N{MINUS SIGN}05:00", "a sign of print", "2026-02-05", "2026-02-05T00:25:00"),
    ("2026-02-04T19:25:00", "vtv.vn, meta: of the outlet's zone", DAY, AT),
    ("2026-02-04 19:25", "dantri.com.vn, time[datetime]", DAY, AT),
    ("2026/02/04 19:25", "slashes", DAY, AT),
    ("2026-02-04T19:25:00+07:00[Asia/Ho_Chi_Minh]", "RFC 9557", DAY, AT),
    ("2026-02-04 19:25:00 ICT", "a zone by name", DAY, AT),
    ("2026-02-04 19:25:00 GMT+7", "a zone by hours", DAY, AT),
    ("2026-02-04 07:25 PM", "a half of a day", DAY, AT),
    ("2026-02-04 19:25:00 XQZ", "a zone nobody knows", DAY, None),
    ("2026-02-04", "a day alone", DAY, None),
    ("20260204", "likewise", DAY, None),
    ("2026-02-30", "no such day", None, None),
    ("2026-02-04T25:00:00", "no such time", None, None),
    ("2026-02-04T23:59:60Z", "a leap second", None, None),
    ("0000-00-00 00:00:00", "a database's nothing", None, None),
    ("2026-W06-3", "a week", None, None),
    ("2026-02-04 12:25:0Z", "a second of one digit", DAY, AT),
    ("2026-02-04 04:25:00 America/Los_Angeles", "an IANA name", DAY, AT),
    ("2026-02-04 19:25:00 Asia/Nowhere", "no IANA name", DAY, None),
    # RFC 822 and its variants in feeds
    ("Wed, 04 Feb 2026 13:25:00 Europe/Brussels", "an IANA name", DAY, AT),
    ("Wed, 04 Feb 2026 12:25:00 Etc/GMT", "likewise", DAY, AT),
    ("Wed, 04 Feb 2026 23:25:00 AEDT", "Australian summer", DAY, AT),
    ("Wed, 04 Feb 2026 20:25:00 SGT", "Singapore", DAY, AT),
    ("Wed, 04 Feb 2026 19:25:00 QXZ", "a zone nobody knows, at the end", DAY, None),
    ("Wed, 04 Feb 2026 19:25:00 +0700", "vnexpress.net, feed", DAY, AT),
    ("Wed, 04 Feb 2026 19:25:00 GMT+7", "feeds of ASP.NET", DAY, AT),
    ("Wed, 04 Feb 2026 19:25:00 GMT+0700", "likewise", DAY, AT),
    ("Wed, 04 Feb 2026 19:25:00 GMT + 7", "with blanks", DAY, AT),
    ("Wed, 04 Feb 2026 12:25:00 GMT", "RFC 822", DAY, AT),
    ("Wed, 04 Feb 26 12:25:00 UT", "a year of two digits", DAY, AT),
    ("04 Feb 95 12:25:00 GMT", "of the last century", "1995-02-04", "1995-02-04T12:25:00"),
    ("4 Feb 2026 07:25:00 EST", "RFC 822", DAY, AT),
    ("4 Feb 2026 07:25 ET", "winter in New York", DAY, AT),
    ("4 Jul 2026 07:25 ET", "summer in New York", "2026-07-04", "2026-07-04T11:25:00"),
    ("Wed Feb 04 2026 19:25:00 GMT+0700 (Indochina Time)", "JavaScript", DAY, AT),
    ("Wed Feb 04 19:25:00 ICT 2026", "Java", DAY, AT),
    ("Wed Feb  4 19:25:00 2026", "ctime", DAY, AT),
    # Epochs
    ("1770207900", "VnExpress, its_publication", DAY, AT),
    ("1770207900000", "milliseconds", DAY, AT),
    ("1770207900.0", "JSON's floats", DAY, AT),
    ("/Date(1770207900000+0700)/", "ASP.NET", DAY, AT),
    ("177020790", "too few digits", None, None),
    ("9999999999", "of the year 2286", None, None),
    # Printed in Vietnam
    ("Thứ tư, 4/2/2026, 19:25 (GMT+7)", "vnexpress.net, span.date", DAY, AT),
    ("Thứ bảy, 7/3/2026, 00:05 (GMT+7)", "vnexpress.net: the day before in UTC", "2026-03-07", "2026-03-06T17:05:00"),
    ("Thứ sáu, 17/7/2026 00:00 (GMT+7)", "znews.vn", "2026-07-17", "2026-07-16T17:00:00"),
    ("01:43 | 22/01/2025", "thitruongvietnam.vn", "2025-01-22", "2025-01-21T18:43:00"),
    ("Thứ Năm, 16/07/2026 17:17", "baotintuc.vn", "2026-07-16", "2026-07-16T10:17:00"),
    ("16/07/2026 21:43", "tienphong.vn", "2026-07-16", "2026-07-16T14:43:00"),
    ("Thứ Hai, ngày 20/07/2026 - 06:31", "nhandan.vn", "2026-07-20", "2026-07-19T23:31:00"),
    ("Thứ Năm, 08:46, 16/07/2026", "vov.vn", "2026-07-16", "2026-07-16T01:46:00"),
    ("13-03-2026 - 18:04 PM", "cafef.vn: 24 hours and a stray PM", "2026-03-13", "2026-03-13T11:04:00"),
    ("07-03-2026 - 00:04 AM", "cafef.vn: likewise", "2026-03-07", "2026-03-06T17:04:00"),
    ("Ngày 4 tháng 2 năm 2026", "in words", DAY, None),
    ("Tháng Hai 4, 2026", "WordPress", DAY, None),
    ("4 Tháng Mười Hai, 2026", "WordPress", "2026-12-04", None),
    ("19h25 ngày 4/2/2026", "in print", DAY, AT),
    ("19 giờ 25 phút, ngày 4/2/2026", "in print", DAY, AT),
    ("4/2/2026 7:25:00 CH", ".NET in Vietnamese", DAY, AT),
    ("4/2/2026 7:25:00 SA", "likewise", DAY, "2026-02-04T00:25:00"),
    ("4/2/2026 12:25 SA", "after midnight", DAY, "2026-02-03T17:25:00"),
    ("7:25 tối 4/2/2026", "in print", DAY, AT),
    ("1:25 trưa 4/2/2026", "in print", DAY, "2026-02-04T06:25:00"),
    ("11:25 trưa 4/2/2026", "in print", DAY, "2026-02-04T04:25:00"),
    ("04/02/2026 19:25 GMT + 7", "in print", DAY, AT),
    ("04/02/2026 | 19:25 GMT+7", "in print", DAY, AT),
    ("19:25 -4/2/2026", "a dash or a minus", None, None),
    ("Cập nhật 5/2/2026, đăng 4/2/2026 19:25", "a change is no publication", DAY, AT),
    ("Updated: 5 Feb 2026", "a change alone", None, None),
    ("hôm qua", "no date", None, None),
    ("45/2/2026", "no such day", None, None),
    ("4/2/9026", "no such year", None, None),
    # The American order is recognised by its form, never guessed
    ("9/7/2018 9:59:00 AM", "nld.com.vn, feed", "2018-09-07", "2018-09-07T02:59:00"),
    ("5/3/2024 8:30:00 AM", "a meta of .NET", "2024-05-03", "2024-05-03T01:30:00"),
    ("10/11/2018 9:59:00 AM", "American, or Australian", None, None),
    ("2/16/2026 7:25:00 PM", "a 16 is no month", "2026-02-16", "2026-02-16T12:25:00"),
    ("Feb 04, 2026 7:25 p.m.", "in print", DAY, AT),
    ("February 4th, 2026", "in print", DAY, None),
    # Elsewhere
    ("04.02.2026", "German", DAY, None),
    ("4. Februar 2026, 19:25", "German", DAY, AT),
    ("4 de febrero de 2026", "Spanish", DAY, None),
    ("2026年2月4日 19:25", "Chinese", DAY, AT),
    ("4 Foo 2026", "no month", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("written", "where", "day", "instant"), FORMS, ids=[f"{form[0]} {form[1]}" for form in FORMS])
def test_each_form_is_parsed_correctly_or_not_at_all(
    written: str, where: str, day: str | None, instant: str | None
) -> None:
    """The civil date and the instant are correct for an outlet in Hà Nội that writes the day first."""
    found = read_moment(written, HANOI, "dmy")

    assert day == (str(found.day) if found else None)
    assert instant == (f"{found.instant:%Y-%m-%dT%H:%M:%S}" if found and found.instant else None)


@pytest.mark.parametrize(
    ("written", "order", "day"),
    [
        ("4/2/2026", "dmy", date(2026, 2, 4)),
        ("4/2/2026", "mdy", date(2026, 4, 2)),
        ("4/2/2026", "ymd", None),
        ("4/2/2026", "", None),
        ("2/2/2026", "", date(2026, 2, 2)),
        ("16/2/2026", "mdy", date(2026, 2, 16)),
        ("2/16/2026", "dmy", date(2026, 2, 16)),
        ("4.2.2026", "mdy", date(2026, 2, 4)),
        ("10/11/2018 9:59:00 AM", "mdy", date(2018, 10, 11)),
    ],
)
def test_the_declared_order_decides(written: str, order, day: date | None) -> None:
    """An ambiguous day is parsed in the order that its outlet declares, and refused without one."""
    found = read_moment(written, HANOI, order)

    assert day == (found.day if found else None)


def test_a_timezone_abbreviation_is_local() -> None:
    """CST is China's time in Shanghai, and Chicago's elsewhere."""
    written = "2026-02-04 12:00:00 CST"

    assert 4 == read_moment(written, ZoneInfo("Asia/Shanghai")).instant.hour
    assert 18 == read_moment(written, HANOI).instant.hour


@pytest.mark.parametrize(
    ("written", "zone", "language", "hour"),
    [
        ("4 February 2026 7:12 PM EST", None, "en", 0),
        ("4 February 2026 7:12 PM EST", None, "en-AU", None),
        ("4 February 2026 7:12 PM CT", None, "en", 1),
        ("4 February 2026 7:12 PM Eastern Time", None, "en", 0),
        ("4 February 2026 7:12 PM IST", ZoneInfo("Asia/Jerusalem"), "he", 17),
        ("4 February 2026 7:12 PM IST", ZoneInfo("Asia/Kolkata"), "en", 13),
        ("4 February 2026 7:12 PM BST", ZoneInfo("Asia/Dhaka"), "en", 13),
        ("4 February 2026 7:12 PM PST", ZoneInfo("Asia/Manila"), "en", 11),
        ("4 February 2026 7:12 PM XQT | Local", HANOI, "en", None),
        ("4 February 2026 7:12 PM VOV | Local", HANOI, "en", 12),
        ("4 февраля 2026 19:12 МСК", None, "ru", 16),
    ],
)
def test_an_abbreviation_names_the_zone_of_its_country(written, zone, language, hour) -> None:
    """An abbreviation has its local meaning where it has one; an unknown one gives no instant."""
    found = read_moment(written, zone, "dmy", language)

    assert hour == (found.instant.hour if found.instant else None)


def test_without_a_zone_a_bare_time_is_a_day() -> None:
    """If the timezone is unknown there is no instant, and the day is the written one."""
    bare, told = read_moment("2026-02-04 23:25", None), read_moment("2026-02-04T23:25:00+07:00", None)

    assert (date(2026, 2, 4), None) == (bare.day, bare.instant)
    assert (date(2026, 2, 4), 16) == (told.day, told.instant.hour)
    assert date(2026, 2, 4) == read_moment("1770207900", None).day


@pytest.mark.parametrize("offset", ["+99:00", "+07:75"])
def test_an_impossible_offset_is_ignored(offset: str) -> None:
    """An impossible offset gives no instant."""
    assert read_moment(f"2026-02-04T19:25:00{offset}", HANOI).instant is None


@pytest.mark.parametrize(
    ("language", "order"),
    [
        ("vi", "dmy"),
        ("vi_VN", "dmy"),
        ("de-AT", "dmy"),
        ("en-US", "mdy"),
        ("en-GB", "dmy"),
        ("en", ""),
        ("", ""),
        ("ja", ""),
    ],
)
def test_languages_have_an_order(language: str, order: str) -> None:
    """Most languages write the day first; English uses both orders and decides nothing."""
    assert order == date_order_of_language(language)


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://bao.example/2025/07/25/bai.html", date(2025, 7, 25)),
        ("https://bao.example/tin/20250725/bai/725113.html", date(2025, 7, 25)),
        ("https://bao.example/tin-2025-07-25/bai.html?x=/2024/01/01/", date(2025, 7, 25)),
        ("https://bao.example/bai-20250725113547841.htm", None),
        ("https://bao.example/2025/13/25/bai.html", None),
        ("https://bao.example/2025/7/5/20948348/bai", date(2025, 7, 5)),
        ("https://bao.example/2025/07/", None),
        ("https://bao.example/2025/123/4/", None),
    ],
)
def test_a_day_in_a_path(url: str, day: date | None) -> None:
    """A full date in a path is a day; digits of an article number are not."""
    assert day == day_in_path(url)


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://tuoitre.example/bai-20260307113547841.htm", date(2026, 3, 7)),
        ("https://nld.example/bai-196260716113547841.htm", date(2026, 7, 16)),
        ("https://cafef.example/bai-188260716113547841.chn", date(2026, 7, 16)),
        ("https://nld.example/bai-196261316113547841.htm", None),
        ("https://bao.example/bai-4954454.html", None),
    ],
)
def test_a_day_in_a_number_is_a_bound(url: str, day: date | None) -> None:
    """Article numbers of VCCorp's outlets contain the day of the article's creation."""
    assert day == day_in_article_number(url)


def test_implausible_dates_are_rejected() -> None:
    """A date more than a day ahead, or from before the web, is rejected."""
    now = datetime(2026, 2, 4, 12, tzinfo=UTC)
    written = ("2026-02-05T11:00Z", "2026-02-05T13:00Z", "2026-02-06", "1970-01-01T00:00:00Z", "1990-01-01")

    assert [True, False, False, False, True] == [is_plausible(read_moment(words, HANOI), now) for words in written]


@given(st.one_of(st.text(max_size=80), st.from_regex(r"[\d/:. ,+-]{0,40}(?:AM|GMT|tháng)?[\d/:. +-]{0,12}")))
def test_nothing_raises(written: str) -> None:
    """Any text gives a moment or None."""
    found = read_moment(written, HANOI, "dmy")

    assert found is None or isinstance(found.day, date)


@given(st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30)))  # noqa: DTZ001 - the zone is what is tried
def test_what_is_written_in_iso_is_read(moment: datetime) -> None:
    """Any instant in ISO 8601 is parsed to the second."""
    whole = moment.replace(microsecond=0, tzinfo=UTC)

    assert whole == read_moment(whole.isoformat(), HANOI).instant
    assert whole == read_moment(whole.astimezone(HANOI).isoformat().replace("+", "&#x2B;"), HANOI).instant


@pytest.mark.parametrize("piece", ["1/", "2026-", "1:", " ", "4 tháng ", "&amp;", "a ", "4 de ", "1 a "])
def test_long_texts_take_no_time(piece: str) -> None:
    """Only the beginning of a text is parsed."""
    started = time.process_time()
    find_moment(piece * 100_000, HANOI)

    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("times", "now", "month_first"),
    [
        (["8/12/2026 1:07:00 PM", "8/9/2026 9:00:00 AM"], datetime(2026, 8, 12, 7, tzinfo=UTC), True),
        (["8/12/2026 1:07:00 PM", "8/13/2026 9:00:00 AM"], datetime(2026, 8, 13, 7, tzinfo=UTC), True),
        (["8/12/2026 1:07:00 PM"], datetime(2026, 8, 12, 7, tzinfo=UTC), True),  # otherwise it would be in the future
        (
            ["11/10/2026 1:07:00 PM", "11/10/2026 9:00:00 AM"],
            datetime(2026, 11, 10, 7, tzinfo=UTC),
            True,
        ),  # or 30 days old
        (["10/11/2026 1:07:00 PM", "28/10/2026 9:00:00 AM"], datetime(2026, 11, 10, 7, tzinfo=UTC), False),
        (["10/11/2026 13:07"], datetime(2026, 11, 10, 7, tzinfo=UTC), False),  # not the American form
        ([], datetime(2026, 11, 10, 7, tzinfo=UTC), False),
    ],
)
def test_the_order_of_a_feeds_american_times_is_learned_from_all_of_them(times, now, month_first):
    """From the 10th to the 12th of a month one time alone is ambiguous; the other times decide."""
    assert month_first == writes_month_first(times, HANOI, now)


@pytest.mark.parametrize(
    ("text", "language", "instant"),
    [
        ("2026-02-04 오후 7:25", "ko", AT),
        ("2026년 2월 4일 오전 7:25", "ko", "2026-02-04T00:25:00"),
        ("2026年02月04日 下午7:25", "zh", AT),
        ("2026年2月4日 19時25分", "ja", AT),
        ("2026年2月4日 上午7点25分", "zh", "2026-02-04T00:25:00"),
        ("4 ก.พ. 2569 19:25 น.", "th", AT),
        ("4 กุมภาพันธ์ 2569 เวลา 19.25 น.", "th", AT),
        ("04/02/2026 19.25 WIB", "id", AT),
        ("4. Februar 2026, 19.25 Uhr", "de", AT),
        ("4 feb 2026 7:25 p. m.", "es", AT),
        ("4 Φεβρουαρίου 2026, 7:25 μ.μ.", "el", AT),
        ("04/02/2026 07:25 πμ", "el", "2026-02-04T00:25:00"),
        ("٤ فبراير ٢٠٢٦ - ٧:٢٥ م", "ar", AT),
        ("4 فبراير 2026 7:25 صباحاً", "ar", "2026-02-04T00:25:00"),
        ("4 फ़रवरी 2026, 7:25 अपराह्न", "hi", AT),
        ("০৪ ফেব্রুয়ারি ২০২৬, সকাল ৭:২৫", "bn", "2026-02-04T00:25:00"),
        ("০৪ ফেব্রুয়ারি ২০২৬, রাত ৭:২৫", "bn", AT),
        ("2026.02.04 PM 7:25", "ko", AT),
        ("2026年2月4日 中午12:25", "zh", "2026-02-04T05:25:00"),
        ("4 Févr. 26 à 19h25", "fr", AT),
    ],
)
def test_reads_the_times_of_day_of_other_languages(text, language, instant):
    """Afternoons, hours and eras are parsed as each language writes them."""
    moment = read_moment(text, HANOI, "dmy", language)

    assert (date(2026, 2, 4), instant) == (moment.day, moment.instant.replace(tzinfo=None).isoformat())


@pytest.mark.parametrize(
    ("text", "language", "order", "day"),
    [
        ("4 Şubat 2026", "tr", "dmy", date(2026, 2, 4)),
        ("2026. február 4.", "hu", "ymd", date(2026, 2, 4)),
        ("2026. gada 4. februāris", "lv", "dmy", date(2026, 2, 4)),
        ("Pebrero 4, 2026", "fil", "mdy", date(2026, 2, 4)),
        ("3 ลาย 2569", "th", "dmy", None),
        ("令和8年2月4日", "ja", "ymd", date(2026, 2, 4)),
        ("令和元年5月1日", "ja", "ymd", date(2019, 5, 1)),
        ("民國115年2月4日", "zh", "ymd", date(2026, 2, 4)),
        ("R8.2.4", "ja", "ymd", date(2026, 2, 4)),
        ("4 ก.พ. 69 | 10:20", "th", "dmy", date(2026, 2, 4)),
        ("4 มี.ค. 69", "th", "dmy", date(2026, 3, 4)),
        ("4 กุมภาพันธ์ 69", "th", "dmy", date(2026, 2, 4)),
        ("04 Th2, 2026", "vi", "dmy", date(2026, 2, 4)),
        ("۱۵ بهمن ۱۴۰۴", "fa", "dmy", date(2026, 2, 4)),
        ("15 شعبان 1447 هـ - 4 فبراير 2026م", "ar", "dmy", date(2026, 2, 4)),
        ("二〇二六年二月四日", "zh", "ymd", date(2026, 2, 4)),
        ("2026 оны 2 сарын 4", "mn", "ymd", date(2026, 2, 4)),
        ("2026-ж., 4-февраль", "ky", "dmy", date(2026, 2, 4)),
        ("4 Feb ’26", "en", "dmy", date(2026, 2, 4)),
        ("2026.02.05 更新 / 2026.02.04 公開", "ja", "ymd", date(2026, 2, 4)),
        ("4 thg 2, 2026", "vi", "dmy", date(2026, 2, 4)),
        ("\u200f4\u200f/2\u200f/2026", "ar", "dmy", date(2026, 2, 4)),
        ("4.fev.2026 às 18h20", "pt", "dmy", date(2026, 2, 4)),
        ("30 غشت 2026", "ar", "dmy", date(2026, 8, 30)),
        ("subota, 11. septembar 2026.", "sr", "dmy", date(2026, 9, 11)),
        ("04.02.26", "de", "dmy", date(2026, 2, 4)),
        ("04·02·26 | 18:20", "es", "dmy", date(2026, 2, 4)),
        ("26.02.04", "ko", "ymd", date(2026, 2, 4)),
        ("8. 1. 2026", "cs", "dmy", date(2026, 1, 8)),
        ("10.15.72", "en", "", None),
        ("12 people in 2020", "en", "mdy", None),
        ("Aktualisiert am 4.2.2026", "de", "dmy", None),
    ],
)
def test_finds_the_days_of_other_languages(text, language, order, day):
    """Days are found in the forms of each language; similar texts are not days."""
    found = find_moment(text, None, order, language)

    assert day == (found.day if found else None)


def test_a_date_is_parsed_in_the_other_order():
    """Only a date whose day and month can be swapped is parsed in the other order."""
    style = DateStyle(HANOI, "dmy")

    assert date(2025, 11, 1) == style.read_swapped("11/01/2025 12:43:42").day
    assert [None] * 3 == [style.read_swapped(text) for text in ("13/01/2025", "11.01.2025", "11/11/2025")]
