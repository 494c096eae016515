"""The words before the names of authors, in metadata, in print and in signatures."""

from __future__ import annotations

_THING = r"(?:tin|bài|ảnh|clip|video|nội dung)"
_WORK = (  # `Bài và ảnh`, `Tin, ảnh`, `Tin/bài`; a photograph alone has no author of the text
    rf"(?=[^:]{{0,20}}(?:tin|bài|nội dung)\b){_THING}(?:(?:\s?[,/&+–-]\s?|\s(?:và\s)?){_THING}){{0,3}}"
)
_PERSON = (
    r"tác giả|người (?:viết|đăng|thực hiện)|thực hiện|bài viết|nhóm (?:phóng viên|pv)|phóng viên|cộng tác viên|"
    r"pv|ctv|btv|biên tập|biên dịch|lược dịch|dịch|tổng hợp"
)
# What a Vietnamese byline begins with; a colon follows, or a blank where the place says that it is a byline.
VIETNAMESE = rf"(?:{_PERSON}|{_WORK})"
# Before a name with a capital, without a colon.
_VERB = (
    r"(?:(?:story|text|words|written|reported|reporting|posted|published|submitted|publicado|enviado|submetido|escrito|"
    r"propos recueillis|recueillis?|"
    r"texte?|écrit|rédigé|soumis|scritto|geschrieben|verfasst|erstellt|gespeichert|ingediend)\s+)?"
)
_GERMAN = r"von\sunser(?:em|er)\s[^\W\d]{4,25}|ein(?:e|en)?\s[^\W\d]{4,25}\svon|aus\s[^\W\d]{2,20}\sberichte(?:t|n)"
BEFORE = (
    rf"{_VERB}(?:by\s+by|by|{_GERMAN}|von|par|por|di|door|av|af|oleh|bởi)|"
    r"a cura di|oprac(?:owanie|ował|owała)?|onze (?:redacteur|verslaggever|correspondent)|"
    r"scris de|inviato da|írta|piše|napisa(?:o|la)|napsala?|γράφ(?:ει|ουν) (?:ο|η|οι)|από τ(?:ον|ην|ους)"
)
# The same in one language, because elsewhere they are common words or names: `Per Anders Madsen`, `De Vries`.
LOCAL_BEFORE = {
    "ca": "per",
    "ro": "de",
    "el": "του|της|των",
    "tl": "ni|nina",
    "fil": "ni|nina",
    "sq": "nga",
    "bg": "от",
}
# Before a colon, in scripts with capitals.
LABELS = (
    r"autor(?:in|es|a|i)?|auteur|authors?|autore|autorzy|szerző|penulis|reporter|wartawan|haber|yazar|kirjoittaja|"
    r"teksti?|text|texte|texto|testo|teksti?|forfatter|skribent|journalist|автори?|авторы|текст|журналист|аўтар|"
    r"συντάκτης|κείμενο|επιμέλεια|ρεπορτάζ|muhabir|yazan"
)
# In scripts without capitals: with a colon, and without one.
CASELESS_LABELS = (
    r"كتبت?|الكاتب|تحرير|נכתב על ידי|כתב|כתבה|نویسنده|خبرنگار|گزارش|ผู้เขียน|เขียนโดย|เรื่อง|लेखक|লেখক|লেখা|প্রতিবেদন|தொகுப்பு"
)
CASELESS_BEFORE = r"بقلم|מאת|โดย|द्वारा"
# Names of East Asia, with the word for a journalist before or behind them.
EAST_ASIAN = (
    r"(?<!\w)(?:(?:取材・文|執筆|作者|撰文|文)\s?[・:：/／|｜]\s?|(?:(?:本报|本网|本台|新华社|见习)?记者|記者)[\s・:：/／|｜]\s?)[\u3400-\u9fff]{2,4}"
    r"(?:[\s、][\u3400-\u9fff]{2,4}){0,3}(?![\u3040-\u9fff·：:])|"
    r"(?<!\w)(?:记者|記者)[\u3400-\u9fff]{2,3}(?=[／/|｜])|"
    r"(?<!\w)(?!인턴|시민|본지|전문|선임|객원|수습|[가-힣]{1,3}부\s?기자)[가-힣]{2,4}\s?(?:기자|특파원)(?!\w)"
)
# What is not the text's author: photographs, editing; the words stand before a colon or before "by".
OTHER_WORK = (
    r"ảnh|video|clip|đồ họa|photo(?:s|graphs?|graphy)?|pictures?|fotos?|fotó|bild(?:er)?|kuvat?|zdjęcia|фото|"
    r"illustrations?|graphics?|grafik|editor|redaktor|redaktur|penyunting|editing|"
    r"(?:责任)?编辑|責任編輯|编审|摄影|写真|撮影|사진|来源|來源"
)
