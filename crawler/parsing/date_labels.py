"""Recognise the words that say whether a printed day is that of a later change."""

from __future__ import annotations

import re

# Words for publication, before the day.
PUBLISHED = """
published|posted|veröffentlicht|publiziert|erstellt|erschienen|datum|publié|mis en ligne|publicado|publicada|publicat|
pubblicato|gepubliceerd|geplaatst|publicerad|publisert|publiceret|julkaistu|opublikowano|data publikacji|
publikováno|publikované|közzétéve|megjelent|objavljeno|објављено|публикувана|δημοσιεύθηκε|δημοσίευση|paskelbta|publicēts|avaldatud|
опубликовано|опубликована|дата публикации|опубліковано|yayın(?:lanma)?(?: tarihi)?|giriş(?: tarihi)?|oluşturulma|
diterbitkan|dipublikasikan|
ngày đăng|đăng ngày|đăng lúc|xuất bản|פורסם|تاریخ انتشار|نُ?شرت?|شائع|প্রকাশিত|প্রকাশ|प्रकाशित|வெளியிடப்பட்டது
""".replace("\n", "")
PUBLISHED_SIGNS = "公開日?|投稿日|掲載日|配信|発行日|発表日|发布时间|发布于|发表于|發佈|發布|등록|입력|게재|เผยแพร่"
CHANGED = """
cập nhật|chỉnh sửa|sửa đổi|updated?|modified|edited|revised|aktualisiert|geändert|bearbeitet|mis(?:e)? à jour|modifié|
actualizad[oa]|actualitza(?:t|da)|atualizad[oa]|actualizat[ăe]?|aggiornat[oa]|bijgewerkt|gewijzigd|
обновл?ен[оа]?|изменен[оа]?|оновлено|абноўлена|ажурирано|актуализиран[ао]?|zaktualizowan[oey]?|aktualizacja|
aktualizován[oaé]?|aktualizovan[éoá]|ažurirano|izmijenjeno|posodobljeno|frissít(?:ve|és)|módosítva|
uppdaterad|ändrad|oppdatert|endret|opdateret|päivitetty|muokattu|uuendatud|muudetud|atnaujinta|atjaunots|
ενημερώθηκε|ενημέρωση|τροποποιήθηκε|diperbarui|dikemaskini|güncelle(?:me|nme|ndi)|yenilən(?:ib|mə)|eguneratua|
përditësuar|uppfært|na-update|imesasishwa|nuashonraithe|diweddarwyd
""".replace("\n", "")
_CHANGED_SIGNS = (
    "最終更新|更新日?|更新时间|更新時間|修改|最終修正|최종\\s?수정|수정|업데이트|แก้ไข|อัปเดต|อัพเดต|ปรับปรุง|ອັບເດດ|"
    "עודכן|עדכון|تحديث|حُدّثت?|به.?روز ?رسانی|آخرین تغییر|ویرایش|اپ ?ڈیٹ|"
    "আপডেট|হালনাগাদ|अपडेट|अद्यतन|संशोधित|புதுப்பிக்க|అప్‌?డేట్|പുതുക്കി|ನವೀಕರಿಸ|અપડેટ|ਅੱਪਡੇਟ|යාවත්කාලීන|განახლ|Թարմացվ|ធ្វើបច្ចុប្បន្ន"
)
_BEFORE = re.compile(
    rf"(?P<changed>\b(?:{CHANGED})|{_CHANGED_SIGNS})|"
    rf"\b(?:{PUBLISHED})|{PUBLISHED_SIGNS}",
    re.IGNORECASE,
)
_NEAR = 40  # characters between a word and its day; none of them is a digit
# In East Asian scripts the word may be behind the day; elsewhere it is in brackets there.
_BEHIND = re.compile(
    r"^[\s\d:.時时分点]{0,12}(?:(?:最終)?更新|修改|수정|업데이트)(?:日|됨)?\s?(?=$|[)\]）/|,;・。、])|"
    r"^[\s\d:.apm]{0,12}last[\s-]?updated?\s?$|"
    rf"^[\s\d:.apm]{{0,12}}[(\[（]\s?(?:{CHANGED})\s?[)\]）]",
    re.IGNORECASE,
)


def is_of_change(before: str, behind: str) -> bool:
    """Return whether the words around a day say that it is the day of a change.

    Args:
        before: The line up to the day.
        behind: The line from the end of the day.
    """
    if _BEHIND.match(behind):
        return True
    *earlier, near = re.split(r"\d", before[-2 * _NEAR :])
    if earlier and _BEHIND.match(near):  # the word belongs to the day before it
        return False
    words = list(_BEFORE.finditer(near))
    return bool(words) and words[-1]["changed"] is not None and len(near) - words[-1].end() <= _NEAR
