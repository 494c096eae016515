"""Serve a loopback press of five invented outlets, for the demo and the tests."""

from crawler.newsstand.server import Newsstand

__all__ = ["Newsstand"]
