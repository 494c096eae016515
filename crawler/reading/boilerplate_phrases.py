"""Recognise the phrases that many outlets put between and after their paragraphs."""

from __future__ import annotations

import re

_LONGEST = 160  # characters; a longer paragraph has content of its own
_LONGEST_NOTICE = 450  # characters of a notice in place of an embedded video or post
_LINES = r"""
(?:mời )?(?:quý )?(?:bạn đọc |độc giả |quý vị )?(?:hãy )?theo dõi\b.*\b(?:google|zalo|facebook|youtube|tiktok).*
(?:kính )?mời (?:quý )?(?:bạn đọc|độc giả|quý vị) (?:xem|đón đọc|đón xem|theo dõi|tải|gửi)\b.*
tải (?:ngay )?(?:ứng dụng|app)\b.*
(?:xem|đọc|tin) (?:thêm|tiếp|liên quan)\b\s*(?::.*)?
>{2,}.*
(?:từ khóa|chủ đề|tags?|bình luận|chia sẻ|quảng cáo|copy link|in bài)\s*:?
advertise?ment|advertising|anzeige|werbung|publicité|publicidad|pubblicità|reklama?|reklame|annonse?|annons|annonce
(?:read|see|watch|listen) (?:more|also|next|now)\b\s*(?::.*)?
also read\s*(?:[:|].*)?|(?:bạn đọc|độc giả)\b.{0,30}\b(?:đọc|xem) (?:lại|thêm)\b.*:.*
(?:related(?: (?:stories|articles?|news|topics|coverage))?|more on this(?: story)?)\s*(?::.*)?
(?:you may (?:also )?like|recommended(?: stories)?)\s*(?::.*)?
(?:lesen sie auch|mehr zum thema|lees ook|les også|läs (?:också|mer|även)|læs også|lue myös)\s*(?::.*)?
(?:(?:à )?lire aussi|lea también|leer también|le(?:e|er) más|leia (?:também|mais)|leggi anche)\s*(?::.*)?
(?:czytaj|zobacz|przeczytaj) (?:też|także|również|więcej)\s*(?::.*)?
(?:関連記事|相关阅读|相關新聞|관련\s?기사|اقرأ (?:أيضا|أيضًا))\s*[:：].*|【関連(?:記事|ニュース)】.*
(?:อ่าน|ดู)(?:ข่าว|เพิ่มเติม|ที่เกี่ยวข้อง|ต่อ){1,2}\s*[:：].*|.{0,20}(?:请|請)?(?:关注|關注).{0,12}(?:公众号|公眾號|微博).{0,10}
.{0,80}(?:詳しく|登録|購読)はこちら
(?:подписывайтесь|подпишитесь|підписуйтесь) на\b.*|اشترك في\b.{0,20}\b(?:نشرتنا|قناتنا).*
(?:ayrıca okuyun|ilgili haber|cite(?:ș|ş)te și|olvassa? el (?:ezt )?is|pročitaj(?:te)? (?:i|još))\s*(?::.*)?
(?:вижте (?:още|също)|بیشتر بخوانید|همچنین بخوانید|یہ بھی پڑھیں|(?:यह|ये) भी पढ़ें|আর(?:ও|ো) পড়ুন)\s*(?:[:：].*)?
(?:baca|simak) juga\s*(?::.*)?|čtěte (?:také|i)\s*(?::.*)?|читайте (?:также|також|ещё|еще)\s*(?::.*)?
(?:sign up|subscribe|register)\b.*\b(?:newsletters?|mailing list|inbox)\b.*
get\b.*\b(?:delivered|sent|straight|emailed|direct)\b.*\b(?:inbox|each day|every day|every week)\b.*
get (?:the |our |all )?(?:latest|top|breaking|best)\b.*\b(?:inbox|newsletters?|alerts)\b.*
(?:have|got) (?:a |an |any )?(?:news |story )?(?:tips?|questions?|ideas?)\b.{0,40}\?.*@.*
(?:write|e-?mail|contact|reach)(?: to| out to)? .{3,60} at \S+@\S+
.{3,60} (?:may|can) be (?:reached|contacted|e-?mailed) (?:at|via|on|by)\b.{0,12}\s\S+@\S+.*
(?:did you )?(?:like|liked|enjoy|enjoyed|love|loved) this (?:story|article|post|piece)\?.*
(?:this )?(?:article|story) has been (?:sent|shared|e-?mailed) to\b.{0,60}
an error (?:has )?occurred\W{1,3}(?:please )?(?:try|reload)\b.{0,40}
hat (?:ihnen|dir) (?:dieser|der) (?:artikel|beitrag|text) gefallen\?.*
(?:vous avez aimé|avez-vous aimé) cet article\b.*
(?:te ha gustado|te gustó) (?:este|esta) (?:artículo|noticia)\b.*|ti è piaciuto (?:questo|l.)\s?articolo\b.*
(?:jetzt )?(?:abonnier(?:e|en sie)|melde dich|melden sie sich)\b.*\bnewsletter\b.*|zum newsletter anmelden
(?:abonnez|inscrivez)-vous\b.*\b(?:newsletter|infolettre|lettre d.information)\b.*|recevez\b.*\bnewsletter\b.*
(?:suscríbete|suscríbase|apúntate|recibe)\b.*\b(?:newsletter|boletín)\b.*|(?:iscriviti|abbonati)\b.*\bnewsletter\b.*
(?:assine|inscreva-se|receba|cadastre-se)\b.*\bnewsletter\b.*|(?:schrijf|meld) (?:je|u)\b.*\bnieuwsbrief\b.*
zapisz się\b.*\bnewsletter.*|(?:prenumerera|anmäl dig|meld deg|tilmeld dig)\b.*\bnyhe[td]sbre.*
(?:click|tap) here to (?:subscribe|sign up|join|read)\b.*
(?:follow|like) us on\b.*|folg(?:e|en sie) uns (?:auf|bei)\b.*
suivez-nous (?:sur|aussi)\b.*|síguenos en\b.*|seguici su\b.*
(?:this )?(?:article|story) continues (?:below|after)\b.*
advertisement\W+(?:scroll|continue|story)\b.*|scroll to continue (?:with|reading).*
share this(?: \w+)?|leave a (?:comment|reply)|comments?\s*\(\d+\)?
(?:share|teilen|partager|compartir|compartilhar|condividi|udostępnij|поделиться)(?: mit| sur| on| via)?\s*:?
(?:click|klick|klicken)\b.*\((?:opens in new window|wird in neuem fenster geöffnet)
gefällt mir:?(?: wird geladen\W*)?|like(?: this)?:? loading\W*
loading(?: (?:comments|content|playlists|weather data))?\W*
(?:show|hide|toggle) caption|embed\W+more videos|what.s your reaction\b.*
(?:druckansicht|druckversion|drucken|print|imprimer|imprimir|stampa)(?:\s*[|·/•]\s*.*)?
(?:deel (?:dit )?(?:artikel|bericht)|comparte (?:este artículo|esta noticia)|partage[rz] (?:cet |l')article)\s*:?
(?:artikel|beitrag|seite) (?:drucken|versenden|teilen|empfehlen|merken|bewerten)\b.*
permalink\b.{0,80}|trackback(?:s| url| link)?\b.{0,100}|(?:keine|no) (?:kommentare|comments|trackbacks)
(?:nach oben|zurück|back to top|zum seitenanfang|haut de page|(?:zurück )?zur (?:übersicht|startseite))
(?:war|was) (?:diese[rs]?|this) (?:seite|artikel|beitrag|page|article|story|post) (?:hilfreich|helpful|useful)\W*
(?:please |you must )?(?:be )?(?:log|logged|sign|signed) ?in (?:or \w+ )?to (?:post|leave|add|write|comment)\b.*
your e-?mail\b.*\bnot be published\b.*|(?:deine|ihre) e-?mail.*\bnicht veröffentlicht\b.*
votre adresse\b.*\bne sera pas publiée\b.*|tu dirección\b.*\bno será publicada\b.*
il tuo indirizzo\b.*\bnon sarà pubblicato\b.*
o seu endereço\b.*\bnão será publicado\b.*|twój adres\b.*\bnie zostanie opublikowany\b.*
(?:sie müssen|du musst|um|zum|bitte)\b.*\bkomment.*\b(?:anmelden|einloggen|angemeldet|eingeloggt)\b.*
(?:sie müssen|du musst|bitte)\b.*\b(?:anmelden|einloggen|angemeldet|eingeloggt)\b.*\bkomment.*
comments (?:are|have been) (?:now )?(?:closed|off|disabled|turned off)\b.*|les commentaires sont (?:fermés|clos)\b.*
kommentar(?:e|funktion) (?:sind|ist|wurden?)\b.*\b(?:geschlossen|deaktiviert)\b.*
(?:please )?(?:enable|activate|turn on) javascript\b.*|bitte aktivier(?:e|en sie) javascript\b.*
javascript (?:is|ist) (?:disabled|deaktiviert|not enabled|required)\b.*
this content can also be viewed on the site it originates from
(?:read(?:ing)? time|thời gian đọc|lesezeit|leestijd)\b\D{0,6}\d+.{0,10}
(?:tempo d[ie] (?:lettura|leitura)|temps de lecture|tiempo de lectura)\b\D{0,6}\d+.{0,10}
\d+\W?(?:min(?:ut(?:en?|es))?\.?|phút) (?:read(?:ing time)?|đọc|lesezeit|leestijd|lesetid)
\d+ min(?:ut(?:es|i|os))?\.? (?:d[ei] )?(?:lectura|lecture|leitura|lettura)
this is a (?:breaking|developing) .{0,20}story\b.*
(?:この|続きの)記事は.{0,20}(?:会員|有料).*
有料会員になると.*
残り\s?[\d,]+\s?文字.*
"""
# Notices that stand for a video or a post which loads only with the reader's consent.
_NOTICES = r"""
(?:empfohlener )?(?:externer|redaktioneller)(?: redaktioneller)? inhalt\b.*
an dieser stelle (?:finden|findest|findet|steht|stehen|befindet|würden?)\b.*\binhalte?\b.*
(?:hiermit )?(?:bin ich|ich bin)(?: damit)? einverstanden, dass\b.*
(?:damit|dadurch|dabei) (?:können|werden) (?:auch )?personenbezogene daten\b.*\b(?:dritt|übermittelt).*
(?:mit dem (?:laden|klick|abspielen|aktivieren)|durch (?:das )?(?:klicken|laden|aktivieren))\b.*\bdatenschutz.*
(?:klicken sie|klicke|klick) (?:auf|hier|unten)\b.*\b(?:inhalte?|video|karte|tweet|beitrag)\b.*\b(?:laden|anzeigen)\b.*
(?:klicken sie|klicke) (?:auf|hier|unten)\b.*\b(?:inhalte?|video|karte|tweet|beitrag)\b.*\banzu(?:zeigen|sehen)\b.*
(?:um|zum) (?:diesen |dieses |den |das )?(?:inhalt|video|tweet|karte)\b.*\b(?:cookies|zustimm|einwillig|akzeptier).*
wir (?:würden|brauchen|benötigen)\b.*\b(?:newsletter|inhalte?|video|karte|umfrage)\b.*\b(?:zustimmung|einwilligung)\b.*
link zum \S+-inhalt|(?:video|inhalt|karte) (?:laden|entsperren)
(?:this|the) (?:content|video|article contains content|post|embed)\b.*\b(?:cookies|your (?:consent|permission))\b.*
(?:to (?:view|see|watch) this|allow) (?:content|video|post|tweet|\w+ content)\b.*(?:cookies|consent|accept|allow|\?).*
(?:ce contenu|cette vidéo|pour (?:voir|afficher|consulter|lire|visualiser) (?:ce|cette))\b.*\b(?:cookies|traceurs)\b.*
(?:este contenido|para ver este|este conteúdo|questo contenuto|per (?:visualizzare|vedere) questo)\b.*\bcookies?\b.*
(?:deze inhoud|om deze (?:inhoud|content|video))\b.*\bcookies\b.*
"""
_COMMENTS_HEADINGS = r"""
(?:\d+ )?(?:all |user |reader )?comments?
(?:leave|post|write|add) (?:a|your) (?:comment|reply)|what do you think|join the (?:conversation|discussion)
(?:schreib|hinterlass)(?:en sie|e?) (?:einen |deinen |ihren )?kommentar|kommentar (?:schreiben|hinterlassen|verfassen)
diskutieren sie mit|(?:vos )?réactions|(?:laisse[rz]|ajoute[rz]) un commentaire|deja (?:un comentario|una respuesta)
lascia un commento|deixe (?:um|seu|o seu) comentário|(?:dodaj|napisz) komentarz|přidat komentář|yorum (?:yap|yaz)(?:ın)?
(?:добавить|оставить|написать) комментарий|(?:додати|залишити) коментар|reageer|(?:plaats|geef) een reactie
(?:viết )?bình luận bài viết|gửi (?:ý kiến|bình luận)(?: của bạn)?
bình luận|ý kiến(?: của)?(?: bạn(?: đọc)?| độc giả)?|phản hồi
(?:\d+ )?(?:leser|nutzer|user)?-?(?:kommentare?|meinungen)
\d+ (?:gedanken|antworten|thoughts|responses) (?:zu|on|to)\b.*
(?:\d+ )?(?:commentaires?|комментари[иейя]+|коментар[іия]+)|تعليقات|التعليقات
(?:\d+ )?(?:comentarios?|comentários?|comentaris|comentarii|commenti|komentarz[ey]|reacties|kommentarer|kommentit)
komentáře|komentáre|diskuze|diskuse|diskusia|komentari|komentar|hozzászólások|коментари|σχόλια|yorum(?:lar)?|komentarai
コメント|(?:网友)?评论|評論|댓글|ความคิดเห็น|תגובות|نظرات|دیدگاه(?:‌?ها)?|टिप्पणियां|মন্তব্য
"""
_RELATED_HEADINGS = r"""
(?:tin|bài|bài viết) (?:liên quan|khác|cùng chuyên mục|mới nhất|đọc nhiều)|có thể bạn quan tâm|đọc (?:thêm|nhiều)
xem thêm
(?:related|more|top|latest|recent|other|popular|recommended|our latest|partner) (?:stories|articles?|posts?)
(?:related|more|top|latest|recent|other|popular|partner) (?:news|coverage|headlines)
related|most (?:read|popular|viewed)|trending(?: now)?|recommended for you|(?:read|see) (?:also|more|next)
you (?:may|might) (?:also )?(?:like|be interested in)
mehr zum thema|themenverwandte (?:artikel|beiträge)|auch interessant|meistgelesen
(?:weitere|ähnliche|verwandte|neueste|aktuelle|andere|mehr) (?:artikel|meldungen|nachrichten|themen|beiträge|news)
das könnte (?:dich|sie|dir|euch|ihnen)(?: auch)? (?:interessieren|gefallen)
(?:à lire|lire|voir) (?:aussi|également)|sur le même (?:sujet|thème)|dans la même (?:rubrique|catégorie)
articles? (?:liés|similaires|connexes|récents)
(?:noticias|artículos|temas|notas|entradas) relacionad[ao]s|(?:también )?te puede interesar|más noticias
(?:lee|ver|lea|leer) también|lo más (?:leído|visto)
(?:notícias|matérias|posts) relacionad[ao]s|(?:leia|veja) (?:também|mais)|mais lidas|você (?:também )?pode gostar
(?:articoli|notizie) correlat[ie]|(?:leggi|vedi) anche|(?:ti )?potrebbe(?:ro)? (?:anche )?interessar(?:ti|e)(?: anche)?
(?:czytaj|zobacz|przeczytaj) (?:też|także|również|więcej)|(?:powiązane|podobne|polecane) (?:artykuły|tematy|wpisy)
polecamy
lees (?:ook|meer|verder)|(?:gerelateerde?|meer) (?:artikelen|berichten|nieuws)|ook interessant
(?:läs|les|læs) (?:mer|mere|också|også)|(?:relaterade|relaterte|relaterede) (?:artiklar|artikler|saker)|lue myös
(?:čtěte|přečtěte si)(?: také| i)?|související (?:články|témata)|mohlo by vás zajímat
читайте (?:также|також|ещё|еще)|(?:похожие|другие|последние) (?:статьи|материалы|новости)
(?:материалы )?по теме|схожі новини
(?:ilgili|diğer) haberler|(?:baca|simak) juga|(?:berita|artikel) (?:terkait|lainnya)|ข่าวที่เกี่ยวข้อง|อ่านเพิ่มเติม
اقرأ (?:أيضا|أيضًا|المزيد)|(?:مواضيع|أخبار|موضوعات|مقالات) (?:ذات صلة|متعلقة)|(?:مطالب|اخبار) مرتبط
קראו גם|כתבות נוספות|διαβάστε (?:επίσης|ακόμη)|σχετικά (?:άρθρα|νέα)
cite(?:ș|ş)te și|citi(?:ți|ţi|te) și|articole similare|kapcsolódó cikkek|olvassa? el (?:ezt )?is
(?:ayrıca )?(?:okuyun|bunlar da ilginizi çekebilir)|ilgili haber|pročitaj(?:te)?(?: i| još)?
(?:прочетете|вижте) (?:още|също)|بیشتر بخوانید|همچنین بخوانید|یہ بھی پڑھیں|مزید پڑھیں
(?:यह|ये) भी पढ़ें|আর(?:ও|ো) পড়ুন|čítajte (?:aj|tiež)
関連(?:記事|ニュース|エントリ)|相关(?:阅读|新闻|文章)|相關(?:新聞|文章)|관련\s?(?:기사|뉴스)
"""
_RESERVED = r"""
(?:.*\W)?(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados)\W*
(?:.*\W)?(?:tutti i diritti riservati|todos os direitos reservados|alle rechten voorbehouden|все права защищены)\W*
(?:.*\W)?(?:riproduzione riservata|無断転載.{0,20}|版权所有.{0,30}|未经.{0,10}不得转载.{0,20})\W*
"""
_FOOTERS = r"""
(?:©|\(c\)|copyright\b|all rights reserved|bản quyền (?:thuộc|của)|giấy phép (?:số|hoạt động)).*
.*(?:\btel|\bphone|\bfax|\bfone|hotline|điện thoại|đường dây nóng|\bđt)\s*[.:]\s*[+(]?\d.*
"""
# Lines of a blog's system before and after an entry: category, tags, author and time.
_ENTRY_LINES = r"""
(?:dieser|der) (?:beitrag|artikel|eintrag) wurde\b.*\b(?:veröffentlicht|abgelegt|geschrieben|gepostet|erstellt)\b.*
this (?:entry|post|article) (?:was (?:posted|written|published)|is filed)\b.*
(?:posted|filed|published|tagged|categori[sz]ed)(?: (?:in|under|by|on|with|as|at))\b[^.!?]*
(?:eingestellt|verfasst|geschrieben|veröffentlicht|gepostet|abgelegt) (?:von|am|in|unter|um)\b[^!?]*
(?:publié|publicado|pubblicato|geplaatst) (?:dans|le|par|en|por|em|in|da|il|op|door)\b[^.!?]*
(?:labels?|tags?|kategorien?|categor(?:y|ies|ías?|ie)|catégories?|rubrik(?:en)?|ressort|topics?|keywords)\s*:.*
(?:stichw|schlagw|schlüsselw)(?:orte|örter)\s*:.*
(?:mots-clés|etiquetas|marcadores|trefwoorden|từ khóa|chuyên mục)\s*:.*
diesen (?:post|beitrag|artikel) (?:per|teilen|drucken|weiter)\b.*
(?:abonnieren|subscribe to|suscribirse a|s'abonner à|iscriviti a|assinar)\b.*\(atom\)
(?:zuletzt|last) (?:geändert|aktualisiert|bearbeitet|updated|modified|edited|changed)\b[^.!?]*.{0,30}
(?:newer|older|next|previous) (?:post|article|story|entry)\b.*
(?:neuerer|älterer|nächster|vorheriger) (?:post|beitrag|artikel|eintrag)\b.*
"""


