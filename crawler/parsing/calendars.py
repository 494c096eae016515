"""Rewrite days of other calendars, and Chinese numerals, as Gregorian days in digits.

Solar Hijri years of Iran, Buddhist years of Thailand, Japanese eras and years of the Republic of China are rewritten.
Lunar Hijri dates are not: their months begin when the moon is seen, so a computed day may be wrong by one.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_ASCII = {ord(sign): str(number) for signs in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for number, sign in enumerate(signs)}
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}  # the year before the first one of each
_ERA = re.compile(rf"(?:中華)?({'|'.join(_ERAS)})\s?(\d{{1,3}}|元)\s?年")
_SHORT_ERAS = {"R": 2018, "H": 1988, "S": 1925}  # R8.3.5 and R8/3/5 are 5 March 2026
_SHORT_ERA = re.compile(r"(?<!\w)([RHS])(\d{1,2})(?=([./])\d{1,2}\3\d{1,2}(?![\d./]))")
_TAIWAN = re.compile(r"(?<![\d.:/-])(1[0-4]\d)(?=(?:\s?年\s?\d{1,2}\s?月|([/.-])\d{1,2}\2\d{1,2}(?![\d./-])))")
_TAIWANESE = ("zh-tw", "zh-hant")
_REPUBLIC = 1911  # years by which the calendar of Taiwan is behind
_DIGITS = {sign: number for number, signs in enumerate(("〇零○", *"一二三四五六七八九")) for sign in signs}
_YEAR_IN_SIGNS = re.compile(rf"[{''.join(_DIGITS)}]{{4}}(?=年)")
_NUMBER_IN_SIGNS = re.compile(rf"[{''.join(_DIGITS)}十百廿卅]{{1,6}}(?=[年月日])")
_TENS = {"廿": "二十", "卅": "三十"}
# A Thai month before the last two digits of a Buddhist year: `5 มี.ค. 69`.
_THAI_MONTH = re.compile(r"((?:[ก-ฮ]ี?|เม|มิ)\.[คพย]\.?|คม|ยน|พันธ์)\s?(\d{2})(?![\d:.])")
_THAI_NUMBERS = re.compile(r"(?<![\d/.:-])(\d{1,2}([/.-])\d{1,2}\2)([3-7]\d)(?![\d/.-]|:\d)")  # 05-03-69
_FIRST_BUDDHIST = 36  # 2536 is 1993; a year of two digits below it is a Gregorian one
_LAST_BUDDHIST = 79
_SHORT_YEAR = re.compile(r"(?<=[\s./-])['’‘ʼ](\d{2})(?![\d'’]|\w)")  # Feb 3, '26
_SOLAR_NAMES = (
    "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
)  # fmt: skip
_AFGHAN_NAMES = ("حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت")
_SOLAR_MONTHS = {
    name: number for names in (_SOLAR_NAMES, _AFGHAN_NAMES) for number, name in enumerate(names, start=1)
} | {"امرداد": 5, "سلواغه": 11, "مرغومی": 10}
_SOLAR_DAY = re.compile(
    rf"(?<!\d)(\d{{1,2}})\s?[ ‌]?({'|'.join(_SOLAR_MONTHS)})(?:\s?ماه)?[،,]?\s(?:سال\s)?(1[34]\d\d)(?!\d)"
)
_SOLAR_NUMBERS = re.compile(r"(?<![\d/.-])(1[34]\d\d)([/-])(\d{1,2})\2(\d{1,2})(?!\d|\2)")
_SOLAR_YEARS = range(1368, 1480)  # 1989 to 2101
_LUNAR_FROM = 1410  # a year in numbers alone from this on may be a lunar one (1989), or a solar one (2031)
_EPOCH = date(1989, 3, 21)  # 1 Farvardin 1368
_LEAP = frozenset({1, 5, 9, 13, 17, 22, 26, 30})  # years of 33 with 366 days; right from 1343 to 1472
_LONG_MONTHS = 6  # months of 31 days; the others have 30
_ESFAND = 12


def in_gregorian(line: str, language: str = "") -> str:
    """Rewrite the dates of a line in other calendars; any other text stays as it is.

    Args:
        line: One line, with plain blanks.
        language: BCP 47 tag of the page; Buddhist years of two digits and bare years of Taiwan need it.
    """
    tag = language.lower().replace("_", "-")
    line = line.translate(_ASCII)
    if "年" in line:
        line = _NUMBER_IN_SIGNS.sub(_number, _YEAR_IN_SIGNS.sub(_year, line))
        line = _ERA.sub(lambda era: f"{_ERAS[era[1]] + int(era[2].replace('元', '1'))}年", line)
    line = _SHORT_ERA.sub(lambda era: str(_SHORT_ERAS[era[1]] + int(era[2])), line)
    if tag.startswith(_TAIWANESE):
        line = _TAIWAN.sub(lambda year: str(int(year[1]) + _REPUBLIC), line)
    if tag.startswith("th"):
        line = _THAI_NUMBERS.sub(_full_buddhist, line)
    line = _SHORT_YEAR.sub(lambda year: f"{'20' if year[1] < '50' else '19'}{year[1]}", line)
    line = _SOLAR_DAY.sub(lambda day: _solar(day[0], day[3], _SOLAR_MONTHS[day[2]], day[1]), line)
    line = _SOLAR_NUMBERS.sub(lambda day: _solar_numbers(day, tag), line)
    return " ".join(_THAI_MONTH.sub(r"\1 25\2", line).split())


def _year(signs: re.Match[str]) -> str:
    return "".join(str(_DIGITS[sign]) for sign in signs[0])


def _number(signs: re.Match[str]) -> str:
    """Convert a number of Chinese signs below a thousand: 十三 to 13, 一百一十五 to 115, 一一五 to 115."""
    text = signs[0]
    for sign, full in _TENS.items():
        text = text.replace(sign, full)
    if "十" not in text and "百" not in text:
        return _year(signs)
    hundreds, _, rest = text.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    value = sum(_DIGITS.get(sign, 0) for sign in ones)
    value += 10 * (_DIGITS.get(tens[-1:], 1) if ten else 0)
    return str(value + 100 * (_DIGITS.get(hundreds[-1:], 1) if "百" in text else 0))


def _full_buddhist(day: re.Match[str]) -> str:
    return f"{day[1]}25{day[3]}" if _FIRST_BUDDHIST <= int(day[3]) < _LAST_BUDDHIST else day[0]


def _solar_numbers(day: re.Match[str], tag: str) -> str:
    if int(day[1]) >= _LUNAR_FROM and not tag.startswith(("fa", "ps")):
        return day[0]
    return _solar(day[0], day[1], int(day[3]), day[4])


def _solar(text: str, year: str, month: int, day: str) -> str:
    """Return a day of the Solar Hijri calendar in ISO form, or the text itself if there is no such day."""
    whole = int(year)
    longest = 31 if month <= _LONG_MONTHS else 30 if month < _ESFAND or whole % 33 in _LEAP else 29
    if whole not in _SOLAR_YEARS or not 1 <= month <= _ESFAND or not 1 <= int(day) <= longest:
        return text
    years = sum(365 + (past % 33 in _LEAP) for past in range(_SOLAR_YEARS.start, whole))
    months = 31 * (month - 1) - max(0, month - 1 - _LONG_MONTHS)
    return (_EPOCH + timedelta(days=years + months + int(day) - 1)).isoformat()
