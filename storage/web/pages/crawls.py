"""The crawls: a list of them, and one with every answer that it got."""

from __future__ import annotations

from storage.read.crawl_log import Crawls, crawl, crawls
from storage.read.reader import Reader
from storage.read.scope import check_edition
from storage.web.request import NotHere, PageRequest, Response


async def crawls_page(visit: PageRequest) -> Response:
    """The crawls, newest first."""
    edition = visit.argument("edition") or None
    until = _number(visit.argument("until"))

    def ask(reader: Reader) -> tuple[Crawls, tuple[str, ...]]:
        check_edition(reader, edition)
        return crawls(reader, edition=edition, until=until), _editions(reader)

    listed, editions = await visit.ask(ask)
    return await visit.show("crawls.html", crawls=listed, edition=edition, editions=editions)


async def crawl_page(visit: PageRequest) -> Response:
    """One crawl."""
    crawl_id = _number(visit.part("crawl_id"))
    since, reading = _number(visit.argument("since")), visit.argument("reading") or None
    found = await visit.ask(lambda reader: crawl(reader, crawl_id or 0, since=since or 0, reading=reading))
    if found is None:
        raise NotHere(f"There is no crawl {visit.part('crawl_id')} in this archive.")
    return await visit.show("crawl.html", crawl=found, reading=reading)


def _editions(reader: Reader) -> tuple[str, ...]:
    return tuple(row["edition"] for row in reader.rows("SELECT DISTINCT edition FROM crawls ORDER BY 1"))


def _number(text: str) -> int | None:
    """A positive number that SQLite can hold; None for everything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None  # noqa: PLR2004 - 64 bits


ROUTES = ((r"/crawls$", crawls_page), (r"/crawls/(?P<crawl_id>[^/]+)$", crawl_page))
