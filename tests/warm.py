"""What every crawl of the tests would do again: imported last by the process that all of them are forked from.

A fresh process compiles each SQL statement and selector on first use and reads the metadata of all installed packages.
Here that is done once; tests/test_crawl.py also starts crawls from cold.
"""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from importlib.metadata import entry_points

from spiders.demo.newspaper import Newspaper
from spiders.demo.steady import steady
from tests.rehearsal import rehearse

entry_points(group="scrapy.commands")
ENGINE = rehearse(Newspaper(newsroom=steady(size=12), page_size=6), datetime(2026, 11, 23, 12, tzinfo=UTC))
gc.collect()
gc.freeze()  # a collection in a child would touch, and so copy, every object that it shares with the others
