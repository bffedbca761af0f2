"""Finds the article that somebody means by a number, a key, `edition/key` or an address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from crawler.errors import ArgumentError, DatelineError
from storage.reader import Reader

_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_ADDRESS = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_TAIL = re.compile(r"-(\d+-\d{4})/*$", re.ASCII)  # every address of an article ends in its key
_OTHER_DRESS = re.compile(r"^(?:www|m)\.", re.IGNORECASE)


class NotInArchive(DatelineError):
    """What was asked for is well named, but not there. Exit code 1."""


def locate(reader: Reader, word: str) -> int:
    """The `article_id` of what `word` names: ``17``, ``152706-2022``, ``belta-eng/152706-2022`` or an address.

    Addresses are compared without http/https, www/m, /amp/, query and final slash; addresses that were fetched
    from a mirror count too. Raises NotInArchive, and ArgumentError for a key that several editions use.
    """
    wanted = word.strip()
    for ids in _guesses(reader, wanted):
        if len(ids) == 1:
            return ids[0]
        if ids:
            raise ArgumentError(f"{wanted!r} is in several editions: say which, as one of {_names(reader, ids)}")
    raise NotInArchive(
        f"no article {wanted!r} in {reader.name}: name it by its number, its key (152706-2022), edition/key or address"
    )


def _guesses(reader: Reader, word: str) -> Iterator[list[int]]:
    if _NUMBER.fullmatch(word):
        yield _ids(reader, "article_id = :id", id=int(word))
        return
    if not _ADDRESS.match(word):
        yield _ids(reader, "key = :key", key=word)
        edition, _, key = word.rpartition("/")
        yield _ids(reader, "edition = :edition AND key = :key", edition=edition, key=key)
    if "/" in word:
        yield from _by_address(reader, word)


def _by_address(reader: Reader, word: str) -> Iterator[list[int]]:
    yield _ids(reader, "url = :url", url=word)
    tail = _TAIL.search(_plain(word))
    if tail is not None:
        rows = reader.rows("SELECT article_id, url FROM articles WHERE key = :key", key=tail[1])
        yield [row["article_id"] for row in rows if _plain(row["url"]) == _plain(word)]
    fetched = (
        "SELECT DISTINCT article_id FROM snapshots WHERE kind = 'article' AND (url = :url OR requested_url = :url)"
    )
    yield [row["article_id"] for row in reader.rows(fetched, url=word) if row["article_id"] is not None]


def _plain(address: str) -> str:
    """An address without what does not tell articles apart, for comparison only."""
    try:
        parts = urlsplit(address if _ADDRESS.match(address) else f"//{address}")
    except ValueError:  # brackets that are no IPv6 address
        return address
    path = re.sub(r"^/amp(?=/)", "", unquote(parts.path), flags=re.IGNORECASE).rstrip("/")
    return _OTHER_DRESS.sub("", parts.netloc.lower()) + path


def _ids(reader: Reader, condition: str, **values: object) -> list[int]:
    sql = f"SELECT article_id FROM articles WHERE {condition} ORDER BY article_id"  # noqa: S608 - conditions stand above
    return [row["article_id"] for row in reader.rows(sql, **values)]


def _names(reader: Reader, ids: list[int]) -> str:
    rows = (reader.row("SELECT edition, key FROM articles WHERE article_id = :id", id=one) for one in ids)
    return ", ".join(f"{row['edition']}/{row['key']}" for row in rows if row is not None)
