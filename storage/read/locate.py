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
_LONGEST = 40  # ends of a path that may be a key
_OTHER_DRESS = re.compile(r"^(?:www|m)\.", re.IGNORECASE)


class NotInArchive(DatelineError):
    """What was asked for is well named, but not there. Exit code 1."""


def locate(reader: Reader, word: str | int) -> int:
    """The `article_id` of what `word` names: ``17`` or ``#17``, ``152706``, ``harbour-en/152706`` or an address.

    A key may be anything, a number or a path: what is the name of several articles is asked back.

    Any address counts by which the archive ever met the article: on a listing, with an older slug, at a mirror, before
    a redirect. Addresses are compared without http/https, www/m, /amp/, final slash and query; a path alone is enough
    where it names one article. Raises NotInArchive, and ArgumentError for what is the name of several.
    """
    wanted = f"#{word}" if isinstance(word, int) else word.strip()
    for ids in _guesses(reader, wanted):
        if len(ids) == 1:
            return ids[0]
        if ids:
            several = "is in several editions" if len(_editions_of(reader, ids)) > 1 else "names several articles"
            raise ArgumentError(f"{wanted!r} {several}: say which, as one of {_names(reader, ids)}")
    raise NotInArchive(
        f"no article {wanted!r} in {reader.name}: name it by its number, its key (152706-2022), edition/key or address"
    )


def edition_of(reader: Reader, article_id: int) -> str:
    """The edition of an article that was located."""
    row = reader.row("SELECT edition FROM articles WHERE article_id = :id", id=article_id)
    return str(row["edition"]) if row else ""


def _guesses(reader: Reader, word: str) -> Iterator[list[int]]:
    number = _NUMBER.fullmatch(word.removeprefix("#"))
    if number and word.startswith("#"):
        yield _ids(reader, "article_id = :id", id=int(number[0]))
        return
    if not _ADDRESS.match(word):
        edition, _, key = word.partition("/")
        yield _ids(
            reader,
            "article_id = :id OR key = :word OR (edition = :edition AND key = :key)",
            id=int(number[0]) if number else None,
            word=word,
            edition=edition,
            key=key,
        )
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
    """The articles whose key is an end of an address: also on a mirror, and whatever the slug was then."""
    values = {f"key{number}": key for number, key in enumerate(_ends(Address.of(word).path))}
    among = f"edition = :edition AND key IN ({', '.join(f':{name}' for name in values)})"
    found = (_ids(reader, among, edition=one, **values) for one in editions(reader)) if values else ()
    return [number for ids in found for number in ids]


def _ends(path: str) -> list[str]:
    """What a path ends in, from each of its last slashes and hyphens on, with and without an extension."""
    whole = path.strip("/")
    starts = [place.end() for place in re.finditer("^|[/-]", whole)][-_LONGEST:]
    ends = [whole[start:] for start in starts]
    return list(dict.fromkeys(end for one in ends for end in (one, one.rpartition(".")[0]) if end))


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

        >>> Address.of("HTTP://www.News.harbour.example:80/amp/sport/view/%73tory-1-2026/?a=1#top")
        Address(host='news.harbour.example', path='/sport/view/story-1-2026', query='a=1')
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


def _editions_of(reader: Reader, ids: list[int]) -> set[str]:
    return {edition_of(reader, one) for one in ids}


def _names(reader: Reader, ids: list[int]) -> str:
    rows = (reader.row("SELECT edition, key FROM articles WHERE article_id = :id", id=one) for one in ids)
    return ", ".join(f"{row['edition']}/{row['key']}" for row in rows if row is not None)
