"""Parts of invented pages of an undeclared site, and a function that reads such a page."""

from datetime import UTC, datetime

from crawler.outlets.catalogue import bare_outlet
from crawler.page import Page
from crawler.reading.extract import read_page

NOW = datetime(2026, 2, 10, tzinfo=UTC)
URL = "https://tin.example.vn/2026/02/hoi-dam-cap-cao-giua-hai-nuoc/"
TITLE = "Hội đàm cấp cao giữa hai nước láng giềng"
LEAD = "Hai nhà lãnh đạo bàn về hợp tác lâu dài trong nhiều lĩnh vực mà hai bên cùng quan tâm."
TEXT = [
    "Chủ tịch nước hội đàm trực tuyến với người đồng cấp trong khoảng một giờ hai mươi lăm phút vào chiều ngày 4/2.",
    "Hai bên nhất trí duy trì các cuộc trao đổi cấp cao và mở rộng hợp tác trong nhiều lĩnh vực cùng quan tâm.",
    "Người phát ngôn cho biết chuyến thăm chính thức sẽ diễn ra trong nửa đầu năm nay theo lời mời của nước chủ nhà.",
    "Giới quan sát nhận định đây là bước tiến lớn nhất trong quan hệ của hai nước kể từ khi lập quan hệ ngoại giao.",
    "Theo kế hoạch, các bộ trưởng sẽ gặp nhau vào tháng tới để bàn cụ thể hơn về thương mại, đầu tư và du lịch.",
]
CAPTION = "Hai nhà lãnh đạo trước cuộc hội đàm. Ảnh: Reuters"
P = "".join(f"<p>{line}</p>" for line in TEXT)
PICTURE = f"<figure><img data-src=/a.jpg src=data:,><figcaption>{CAPTION}</figcaption></figure>"
MENU = "<ul class=menu>" + "".join(f"<li><a href=/muc-{i}>Chuyên mục số {i}</a></li>" for i in range(14)) + "</ul>"
MORE = "".join(
    f"<div class=item><h3><a href=/bai-{i}.html>Một nhan đề khá dài của bài khác số {i}</a></h3>"
    f"<p>Tóm tắt khá dài của một bài khác, số {i}, mà bạn đọc có thể quan tâm hôm nay.</p></div>"
    for i in range(6)
)
COMMENTS = "".join(
    f"<li class=comment><b class=comment-author>Bạn đọc {i}</b><div class=comment-content><p>Tôi hoàn toàn đồng ý với "
    f"nhận định của bài báo, mong hai nước hợp tác lâu dài hơn nữa, ý kiến {i}.</p></div></li>"
    for i in range(5)
)
HEAD = (
    f'<title>{TITLE} | Tin Ví dụ</title><meta property="og:title" content="{TITLE}">'
    f'<meta property="og:site_name" content="Tin Ví dụ"><meta name=description content="{LEAD}">'
    '<meta property="article:published_time" content="2026-02-04T18:30:00Z">'
)


def read(body, head=HEAD, url=URL):
    """Return the result of reading a page of an undeclared site."""
    markup = f"<!doctype html><html lang=vi><head>{head}</head><body>{body}</body></html>"
    return read_page(Page(url, markup.encode(), "text/html; charset=utf-8"), bare_outlet(url), NOW)
