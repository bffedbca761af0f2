"""Addresses of the pages within the reading room. They are permanent: people cite them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode


def article_link(edition: str, key: str, **arguments: object) -> str:
    """The page of an article.

    >>> article_link("harbour-en", "news/a-pier", revision=2)
    '/article/harbour-en/news%2Fa-pier?revision=2'
    """
    return _with(f"/article/{_part(edition)}/{_part(key)}", arguments)


def kept_link(snapshot_id: int) -> str:
    """The kept page of one visit, shown as it was.

    >>> kept_link(17)
    '/kept/17'
    """
    return f"/kept/{snapshot_id}"


def search_link(**arguments: object) -> str:
    """The search page. Arguments that are None, False or empty are left out.

    >>> search_link(q="wheat harvest", rubric=None, changed=True)
    '/search?q=wheat+harvest&changed=1'
    """
    return _with("/search", arguments)


def calendar_link(edition: str | None = None, year: int | None = None) -> str:
    """The coverage of a year.

    >>> calendar_link("harbour-en", 2022)
    '/calendar?edition=harbour-en&year=2022'
    """
    return _with("/calendar", {"edition": edition, "year": year})


def crawl_link(crawl_id: int) -> str:
    """One crawl.

    >>> crawl_link(3)
    '/crawls/3'
    """
    return f"/crawls/{crawl_id}"


def crawls_link(**arguments: object) -> str:
    """The list of crawls.

    >>> crawls_link(edition="demo")
    '/crawls?edition=demo'
    """
    return _with("/crawls", arguments)


def row_link(table: str, key: object) -> str:
    """Datasette's page of a row.

    >>> row_link("snapshots", 17)
    '/archive/snapshots/17'
    """
    return f"/archive/{table}/{key}"


def _with(path: str, arguments: Mapping[str, object]) -> str:
    given = {name: 1 if value is True else value for name, value in arguments.items() if value not in (None, "", False)}
    return f"{path}?{urlencode(given)}" if given else path


def _part(text: str) -> str:
    return quote(text, safe="")
