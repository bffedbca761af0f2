"""Passing along: thin shims between Scrapy and what is kept. Order in crawler/settings.py."""