def _pattern(lines: str, *, closing: str = "") -> re.Pattern[str]:
    """Compile patterns of lower-case letters, one or more per line."""
    alternatives = "|".join(line for line in lines.split("\n") if line)
    return re.compile(f"(?:{alternatives}){closing}")


_PHRASE = _pattern(_LINES)
_NOTICE = _pattern(_NOTICES)
_COMMENTS_HEADING = _pattern(_COMMENTS_HEADINGS, closing=r"\s*(?:\(?\d+\)?|\W)*")
_RELATED_HEADING = _pattern(_RELATED_HEADINGS)
_FOOTER = _pattern(_FOOTERS)
_RIGHTS = _pattern(_RESERVED)
_ENTRY_LINE = _pattern(_ENTRY_LINES)


def is_boilerplate_phrase(text: str) -> bool:
    """Return whether a whole paragraph is boilerplate: `Theo dõi Báo …`, `Xem thêm: …`, `Advertisement`."""
    if len(text) > _LONGEST_NOTICE:
        return False
    line = _folded(text).strip(" .-–|[]()!")
    return (len(text) <= _LONGEST and _PHRASE.fullmatch(line) is not None) or _NOTICE.fullmatch(line) is not None


def is_comments_heading(text: str) -> bool:
    """Return whether a line is the heading of readers' comments: `Bình luận (3)`, `12 Comments`."""
    return _COMMENTS_HEADING.fullmatch(_without_ornaments(text)) is not None


def is_related_heading(text: str) -> bool:
    """Return whether a line is the heading of other articles: `Tin liên quan`, `Top stories`."""
    return _RELATED_HEADING.fullmatch(_without_ornaments(text)) is not None


def is_footer(text: str) -> bool:
    """Return whether a line is typical of a page footer: copyright, licence, telephone."""
    return len(text) <= _LONGEST and _FOOTER.fullmatch(_folded(text)) is not None


def reserves_rights(text: str) -> bool:
    """Return whether a line ends by reserving all rights: `© 2014 Hafenblatt. All rights reserved`."""
    return len(text) <= _LONGEST and _RIGHTS.fullmatch(_folded(text)) is not None


def is_entry_line(text: str) -> bool:
    """Return whether a line is that of a blog's system around an entry: `Labels: …`, `Posted in … by …`."""
    return len(text) <= _LONGEST_NOTICE and _ENTRY_LINE.fullmatch(_folded(text).strip(" |·•-–")) is not None


def _folded(text: str) -> str:
    return " ".join(text.lower().split())


def _without_ornaments(text: str) -> str:
    return _folded(text).strip(" .-–|[]!?:>»…")
