"""The miniature agency for `scrapy crawl news -a edition=demo`: served over loopback while the run lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from spiders.demo.newspaper import Newspaper
from spiders.demo.server import serve
from spiders.demo.steady import steady

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from spiders.clock import Clock


@contextmanager
def launch(settings: BaseSettings, clock: Clock) -> Iterator[str]:
    """Serve the agency of DEMO_SEED with DEMO_SIZE stories; yields its address. It goes by the run's own clock."""
    newsroom = steady(seed=settings.getint("DEMO_SEED"), size=settings.getint("DEMO_SIZE"))
    paper = Newspaper(newsroom, furniture=settings.getint("DEMO_FURNITURE"))
    with serve(paper, clock.now) as service:
        yield service.base_url
