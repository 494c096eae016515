"""The cache that is bounded by the size of its values."""

from archive.browse.bounded_cache import BoundedCache


def test_the_least_recently_used_value_is_dropped():
    """If the values are too large together, the one that was asked for longest ago is dropped."""
    cache = BoundedCache[str, str](10, len)
    for key in "abc":
        cache.put(key, key * 3)
    cache.get("a")
    cache.put("d", "dddd")

    assert [cache.get(key) for key in "abcd"] == ["aaa", None, "ccc", "dddd"]


def test_a_replaced_value_no_longer_counts():
    """Replacing a value frees its size, so that other values stay."""
    cache = BoundedCache[str, str](10, len)
    cache.put("a", "aaaaa")
    for _ in range(3):
        cache.put("b", "bbbbb")

    assert [cache.get(key) for key in "ab"] == ["aaaaa", "bbbbb"]


def test_a_value_larger_than_the_cache_drops_nothing():
    """A value that does not fit is not kept, and the others stay."""
    cache = BoundedCache[str, str](5, len)
    cache.put("a", "aa")
    cache.put("b", "bbbbbb")

    assert [cache.get(key) for key in "ab"] == ["aa", None]


def test_a_cleared_cache_has_all_its_room():
    """After `clear`, nothing is cached, and the whole size is free again."""
    cache = BoundedCache[str, str](5, len)
    cache.put("a", "aaaaa")
    cache.clear()
    for key in "bc":
        cache.put(key, "xx")

    assert [cache.get(key) for key in "abc"] == [None, "xx", "xx"]
