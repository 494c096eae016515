"""Generate invented Vietnamese news from a small grammar."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from crawler.newsstand.story import Block, Story

HANOI = timezone(timedelta(hours=7))
_FIRST_DAY = datetime(2026, 1, 20, 6, 0, tzinfo=HANOI)

_PLACES = (
    "xã Bãi Ngang", "phường Bến Đò", "huyện Thượng Nguồn", "thị trấn Cầu Mới", "thành phố Đông Hải",
    "tỉnh Hạ Giang", "bản Nà Lụa", "khu phố Chợ Cũ", "cảng Mũi Én", "làng nghề Gốm Đỏ",
)  # fmt: skip
_WHO = (
    "ủy ban nhân dân địa phương", "hợp tác xã nông nghiệp", "ban quản lý dự án", "trường trung học cơ sở",
    "trạm y tế", "hội làm vườn", "nhóm sinh viên tình nguyện", "đội tuần tra bờ biển", "thư viện cộng đồng",
    "câu lạc bộ đi bộ",
)  # fmt: skip
_DID = (
    "khởi công sửa chữa tuyến đê dài {n} km", "mở lớp dạy nghề miễn phí cho {n} người",
    "trồng thêm {n} nghìn cây đước", "thử nghiệm {n} chuyến xe buýt điện mỗi ngày",
    "tặng {n} tủ sách cho các điểm trường", "nâng cấp {n} giếng nước sạch", "thu mua {n} tấn vải thiều đầu mùa",
    "đưa vào sử dụng {n} trạm quan trắc", "phục dựng {n} làn điệu dân ca",
)  # fmt: skip
_WHY = (
    "sau nhiều tháng lấy ý kiến người dân", "nhằm giảm thiệt hại trong mùa mưa bão",
    "theo kế hoạch đã công bố từ năm ngoái", "với kinh phí do cộng đồng đóng góp",
    "trong khuôn khổ chương trình kéo dài ba năm", "để kịp phục vụ dịp lễ sắp tới",
)  # fmt: skip
_SAID = (
    "Chúng tôi muốn làm chậm mà chắc", "Bà con rất mong việc này từ lâu",
    "Kết quả bước đầu khiến mọi người bất ngờ", "Khó nhất là giữ được nếp làm việc sau khi dự án kết thúc",
    "Mỗi nhà góp một ngày công là đủ",
)  # fmt: skip
_THEN = (
    "Trong giai đoạn đầu, công việc tập trung ở {place}, nơi có hơn {n} hộ chịu ảnh hưởng trực tiếp.",
    "Theo số liệu được đưa ra tại buổi họp, tỷ lệ hài lòng đạt {n} phần trăm, cao hơn so với cùng kỳ năm trước.",
    "Nhiều người lớn tuổi ở {place} cho biết đây là lần đầu họ được mời góp ý ngay từ khi lập kế hoạch.",
    "Phần việc còn lại dự kiến hoàn thành sau {n} tuần nếu thời tiết thuận lợi.",
    "Một tổ giám sát gồm đại diện các khu dân cư sẽ công khai thu chi mỗi tháng tại nhà văn hóa.",
    "Trước đó, một phương án khác đã bị bác vì phải chặt bỏ hàng cây cổ thụ ven đường.",
)
_NAMES = ("Lê Minh Hạ", "Trần Thu Cúc", "Phạm Gia Bách", "Ngô Khánh Vy", "Đỗ Hải Đăng", "Vũ Ngọc Lam", "Hoàng Yến Chi")
_SECTIONS = ("Thời sự", "Kinh tế", "Đời sống", "Văn hóa", "Giáo dục")


def generated_stories(outlet: str, count: int, first_number: int) -> Iterator[Story]:
    """Generate stories of an outlet, the same at every call.

    Args:
        outlet: The outlet's id.
        count: The number of stories.
        first_number: The article number of the first story; the others follow.
    """
    for i in range(count):
        dice = random.Random(f"{outlet}:{i}")  # noqa: S311 - prose, not secrets
        yield _story(outlet, first_number + i, dice, _FIRST_DAY + timedelta(hours=5 * i, minutes=dice.randrange(60)))


def _story(outlet: str, number: int, dice: random.Random, published: datetime) -> Story:
    who, place, did = dice.choice(_WHO), dice.choice(_PLACES), dice.choice(_DID).format(n=dice.randrange(3, 90))
    paragraphs = [f"{who[0].upper()}{who[1:]} ở {place} vừa {did} {dice.choice(_WHY)}."]
    for i in range(dice.randrange(4, 9)):
        sentences = dice.sample(_THEN, 2)
        filled = " ".join(s.format(place=dice.choice(_PLACES), n=dice.randrange(11, 98)) for s in sentences)
        said = f" “{dice.choice(_SAID)}”, {dice.choice(_NAMES)}, {dice.randrange(24, 77)} tuổi, nói." if i % 2 else ""
        paragraphs.append(filled + said)
    body = [Block("text", paragraph) for paragraph in paragraphs]
    caption = f"Một góc {place} trong ngày đầu công việc bắt đầu. Ảnh: {dice.choice(_NAMES)}"
    body.insert(dice.randrange(1, 3), Block("picture", caption))
    return Story(
        outlet=outlet,
        number=number,
        title=f"{place[0].upper()}{place[1:]}: {who} {did}",
        section=dice.choice(_SECTIONS),
        published=published,
        standfirst=f"Việc {did} ở {place} được kỳ vọng thay đổi nếp sống của cả vùng.",
        blocks=tuple(body),
        byline=dice.choice(_NAMES),
        tags=(place, who),
    )
