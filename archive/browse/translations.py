"""Translate the labels of the pages, and format their numbers, in English and in Vietnamese."""

from __future__ import annotations

from collections.abc import Callable

LANGUAGES = ("en", "vi")
_PERCENT = 100

VIETNAMESE = {
    "A lake finds words as they are written, with their marks.": "Hồ dữ liệu tìm từ đúng như đã viết, có dấu.",
    "Today": "Hôm nay",
    "Stories": "Sự kiện",
    "Changes": "Thay đổi",
    "Search": "Tìm kiếm",
    "Share over time": "Tỷ lệ theo thời gian",
    "Concordance": "Ngữ cảnh",
    "Compare outlets": "So sánh các báo",
    "Outlets": "Báo",
    "Data": "Dữ liệu",
    "Analysis": "Phân tích",
    "all": "tất cả",
    "articles": "bài",
    "article": "bài",
    "all articles": "tổng số bài",
    "previous day": "ngày trước",
    "next day": "ngày sau",
    "all outlets": "mọi tờ báo",
    "more": "xem thêm",
    "newer": "mới hơn",
    "older": "cũ hơn",
    "edited": "đã sửa",
    "taken down": "đã gỡ",
    "the archive is empty": "kho chưa có bài nào",
    "Original": "Bài gốc",
    "As text": "Bản văn",
    "Cite": "Trích dẫn",
    "Published": "Đăng lúc",
    "date from": "ngày lấy từ",
    "Modified": "Sửa lúc",
    "First seen": "Thấy lần đầu",
    "Last checked": "Kiểm tra lần cuối",
    "Section": "Chuyên mục",
    "Byline": "Tác giả",
    "Credits": "Nguồn",
    "Tags": "Từ khóa",
    "Kind": "Thể loại",
    "words": "chữ",
    "Read by": "Đọc bởi",
    "Revisions": "Các phiên bản",
    "Captures": "Bản lưu gốc",
    "Also reported by": "Báo khác đưa tin",
    "revision": "phiên bản",
    "side by side": "cạnh nhau",
    "compare side by side": "xem song song",
    "in the text": "trong văn bản",
    "before": "trước",
    "after": "sau",
    "unchanged paragraphs": "đoạn không đổi",
    "unchanged paragraph": "đoạn không đổi",
    "Kind of change": "Loại thay đổi",
    "Outlet": "Báo",
    "From": "Từ ngày",
    "To": "Đến ngày",
    "Show": "Xem",
    "nothing found": "không tìm thấy",
    "newest first": "mới nhất trước",
    "texts were searched back to": "đã tìm trong các bài trở lại đến",
    "side by side:": "đứng liền nhau:",
    "Find the words anywhere in an article": "Tìm các chữ ở bất cứ đâu trong bài",
    "Find the words side by side": "Tìm các chữ đứng liền nhau",
    "No article has these words side by side; these articles have all of them.": (
        "Không bài nào có các chữ này đứng liền nhau; các bài sau có đủ các chữ."
    ),
    "the first": "trong",
    "hits": "kết quả đầu",
    "at least": "ít nhất",
    "back": "có lại",
    "change back": "có lại",
    "change gone": "đã gỡ",
    "change headline": "sửa tiêu đề",
    "change material": "sửa nội dung",
    "change correction": "đính chính",
    "change cosmetic": "sửa nhỏ",
    "change reread": "đọc lại",
    "change first": "đầu tiên",
    "photo": "ảnh",
    "video": "video",
    "live": "trực tiếp",
    "emagazine": "emagazine",
    "opinion": "ý kiến",
    "json-ld": "JSON-LD",
    "meta": "thẻ meta",
    "feed": "nguồn tin",
    "sitemap": "sơ đồ trang",
    "page": "trang báo",
    "url": "địa chỉ",
    "htmldate": "đoán bằng htmldate",
    "document": "văn bản",
    "copies": "bản chép",
    "copy": "bản chép",
    "own report": "bài riêng",
    "Times are those of the outlet.": "Giờ địa phương của tờ báo.",
    "missing": "không thấy",
    "Month": "Tháng",
    "reports": "bản tin",
    "report": "bản tin",
    "outlets": "tờ báo",
    "outlet": "tờ báo",
    "Reports": "Các bản tin",
    "who reported when": "báo nào đưa tin lúc nào",
    "copy of": "chép từ",
    "first": "đầu tiên",
    "Health": "Tình trạng",
    "sources": "nguồn tin",
    "failing": "lỗi",
    "due": "đang chờ",
    "Newest": "Mới nhất",
    "last poll": "hỏi lần cuối",
    "Coverage": "Số bài theo ngày",
    "articles per day": "số bài mỗi ngày",
    "articles of each day": "số bài mỗi ngày",
    "articles beside the outlet's median for that weekday": "số bài so với trung vị của báo vào cùng ngày trong tuần",
    "usual": "thường",
    "Sources": "Nguồn tin",
    "SQL of this chart": "câu SQL của biểu đồ này",
    "SQL of this page": "câu SQL của trang này",
    "run it": "chạy",
    "Queries": "Các truy vấn",
    "query": "truy vấn",
    "in 8 weeks": "trong 8 tuần",
    "per day": "mỗi ngày",
    "per outlet": "theo từng báo",
    "Complete": "Mức đầy đủ",
    "What is archived of what the outlet published, day by day, as last audited.": (
        "Phần đã lưu trong số bài tờ báo đã đăng, theo từng ngày, tính đến lần đối soát gần nhất."
    ),
    "archived share of each day": "tỷ lệ đã lưu của mỗi ngày",
    "archived share of what the outlet published": "tỷ lệ đã lưu trong số bài tờ báo đã đăng",
    "not audited": "chưa đối soát",
    "nothing published": "không đăng bài",
    "not archived": "chưa lưu",
    "archived": "đã lưu",
    "numbers unseen": "số bài chưa thấy",
    "why": "lý do",
    "Day": "Ngày",
    "day": "ngày",
    "week": "tuần",
    "month": "tháng",
    "year": "năm",
    "Period": "Kỳ",
    "Unit": "Đơn vị",
    "automatic": "tự động",
    "Measure": "Thước đo",
    "Lines": "Các đường",
    "one for each query": "mỗi truy vấn một đường",
    "one for each outlet": "mỗi báo một đường",
    "share": "tỷ lệ",
    "count": "số bài",
    "share of articles": "tỷ lệ bài",
    "number of articles": "số bài",
    "Thin lines are the values, thick ones their moving average over five periods.": (
        "Nét mảnh là giá trị, nét đậm là trung bình trượt năm kỳ."
    ),
    "The four outlets with most matching articles are drawn.": "Vẽ bốn báo có nhiều bài khớp nhất.",
    "There was no time to count older articles of:": "Chưa kịp đếm các bài cũ hơn của:",
    "Table": "Bảng",
    "of": "trong",
    "No more are listed; an outlet or a month lists others.": (
        "Không liệt kê thêm; chọn một báo hoặc một tháng để xem bài khác."
    ),
    "Not found": "Không tìm thấy trang",
    "Not available now": "Hiện không xem được",
    "This cannot be shown": "Không hiển thị được",
    "without copies": "không kể bản chép",
    "Narrow the search": "Thu hẹp tìm kiếm",
    "A line is broken where no articles were collected.": "Đường bị ngắt ở những kỳ không thu thập được bài nào.",
    "The first rows; the CSV has all:": "Các dòng đầu; tệp CSV có đủ:",
    "Chart": "Biểu đồ",
    "share by outlet and week": "tỷ lệ theo báo và tuần",
    "share of the week's articles, beside the share in all outlets and weeks": (
        "tỷ lệ trong số bài của tuần, so với tỷ lệ chung của mọi báo và mọi tuần"
    ),
    "not collected": "không thu thập",
    "stories": "sự kiện",
    "told first": "đưa đầu tiên",
    "copied": "chép lại",
    "was copied": "bị chép lại",
    "Stories and copies are counted in the newest matching articles:": (
        "Sự kiện và bản chép được đếm trong các bài khớp mới nhất:"
    ),
    "Weeks of each outlet": "Từng tuần của mỗi báo",
    "Sort by": "Sắp xếp theo",
    "date": "ngày",
    "left": "bên trái",
    "right": "bên phải",
    "place": "chỗ",
    "places": "chỗ",
    "in": "trong",
    "the newest of": "mới nhất trong",
    "that match": "bài khớp",
    "Text": "Ngữ cảnh",
    "Saved searches": "Tìm kiếm đã lưu",
    "Save a search": "Lưu một tìm kiếm",
    "Save this search": "Lưu tìm kiếm này",
    "No search is saved yet.": "Chưa lưu tìm kiếm nào.",
    "Name": "Tên",
    "Mail needs a server: host, port and security below [mail] in the same file.": (
        "Gửi thư cần máy chủ: host, port và security dưới [mail] trong cùng tệp."
    ),
    "Message": "Thông báo",
    "Mail to": "Gửi thư đến",
    "none: all outlets": "không chọn: mọi tờ báo",
    "Write the lines": "Viết các dòng",
    "Paste these lines at the end of khobao.toml, and reload the service:": (
        "Dán các dòng này vào cuối khobao.toml rồi tải lại dịch vụ:"
    ),
    "send each": "mỗi bài mới",
    "send daily": "mỗi ngày một lần",
    "send surge": "khi tuần này nổi bật",
    "send never": "chỉ nguồn Atom",
    "Word": "Từ",
    "Typical words": "Từ ngữ đặc trưng",
    "Rising words": "Từ ngữ đang lên",
    "Collocates": "Từ đi kèm",
    "Pairs of words": "Cặp tiếng",
    "Single words": "Tiếng đơn",
    "times": "số lần",
    "near": "ở gần",
    "as often": "gấp",
    "only here": "chỉ ở đây",
    "log-likelihood": "log-likelihood",
    "Read:": "Đã đọc:",
    "Compared with:": "So với:",
    "Compare with the whole archive": "So với cả kho",
    "No week before it is counted.": "Chưa đếm tuần nào trước đó.",
    "Words and pairs of words that stand more often in these articles than in the whole archive.": (
        "Các tiếng và cặp tiếng có trong những bài này nhiều hơn trong cả kho."
    ),
    "Words and pairs of words that stand more often in this week than in the twelve weeks before.": (
        "Các tiếng và cặp tiếng có trong tuần này nhiều hơn trong mười hai tuần trước."
    ),
    "Words and pairs of words within five words of the query, by logDice: 14 where they never stand apart.": (
        "Các tiếng và cặp tiếng cách truy vấn không quá năm tiếng, xếp theo logDice: 14 nếu luôn đi cùng nhau."
    ),
    "LL: log-likelihood; from 15.13 on, chance is ruled out at 1 in 10,000. As often: how many times the share of the "
    "background.": (
        "LL: log-likelihood; từ 15,13 trở lên, khả năng ngẫu nhiên dưới 1 phần 10.000. Gấp: gấp mấy lần tỷ lệ nền."
    ),
    "The words of this archive are not counted yet. The service counts them once a day; this counts them now:": (
        "Từ ngữ của kho này chưa được đếm. Dịch vụ đếm mỗi ngày một lần; lệnh này đếm ngay:"
    ),
    "Skip to the content": "Đến nội dung",
    "no changes": "chưa có thay đổi",
    "no stories": "chưa có sự kiện",
    "Scroll the table sideways for more.": "Cuộn ngang bảng để xem thêm.",
    "Go to": "Đi đến",
    "Its outlet asks not to show this text from an archive.": "Tờ báo yêu cầu không hiển thị bài này từ kho lưu trữ.",
}

