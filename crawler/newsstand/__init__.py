"""Serve five invented outlets on loopback, for the demo and the tests."""

from crawler.newsstand.server import Newsstand

__all__ = ["Newsstand"]
