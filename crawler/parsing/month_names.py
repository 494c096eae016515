"""The names of the months, as news pages print them."""

from __future__ import annotations

_NAMES = """
january jan januar jänner janvier janv januari enero ene gennaio gen janeiro ocak sausio stycznia leden ledna января янв
february feb febr februar februari février févr fév febrero febbraio febbr fevereiro fev şubat lutego února февраля фев
march mar märz mär mars maart mrt marzo março mart marca března марта мар
april apr avril avr abril abr aprile nisan kwietnia dubna апреля апр
may mai mei mayo maggio mag maio mayıs maja května мая maj
june jun juni juin junio giugno giu junho haziran czerwca června июня июн
july jul juli juillet juil julio luglio lug julho temmuz lipca července июля июл
august aug août aou agosto ago ağustos augustus sierpnia srpna августа авг augusti
september sep sept septembre septiembre settembre set setembro eylül września září сентября сен
october oct oktober okt octobre octubre ottobre ott outubro out ekim października října октября окт
november nov novembre noviembre novembro kasım listopada listopadu ноября ноя
december dec dezember dez décembre déc diciembre dic dicembre dezembro aralık grudnia prosince декабря дек
"""

MONTHS = {name: number for number, line in enumerate(_NAMES.strip().splitlines(), start=1) for name in line.split()}

_ORDINALS = ("giêng một", "hai", "ba", "tư bốn", "năm", "sáu", "bảy", "tám", "chín", "mười", "", "chạp")

# Those that follow the word for month: Tháng Hai 4, 2026.
VIETNAMESE = {name: number for number, line in enumerate(_ORDINALS, start=1) for name in line.split()} | {
    "mười một": 11,
    "mười hai": 12,
}
