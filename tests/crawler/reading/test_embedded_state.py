"""Reading an article from a page's scripts, with its headline, day and authors."""

import json

import pytest
from unknown import MENU, TEXT, TITLE, read

BODY = "".join(f"<p>{line}</p>" for line in TEXT)
PIECES = [{"type": "paragraph", "text": line} for line in TEXT]
ARTICLE = {"title": TITLE, "publishedAt": "2026-02-04T18:30:00+07:00", "authors": [{"name": "Thu Lan"}]}


def as_script(value):
    """Write a value as JSON that may be inside a script."""
    return json.dumps(value).replace("</", "<\\/")


def flight(*rows):
    """Write rows of a flight stream as Next.js does, split in two."""
    stream = "\n".join(rows)
    cut = len(stream) // 2
    parts = stream[:cut], stream[cut:]
    return "".join(f"<script>self.__next_f.push({as_script([1, part])})</script>" for part in parts)


def devalued(value):
    """Write a value as devalue does: a list of all values, whose objects and lists contain indexes into it."""
    values = []

    def place(item):
        at = len(values)
        values.append(None)
        if isinstance(item, dict):
            values[at] = {key: place(child) for key, child in item.items()}
        elif isinstance(item, list):
            values[at] = [place(child) for child in item]
        else:
            values[at] = item
        return at

    place(value)
    return values


ELEMENTS = [["$", "p", None, {"children": [line[:20], ["$", "b", None, {"children": line[20:]}]]}] for line in TEXT]
NUXT = (
    'window.__NUXT__=(function(a,b){return {data:[{post:{title:a,published_at:b,authors:[{name:"Thu Lan"}],body:%s}}]}}'
    '(%s,"2026-02-04T18:30:00+07:00"));'
)


def json_script(name, value):
    """Write a script of data."""
    return f"<script type=application/json id={name}>{as_script(value)}</script>"


SPANS = [[{"text": line[:20]}, {"type": "link", "children": [{"text": line[20:]}]}] for line in TEXT]
VALUES = [[{"nodeType": "text", "value": line}] for line in TEXT]

SHIPPED = {
    "Next.js": json_script("__NEXT_DATA__", {"p": {**ARTICLE, "content": PIECES}}),
    "flight rows with markup": flight(
        '1:"$Sreact.fragment"', "2:" + json.dumps(["$", "main", None, {"a": {**ARTICLE, "html": BODY}}])
    ),
    "flight rows with a text of its own": flight(
        f"1:T{len(BODY.encode()):x},{BODY}2:" + json.dumps(["$", "h1", None, {"post": {**ARTICLE, "html": "$1"}}])
    ),
    "flight rows with elements": flight("2:" + json.dumps({**ARTICLE, "children": ELEMENTS})),
    "Nuxt 2": f"<script>{NUXT % (as_script(BODY), as_script(TITLE))}</script>",
    "Nuxt 3": json_script("__NUXT_DATA__", devalued({"post": {**ARTICLE, "body": BODY}})),
    "blocks with spans": json_script(
        "__NEXT_DATA__", {**ARTICLE, "body": [{"_type": "block", "children": spans} for spans in SPANS]}
    ),
    "rich text in a document": json_script(
        "__NEXT_DATA__", {**ARTICLE, "a": {"content": [{"nodeType": "paragraph", "content": text} for text in VALUES]}}
    ),
    "blocks of WordPress": json_script(
        "__NEXT_DATA__",
        {**ARTICLE, "blocks": [{"name": "core/paragraph", "attributes": {"content": line}} for line in TEXT]},
    ),
    "a text that the browser parses": (
        f"<script>window.S = JSON.parse({as_script(json.dumps({**ARTICLE, 'body': BODY}))});</script>"
    ),
    "authors by the name that is shown": json_script(
        "__NEXT_DATA__", {**ARTICLE, "authors": [{"displayName": "Thu Lan"}], "body": BODY}
    ),
    "flight rows that refer to later rows": flight(
        "2:" + json.dumps(["$", "$La", None, {"article": "$8"}]),
        "8:" + json.dumps({**ARTICLE, "content": "$9", "authors": "$b", "publishedAt": "$D2026-02-04T11:30:00.000Z"}),
        "9:" + json.dumps(PIECES),
        "b:" + json.dumps([{"name": "Thu Lan"}]),
    ),
    "flight rows with parts of rows": flight(
        "2:" + json.dumps({**ARTICLE, "content": "$9:props:children"}),
        "9:" + json.dumps(["$", "div", None, {"children": ELEMENTS}]),
    ),
    "a second statement of Nuxt": (
        f"<script>window.__NUXT__={{}};window.__NUXT__.state={as_script({**ARTICLE, 'body': BODY})}</script>"
    ),
    "a block of statements": (
        f"<script>{{ __sveltekit_1 = {{}}; const data = [null, {as_script({**ARTICLE, 'body': BODY})}]; }}</script>"
    ),
    "statements of several lines": (
        f"<script>var a = 1;\nwindow['DATA'] = {as_script({'b': 'window.c = {}'})};"
        f"\nself.__STATE__ = {as_script({**ARTICLE, 'body': BODY})};</script>"
    ),
    "an epoch in seconds": json_script("__NEXT_DATA__", {**ARTICLE, "publishedAt": 1770204600, "content": PIECES}),
    "an epoch in milliseconds": json_script(
        "__NEXT_DATA__", {**ARTICLE, "publishedAt": {"seconds": 1770204600}, "content": PIECES}
    ),
    "keys of another style": json_script(
        "__NEXT_DATA__",
        {"title": TITLE, "first_published_at": ARTICLE["publishedAt"], "created_at": "2026-01-01", "content": PIECES}
        | {"contributors": [{"first_name": "Thu", "last_name": "Lan"}, {"name": "Minh", "role": "photographer"}]},
    ),
    "authors of a graph": json_script(
        "__NEXT_DATA__", {**ARTICLE, "authors": {"edges": [{"node": {"name": "Thu Lan"}}]}, "content": PIECES}
    ),
    "Arc": (
        "<script type=application/javascript>window.Fusion=window.Fusion||{};Fusion.arcSite='tin';Fusion.globalContent="
        + as_script(
            {
                "headlines": {"basic": TITLE},
                "display_date": "2026-02-04T11:30:00Z",
                "credits": {"by": [{"type": "author", "name": "Thu Lan"}]},
                "content_elements": [{"type": "text", "content": line} for line in TEXT],
            }
        )
        + ";Fusion.globalContentConfig={};</script>"
    ),
    "WordPress in a state": f"<script>window.S = {as_script({**ARTICLE, 'content': {'rendered': BODY}})};</script>",
}


