"""Finds the article that somebody means by a number, a key, `edition/key` or an address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from urllib.parse import unquote, urlsplit

from crawler.errors import ArgumentError, DatelineError
from storage.read.reader import Reader
from storage.read.scope import editions

_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_ADDRESS = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_TAIL = re.compile(r"-(\d+-\d{4})$", re.ASCII)  # the path of an article ends in its key
_OTHER_DRESS = re.compile(r"^(?:www|m)\.", re.IGNORECASE)


class NotInArchive(DatelineError):
    """What was asked for is well named, but not there. Exit code 1."""


def locate(reader: Reader, word: str) -> int:
    """The `article_id` of what `word` names: ``17``, ``152706-2022``, ``belta-eng/152706-2022`` or an address.

    Any address counts by which the archive ever met the article: on a listing, with an older slug, at a mirror, before
    a redirect. Addresses are compared without http/https, www/m, /amp/, final slash and query; a path alone is enough
    where it names one article. Raises NotInArchive, and ArgumentError for what several editions use.
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
        name, _, key = word.rpartition("/")
        yield _ids(reader, "edition = :edition AND key = :key", edition=name, key=key)
    if "/" in word:
        yield from _by_address(reader, word)


def _by_address(reader: Reader, word: str) -> Iterator[list[int]]:
    yield _ids(reader, "url = :url", url=word)
    met = {number: list(_addresses(reader, number)) for number in _named_by(reader, word)}
    for told in (Address.of, Address.without_query):
        wanted = told(word)
        yield [number for number, addresses in met.items() if any(told(one) == wanted for one in addresses)]
    if word.startswith("/") and not _ADDRESS.match(word):  # as a page prints a link to its own site
        path = Address.of(f"//{word}").path
        yield [number for number, addresses in met.items() if any(Address.of(one).path == path for one in addresses)]
    yield _met_at(reader, word)


def _named_by(reader: Reader, word: str) -> list[int]:
    """The articles with the key in which an address ends: also on a mirror, and whatever the slug was then."""
    tail = _TAIL.search(Address.of(word).path)
    if tail is None:
        return []
    found = (_ids(reader, "edition = :edition AND key = :key", edition=one, key=tail[1]) for one in editions(reader))
    return [number for ids in found for number in ids]


def _addresses(reader: Reader, article_id: int) -> Iterator[str]:
    """Every address by which the archive met an article. Where a visit was led to something else, that is none."""
    for row in reader.rows(_MET, id=article_id):
        yield row["url"]
        if row["redirects"] is not None:
            yield from (hop["url"] for hop in json.loads(row["redirects"]))


def _met_at(reader: Reader, word: str) -> list[int]:
    """The same for addresses that hold no key: all that the archive keeps are looked through."""
    values = {f"url{number}": url for number, url in enumerate(Address.of(word).spellings(word))}
    among = f"IN ({', '.join(f':{name}' for name in values)})"
    rows = reader.rows(_MET_AT.format(among=among), **values)
    return sorted({row["article_id"] for row in rows})


_READ = "s.reading IN ('article', 'unchanged', 'not-modified')"
_MET = f"""
SELECT url, NULL AS redirects FROM articles WHERE article_id = :id
UNION SELECT url, NULL FROM sightings WHERE article_id = :id
UNION SELECT s.requested_url, NULL FROM snapshots s WHERE s.article_id = :id
UNION SELECT s.url, s.redirects FROM snapshots s WHERE s.article_id = :id AND {_READ}"""  # noqa: S608 - our own words
_MET_AT = f"""
SELECT article_id FROM articles WHERE url {{among}}
UNION SELECT article_id FROM sightings WHERE url {{among}}
UNION SELECT s.article_id FROM snapshots s WHERE s.article_id IS NOT NULL AND s.requested_url {{among}}
UNION SELECT s.article_id FROM snapshots s WHERE s.article_id IS NOT NULL AND s.url {{among}} AND {_READ}"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Address:
    """What of an address tells articles apart: neither its scheme nor www, m or /amp/, nor how it is encoded."""

    host: str
    path: str
    query: str = ""

    @classmethod
    def of(cls, url: str) -> Address:
        """Of any text; without scheme it begins with a host.

        >>> Address.of("HTTP://www.Eng.belta.by:80/amp/sport/view/%73tory-1-2026/?a=1#top")
        Address(host='eng.belta.by', path='/sport/view/story-1-2026', query='a=1')
        """
        try:
            parts = urlsplit(url if _ADDRESS.match(url) else f"//{url}")
            host, port = parts.hostname or "", parts.port
        except ValueError:  # brackets that are no IPv6 address, a port that is no number
            return cls("", url)
        host = _OTHER_DRESS.sub("", host.removesuffix("."))
        path = re.sub(r"^/amp(?=/)", "", re.sub(r"//+", "/", unquote(parts.path)), flags=re.IGNORECASE).rstrip("/")
        return cls(host if port in {None, 80, 443} else f"{host}:{port}", path, parts.query)

    @classmethod
    def without_query(cls, url: str) -> Address:
        """The same without what counts clicks."""
        return replace(cls.of(url), query="")

    def spellings(self, typed: str) -> Iterator[str]:
        """Ways in which the archive may have written it down."""
        yield typed
        path = urlsplit(typed if _ADDRESS.match(typed) else f"//{typed}").path.rstrip("/") if self.host else ""
        for scheme, dress, slash in product(("https", "http"), ("", "www.", "m."), ("/", "")) if self.host else ():
            yield f"{scheme}://{dress}{self.host}{path}{slash}"


def _ids(reader: Reader, condition: str, **values: object) -> list[int]:
    sql = f"SELECT article_id FROM articles WHERE {condition} ORDER BY article_id"  # noqa: S608 - conditions stand above
    return [row["article_id"] for row in reader.rows(sql, **values)]


def _names(reader: Reader, ids: list[int]) -> str:
    rows = (reader.row("SELECT edition, key FROM articles WHERE article_id = :id", id=one) for one in ids)
    return ", ".join(f"{row['edition']}/{row['key']}" for row in rows if row is not None)
