"""Render the surroundings of an article on a real page: menus, scripts, pickers, boxes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from html import escape

_SECTIONS = (
    "Thời sự", "Thế giới", "Kinh tế", "Đời sống", "Văn hóa", "Giáo dục", "Khoa học", "Sức khỏe", "Thể thao",
    "Pháp luật", "Du lịch", "Xe", "Bạn đọc", "Video", "Ảnh", "Rao vặt",
)  # fmt: skip
_TOWNS = ("Đông Hải", "Hạ Giang", "Bãi Ngang", "Thượng Nguồn", "Cầu Mới", "Mũi Én", "Nà Lụa", "Bến Đò", "Chợ Cũ")


@cache
def menu() -> str:
    """Render the menu of sections with its second level."""
    items = (f'<li><a href="/{i}">{name}</a><ul>{_submenu(name)}</ul></li>' for i, name in enumerate(_SECTIONS))
    return f"<ul>{''.join(items)}</ul>"


def _submenu(name: str) -> str:
    return "".join(f'<li><a href="/m/{i}">{name} {town}</a></li>' for i, town in enumerate(_TOWNS))


@cache
def weather() -> str:
    """Render a weather picker of every town."""
    options = "".join(f"<option value='{i}'>{_TOWNS[i % 9]} {i}</option>" for i in range(63))
    days = "".join(f"<li>{_TOWNS[i % 9]}: {20 + i % 14} độ, có mây, không mưa</li>" for i in range(63))
    return f'<div class="weather"><select>{options}</select><ul>{days}</ul></div>'


@cache
def script() -> str:
    """Render the state of a page's scripts."""
    dice = random.Random(7)  # noqa: S311 - filling
    rows = ",".join(f'{{"id":{i},"k":"{dice.randbytes(16).hex()}","w":{dice.random():.9f}}}' for i in range(1500))
    return f"window.__state={{rows:[{rows}]}};function track(){{return window.__state.rows.length}}"


@cache
def style() -> str:
    """Render inline styles."""
    return "".join(f".c{i}{{margin:{i % 9}px;padding:{i % 7}px;color:#{i * 37 % 4096:03x}}}" for i in range(800))


def links(pairs: Sequence[tuple[str, str]]) -> str:
    """Render a list of links with a teaser under each."""
    items = (f'<li><a href="{escape(url)}">{escape(title)}</a></li>' for url, title in pairs)
    return f"<ul>{''.join(items)}</ul>"


def picture(number: int) -> str:
    """Render a lazy-loaded picture."""
    blank = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
    return f'<img src="{blank}" data-src="/anh/{number}.jpg" alt="anh-{number}.jpg">'