@pytest.mark.parametrize("how", SHIPPED)
def test_a_hidden_article_is_read_completely(how):
    """The text is found in every kind of script data."""
    found = read(f"<header>{MENU}</header><div id=root></div>{SHIPPED[how]}", f"<title>{TITLE} | Tin Ví dụ</title>")

    assert tuple(TEXT) == found.article.body


@pytest.mark.parametrize("how", [how for how in SHIPPED if how != "flight rows with a text of its own"])
def test_a_hidden_text_is_described_by_its_object(how):
    """Headline, time and authors are those of the object that contains the text."""
    found = read(f"<div id=root></div>{SHIPPED[how]}", "<title>Tin Ví dụ</title>")

    assert (TITLE, "2026-02-04", ("Thu Lan",)) == (found.title, found.when.day.isoformat(), found.people.authors)


@pytest.mark.parametrize("title", [TITLE, "Một bài khác hẳn của trang này"])
def test_a_state_dates_the_article_that_a_page_shows(title):
    """The object with the headline of the page dates the article and names its authors; another one does not."""
    state = json_script("__NEXT_DATA__", {"props": [{**ARTICLE, "title": title, "lead": TEXT[0]}]})
    found = read(f"<h1>{TITLE}</h1><div>{BODY}</div>{state}", f"<title>{TITLE}</title>")

    right = title == TITLE
    assert (right, ("Thu Lan",) if right else ()) == (found.when.source == "page", found.people.authors)
    assert right is not found.when.weak


def test_rows_that_refer_to_each_other_end():
    """References in a circle give no endless value."""
    rows = flight('1:["$2", "$2"]', '2:["$1", "$1"]', "3:" + json.dumps({**ARTICLE, "html": BODY}))

    assert tuple(TEXT) == read(f"<div id=root></div>{rows}", f"<title>{TITLE}</title>").article.body


def test_text_for_browsers_without_scripts_is_read():
    """If a page shows its text only in `noscript`, the text is read from there."""
    found = read(f"<h1>{TITLE}</h1><div id=root></div><noscript><article>{BODY}</article></noscript>")

    assert tuple(TEXT) == found.article.body


def test_a_declarative_shadow_root_is_read_as_browsers_show_it():
    """Text in a shadow-root template is at its host's place; other templates are not shown."""
    hidden = "<template><p>Mẫu này không bao giờ được hiển thị cho bạn đọc của trang báo điện tử.</p></template>"
    shadow = f"<story-text><template shadowrootmode=open><style>p {{}}</style>{BODY}{hidden}</template></story-text>"

    assert tuple(TEXT) == read(f"<main><h1>{TITLE}</h1>{shadow}{hidden}</main>").article.body


def test_an_aside_that_holds_the_headline_holds_the_article():
    """An aside is dropped, unless it contains the headline."""
    consent = f"<div id=consent><p>{'Chúng tôi và đối tác lưu thông tin trên thiết bị của bạn đọc. ' * 2}</p></div>"
    beside = f"<aside><p>{TEXT[0][::-1]}</p></aside>"

    assert tuple(TEXT) == read(f"{consent}<aside class=content><h1>{TITLE}</h1>{BODY}</aside>{beside}").article.body


def test_an_amp_page_reads_like_the_full_page():
    """The elements that AMP adds around a text are not part of it."""
    added = "<amp-sidebar><p>{0}</p></amp-sidebar><amp-consent><div><p>{0}</p></div></amp-consent>".format(
        "Chúng tôi dùng cookie để hiển thị quảng cáo phù hợp hơn với bạn đọc, bấm để đồng ý."
    )
    locked = "<section subscriptions-section=content-not-granted><p>Mua gói để đọc hết bài này.</p></section>"

    assert tuple(TEXT) == read(f"{added}<article><h1>{TITLE}</h1>{BODY}{locked}</article>").article.body