ENGLISH = {  # labels that are the names of settings and of values
    "change material": "text changed",
    "change headline": "headline changed",
    "change cosmetic": "small change",
    "change reread": "read again",
    "change gone": "taken down",
    "change back": "back again",
    "change correction": "correction",
    "change first": "first",
    "send each": "each new article",
    "send daily": "once a day",
    "send surge": "when this week stands out",
    "send never": "Atom feed only",
}


def translator(language: str) -> Callable[[str], str]:
    """Return a function that translates a label; a label without a translation stays English."""
    known = VIETNAMESE if language == "vi" else ENGLISH
    return lambda text: known.get(text, text)


def number_formatter(language: str) -> Callable[[int], str]:
    """Return a function that formats a number with the separators of a language: 1,234 or 1.234."""
    return (lambda number: f"{number:,}".replace(",", ".")) if language == "vi" else (lambda number: f"{number:,}")


def decimal_formatter(language: str) -> Callable[[float], str]:
    """Return a function that formats a number with one decimal: 12.3 or 12,3."""
    return (lambda number: f"{number:.1f}".replace(".", ",")) if language == "vi" else (lambda number: f"{number:.1f}")


def share_formatter(language: str) -> Callable[[float | None], str]:
    """Return a function that formats a share from 0 to 1 as a percentage: 12.3 % or 12,3 %."""

    def write(share: float | None) -> str:
        if share is None:
            return "–"
        places = 1 if share == 0 or share >= 0.01 else 3  # noqa: PLR2004 - a word in a thousand articles has a share too
        text = f"{share * _PERCENT:.{places}f} %"
        return text.replace(".", ",") if language == "vi" else text

    return write


def choose_language(asked: str | None, accepted: str) -> str:
    """Choose the language of a page: from the address, else from the browser, else English.

    Args:
        asked: The language in the address.
        accepted: The `Accept-Language` field (RFC 9110, 12.5.4), whose order counts.
    """
    if asked in LANGUAGES:
        return str(asked)
    wanted = (part.split(";")[0].strip()[:2].lower() for part in accepted.split(","))
    return next((language for language in wanted if language in LANGUAGES), "en")
