"""The cookies of one fetch are sent back where they belong, and nowhere else."""

import pytest
from factories import make_capture

from crawler.fetching.cookies import FetchCookies

SET_BY = "https://www.bao.example/a"


def cookies_after(*values: str, url: str = SET_BY) -> FetchCookies:
    """Return the cookies after one response that sets them."""
    cookies = FetchCookies()
    cookies.learn(make_capture(url=url, headers=tuple(("Set-Cookie", value) for value in values)))
    return cookies


def test_a_fetch_starts_without_cookies():
    """No field is sent before a response set a cookie, nor after one that set none."""
    assert "" == FetchCookies().field(SET_BY)
    assert "" == cookies_after().field(SET_BY)


def test_all_cookies_of_a_response_are_sent_back():
    """Each `Set-Cookie` field counts, and the attributes of a cookie are not sent."""
    field = cookies_after("wall=1; Path=/; HttpOnly", "seen=yes; Path=/").field("https://www.bao.example/b")

    assert ["seen=yes", "wall=1"] == sorted(field.split("; "))


@pytest.mark.parametrize(
    ("cookie", "url", "expected"),
    [
        pytest.param("a=1; Path=/tin", "https://www.bao.example/tin/1", "a=1", id="its path"),
        pytest.param("a=1; Path=/tin", "https://www.bao.example/anh", "", id="another path"),
        pytest.param("a=1", "https://khac.example/a", "", id="another site"),
        pytest.param("a=1; Domain=bao.example", "https://m.bao.example/a", "a=1", id="a host of its domain"),
        pytest.param("a=1; Domain=khac.example", "https://khac.example/a", "", id="a domain of another site"),
        pytest.param("a=1; Secure", "http://www.bao.example/a", "", id="without TLS"),
        pytest.param("a=1; Max-Age=0", "https://www.bao.example/a", "", id="expired"),
    ],
)
def test_a_cookie_is_sent_only_where_it_belongs(cookie, url, expected):
    """Path, domain, TLS and age decide as RFC 6265 says."""
    assert expected == cookies_after(cookie).field(url)


def test_a_field_that_is_too_large_is_not_sent():
    """Servers refuse a field of more than 4,096 bytes, so the fetch goes on without it."""
    assert "a=" + "x" * 4094 == cookies_after("a=" + "x" * 4094).field(SET_BY)
    assert "" == cookies_after("a=" + "x" * 4095).field(SET_BY)
