"""The words of the pages, in English and in Vietnamese."""

from __future__ import annotations

from collections.abc import Callable

LANGUAGES = ("en", "vi")

_VIETNAMESE = {
    "Today": "Hôm nay",
    "Stories": "Sự kiện",
    "Changes": "Thay đổi",
    "Search": "Tìm kiếm",
    "Timeline": "Dòng thời gian",
    "Outlets": "Báo",
    "Data": "Dữ liệu",
    "articles": "bài",
    "article": "bài",
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
    "in the text": "trong văn bản",
    "before": "trước",
    "after": "sau",
    "Class": "Loại",
    "outlet": "báo",
    "Outlet": "Báo",
    "From": "Từ ngày",
    "To": "Đến ngày",
    "Show": "Xem",
    "nothing found": "không tìm thấy",
    "newest first": "mới nhất trước",
    "texts were looked at back to": "đã xem các bài trở lại đến",
    "back": "có lại",
    "gone": "đã gỡ",
    "headline": "sửa tiêu đề",
    "material": "sửa nội dung",
    "correction": "đính chính",
    "cosmetic": "sửa nhỏ",
    "reread": "đọc lại",
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
    "document": "văn bản",
    "copies": "bản chép",
    "Times are those of the outlet.": "Giờ địa phương của tờ báo.",
    "missing": "không thấy",
    "Month": "Tháng",
    "reports": "bản tin",
    "outlets": "tờ báo",
    "Reports": "Các bản tin",
    "copy of": "chép từ",
    "first": "đầu tiên",
    "Health": "Tình trạng",
    "sources": "nguồn tin",
    "failing": "lỗi",
    "due": "đang chờ",
    "Newest": "Mới nhất",
    "last poll": "hỏi lần cuối",
    "Coverage": "Số bài theo ngày",
    "Sources": "Nguồn tin",
    "the query": "câu truy vấn",
    "run it": "chạy",
    "words to compare": "các từ cần so sánh",
    "in 8 weeks": "trong 8 tuần",
    "per day": "mỗi ngày",
    "per outlet": "theo từng báo",
    "Complete": "Mức đầy đủ",
    "What is archived of what the outlet published, day by day, as last audited.": (
        "Phần đã lưu trong số bài tờ báo đã đăng, theo từng ngày, tính đến lần đối soát gần nhất."
    ),
    "not archived": "chưa lưu",
    "archived": "đã lưu",
    "numbers unseen": "số bài chưa thấy",
    "why": "lý do",
    "Day": "Ngày",
    "Skip to the content": "Đến nội dung",
    "no changes": "chưa có thay đổi",
    "no stories": "chưa có sự kiện",
    "Its outlet asks not to show this text from an archive.": "Tờ báo yêu cầu không hiển thị bài này từ kho lưu trữ.",
}


def translator(language: str) -> Callable[[str], str]:
    """What gives a label in a language; English where there is no other."""
    return (lambda text: _VIETNAMESE.get(text, text)) if language == "vi" else (lambda text: text)


def language_of(asked: str | None, accepted: str) -> str:
    """The language to speak: the one asked for, else the first that the browser accepts and we know, else English.

    Args:
        asked: From the address.
        accepted: The `Accept-Language` field (RFC 9110, 12.5.4), whose order counts.
    """
    if asked in LANGUAGES:
        return str(asked)
    wanted = (part.split(";")[0].strip()[:2].lower() for part in accepted.split(","))
    return next((language for language in wanted if language in LANGUAGES), "en")
